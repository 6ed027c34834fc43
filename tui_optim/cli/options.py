"""Reading what the command line gives: seeds and `--set` pairs."""

import re

from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value, parse_value

MAX_SEEDS = 10_000


def parse_seeds(text: str) -> list[int]:
    """Read `42`, `42,43` or `42..46` (both ends included), or a mix. Raises UsageError."""
    seeds: list[int] = []
    for part in text.split(","):
        span = re.fullmatch(r"\s*(\d{1,19})(?:\.\.(\d{1,19}))?\s*", part)
        if span is None:
            raise UsageError(f"--seeds {text!r}: expected numbers like 42, 42,43 or 42..46")
        first, last = int(span[1]), int(span[2] or span[1])
        if last < first or last - first >= MAX_SEEDS:
            raise UsageError(f"--seeds {part.strip()!r}: expected a rising range of at most {MAX_SEEDS} seeds")
        seeds += range(first, last + 1)
    return list(dict.fromkeys(seeds))


def whole_number(text: str) -> int:
    """Read a whole number; in words where it is none (Typer's own message names neither option nor value)."""
    if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
        raise UsageError(f"{text!r} is not a whole number (--epochs, --threads and --jobs take one)")
    return int(text)


def parse_settings(pairs: list[str]) -> dict[str, Value]:
    """Read `key=value` pairs. Raises UsageError."""
    values: dict[str, Value] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name.strip() or not text.strip():
            raise UsageError(f"--set {pair!r}: expected key=value, for example --set lr=0.05")
        values[name.strip()] = parse_value(text)
    return values
