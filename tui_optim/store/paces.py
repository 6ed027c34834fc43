"""What a home has learnt about stacks: how fast its machine is with one, and run by run. Kept so that it is measured once."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tui_optim.spec.errors import StoreError
from tui_optim.spec.json_text import DAMAGE, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.results import decode_float, encode_number
from tui_optim.store.files import replace_file
from tui_optim.store.home import Home

FILE = "paces.json"
LIMIT_BYTES = 1024 * 1024
"""A measurement takes some lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPace:
    """A measurement, and what follows from it."""

    about: str
    """What was measured: the stack's key."""
    num_runs: int
    slots: int
    stack_s: float
    """Seconds of an epoch of all runs together."""
    alone_s: float
    """Seconds of an epoch of one run alone."""

    @property
    def gain(self) -> float:
        """How many times as fast the stack is as the same runs in as many processes as there are slots; 0 if none was timed."""
        if not math.isfinite(self.stack_s + self.alone_s):
            return 0.0
        return self.alone_s * self.num_runs / min(self.slots, self.num_runs) / self.stack_s

    @property
    def is_stack_faster(self) -> bool:
        """Whether the runs train together."""
        return self.gain > 1

    @property
    def summary(self) -> str:
        """A line about this home."""
        ways = f"{self.num_runs} together" if self.is_stack_faster else f"{self.num_runs} one by one"
        return f"{self.about}, {self.slots} slot(s): {ways}; a stack is {self.gain:.1f} times as fast"

    @property
    def text(self) -> str:
        """A sentence for a run's log."""
        together, alone = f"{1000 * self.stack_s:.3g} ms", f"{1000 * self.alone_s:.3g} ms"
        figures = f"an epoch of {self.num_runs} runs together took {together}, of one alone {alone}"
        if not math.isfinite(self.stack_s + self.alone_s):
            return "trains by itself: whether a stack of models is faster here could not be measured, as it diverged"
        if self.is_stack_faster:
            return f"trains in a stack of models, {self.gain:.1f} times as fast here as run by run: {figures}"
        return f"trains by itself, as a stack of models is {self.gain:.1f} times as fast here as run by run: {figures}"


def read_paces(home: Home) -> dict[str, StackPace]:
    """What has been measured, by key; nothing where the file is not there or damaged."""
    try:
        body = parse_json(read_regular(home.root / FILE, limit_bytes=LIMIT_BYTES))
        return {str(key): _pace(value) for key, value in body.items()}
    except (OSError, *DAMAGE):
        return {}


def _pace(body: Mapping[str, Any]) -> StackPace:
    """Raises what `DAMAGE` lists."""
    num_runs, slots = int(body["num_runs"]), int(body["slots"])
    stack_s, alone_s = decode_float(body["stack_s"]), decode_float(body["alone_s"])
    if num_runs < 1 or slots < 1 or stack_s <= 0 or alone_s < 0:  # NaN is what diverged
        raise ValueError("no measurement")
    return StackPace(about=str(body["about"]), num_runs=num_runs, slots=slots, stack_s=stack_s, alone_s=alone_s)


def keep_pace(home: Home, key: str, pace: StackPace) -> None:
    """Add a measurement; a full disk does not matter."""
    known = {**read_paces(home), key: pace}
    body = {name: {key: encode_number(value) for key, value in asdict(one).items()} for name, one in known.items()}
    try:
        replace_file(home.root / FILE, json.dumps(body, indent=1).encode(), is_durable=False)
    except StoreError:
        return
