"""What a home has learnt about the limits of its machines: examples per second of the barest loop, each kind measured once."""

import json
import math

from tui_optim.spec.errors import StoreError
from tui_optim.spec.json_text import DAMAGE, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.run import RunSpec
from tui_optim.store.files import replace_file
from tui_optim.store.home import Home

FILE = "bare-loops.json"
LIMIT_BYTES = 1024 * 1024
"""A limit takes a line."""


def bare_key(spec: RunSpec, *, device: str, threads: int) -> str:
    """What a limit is of; `device` is kind and name, as a status has it."""
    laid = "" if spec.memory_format == "contiguous" else f", {spec.memory_format}"
    return f"{spec.scenario}, batch {spec.batch_size}{laid}, {threads} thread(s), {device}"


def read_bare_loops(home: Home) -> dict[str, float]:
    """Examples per second by key; nothing where the file is not there or damaged."""
    try:
        body = parse_json(read_regular(home.root / FILE, limit_bytes=LIMIT_BYTES))
        found = {str(key): float(value) for key, value in body.items()}
    except (OSError, *DAMAGE):
        return {}
    return {key: value for key, value in found.items() if math.isfinite(value) and value > 0}


def keep_bare_loop(home: Home, key: str, examples_per_s: float) -> None:
    """Add a measurement; a full disk does not matter."""
    known = {**read_bare_loops(home), key: examples_per_s}
    try:
        replace_file(home.root / FILE, json.dumps(known, indent=1).encode(), is_durable=False)
    except StoreError:
        return
