"""What all runs share before they start, whatever their scenario and preset: seeds, hold-out, what ends and keeps them, X-rays,
device, threads and engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tui_optim.spec.errors import UsageError
from tui_optim.spec.executors import LOCAL, ExecutorSpec, parse_executor
from tui_optim.spec.hyperparameters import Hyperparameter, format_value, parse_value
from tui_optim.spec.keeping import MAX_EPOCHS, Keeping
from tui_optim.spec.run import DEVICE_REQUESTS, MAX_SEED, MAX_THREADS, DeviceRequest, find_device
from tui_optim.spec.seeds import parse_seeds
from tui_optim.spec.xray import EXPECTED as XRAY_EXPECTED
from tui_optim.spec.xray import XRayWish, parse_xray
from tui_optim.ui.laboratory.setting import Setting

MAX_SEEDS = 100

_HOLDOUT = Hyperparameter(name="holdout", kind="bool", default=False, help="test never touched, for choosing")
_PATIENCE = Hyperparameter(
    name="patience", kind="int", default=1, help="ends a run that gets no better", minimum=1, maximum=MAX_EPOCHS
)
_MIN_DELTA = Hyperparameter(name="min_delta", default=0.0, help="by how much better is better", minimum=0.0)
_KEEP_EVERY = Hyperparameter(
    name="keep_every", kind="int", default=1, help="checkpoints that stay, in epochs", minimum=1, maximum=MAX_EPOCHS
)
_THREADS = Hyperparameter(
    name="threads", kind="int", default=1, help="CPU threads per run", minimum=1, maximum=MAX_THREADS
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of `tui-optim run` that belong to no preset."""

    seeds: tuple[int, ...] = (42,)
    patience: int | None = None
    min_delta: float = 0.0
    keep_every: int | None = None
    holdout: bool = False
    device: DeviceRequest = "auto"
    threads: int | None = None
    """CPU threads of each run; None takes the machine's budget."""
    engine: ExecutorSpec = LOCAL
    xray: XRayWish = 0
    """Steps from one X-ray to the next; 0 takes none."""

    @property
    def keeping(self) -> Keeping:
        """When a run may end before its last epoch, and which of its checkpoints stay."""
        return Keeping(patience=self.patience, min_delta=self.min_delta, every=self.keep_every)

    def settings(self) -> list[Setting]:
        """A row for each, in the order of the fields."""
        return [
            Setting(
                key="seeds",
                text=format_seeds(self.seeds),
                help="one run for each seed",
                expected="42 or 42,43 or 42..46",
                is_changed=self.seeds != RunOptions().seeds,
            ),
            Setting(
                key="patience",
                text=format_value(self.patience or "off"),
                help=_PATIENCE.help,
                expected="off, or after how many epochs without a lower validation loss a run ends; needs held-out data",
                is_changed=self.patience is not None,
            ),
            Setting(
                key="min_delta",
                text=format_value(self.min_delta),
                help=_MIN_DELTA.help,
                expected=f"{_MIN_DELTA.expected}; with patience",
                is_changed=self.min_delta != 0.0,
            ),
            Setting(
                key="keep_every",
                text=format_value(self.keep_every or "off"),
                help=_KEEP_EVERY.help,
                expected="off, or a whole number of epochs",
                is_changed=self.keep_every is not None,
            ),
            Setting(
                key="xray",
                text=str(self.xray or "off"),
                help="look into gradients, steps and curvature on the way",
                expected=XRAY_EXPECTED.removeprefix("expected "),
                is_changed=self.xray != 0,
            ),
            Setting(
                key="holdout",
                text=format_value(self.holdout),
                help=_HOLDOUT.help,
                expected="true holds a sixth of the training set out as validation, in all runs from now on",
                choices=("true", "false"),
                is_changed=self.holdout,
            ),
            Setting(
                key="device",
                text=self.device,
                help="where runs train",
                expected="auto takes an accelerator where there is one",
                choices=DEVICE_REQUESTS,
                is_changed=self.device != "auto",
            ),
            Setting(
                key="threads",
                text=format_value(self.threads or "auto"),
                help=_THREADS.help,
                expected=f"{_THREADS.expected}, or auto for all that this machine grants",
                is_changed=self.threads is not None,
            ),
            Setting(
                key="engine",
                text=self.engine.words,
                help="what executes runs",
                expected="local, ray [host:port] or slurm [partition=gpu time=60 …], as tui-optim run --help has it",
                is_changed=self.engine != LOCAL,
            ),
        ]

    def changed(self, key: str, text: str) -> "RunOptions":
        """The same with one value as the user typed it. Raises UsageError when it is not valid."""
        return replace(self, **{key: _READERS[key](text)})

    def reset(self, key: str) -> "RunOptions":
        """The same with one value as it is at first."""
        return replace(self, **{key: getattr(RunOptions(), key)})

    @property
    def summary(self) -> str:
        """The seeds, and what else is not as it is at first, in words."""
        words = [f"seed{'s' if len(self.seeds) > 1 else ''} {format_seeds(self.seeds)}"]
        words += ["holdout"] if self.holdout else []
        words += [f"patience {self.patience}"] if self.patience else []
        words += [f"on {self.device}"] if self.device != "auto" else []
        words += [f"{self.threads} thread{'s' if self.threads > 1 else ''}"] if self.threads else []
        words += [f"by {self.engine.kind}"] if self.engine != LOCAL else []
        words += ["X-rayed"] if self.xray else []
        return ", ".join(words)


def format_seeds(seeds: Sequence[int]) -> str:
    """Inverse of `spec.seeds.parse_seeds`, with runs of three or more as a range."""
    parts: list[str] = []
    index = 0
    while index < len(seeds):
        end = index
        while end + 1 < len(seeds) and seeds[end + 1] == seeds[end] + 1:
            end += 1
        if end - index >= 2:
            parts.append(f"{seeds[index]}..{seeds[end]}")
        else:
            parts += [str(seed) for seed in seeds[index : end + 1]]
        index = end + 1
    return ",".join(parts)


def _read_seeds(text: str) -> tuple[int, ...]:
    seeds = tuple(parse_seeds(text))
    if len(seeds) > MAX_SEEDS or max(seeds) > MAX_SEED:
        raise UsageError(f"seeds = {text.strip()}: expected at most {MAX_SEEDS} seeds of at most {MAX_SEED}")
    return seeds


def _read_patience(text: str) -> int | None:
    return _or_off(_PATIENCE, text)


def _read_keep_every(text: str) -> int | None:
    return _or_off(_KEEP_EVERY, text)


def _or_off(about: Hyperparameter, text: str) -> int | None:
    if text.strip().lower() in ("off", "none"):
        return None
    return int(about.check(parse_value(text), where=about.name))


def _read_min_delta(text: str) -> float:
    return float(_MIN_DELTA.check(parse_value(text), where="min_delta"))


def _read_threads(text: str) -> int | None:
    return None if text.strip().lower() == "auto" else int(_THREADS.check(parse_value(text), where="threads"))


_READERS: dict[str, Callable[[str], Any]] = {
    "seeds": _read_seeds,
    "patience": _read_patience,
    "min_delta": _read_min_delta,
    "keep_every": _read_keep_every,
    "xray": parse_xray,
    "holdout": lambda text: _HOLDOUT.check(parse_value(text), where="holdout"),
    "device": lambda text: find_device(text.strip()),
    "threads": _read_threads,
    "engine": parse_executor,
}
OPTION_KEYS = tuple(_READERS)
DATA_KEYS = ("holdout", "device")
"""Those that decide what a worker has to load."""
