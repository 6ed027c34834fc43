"""Reading seeds as users type them."""

import re

from tui_optim.spec.errors import UsageError

MAX_SEEDS = 10_000


def parse_seeds(text: str) -> list[int]:
    """Read `42`, `42,43` or `42..46` (both ends included), or a mix; doubles count once. Raises UsageError."""
    seeds: list[int] = []
    for part in text.split(","):
        span = re.fullmatch(r"\s*(\d{1,19})(?:\.\.(\d{1,19}))?\s*", part)
        if span is None:
            raise UsageError(f"seeds {text!r}: expected numbers like 42, 42,43 or 42..46")
        first, last = int(span[1]), int(span[2] or span[1])
        if last < first or last - first >= MAX_SEEDS:
            raise UsageError(f"seeds {part.strip()!r}: expected a rising range of at most {MAX_SEEDS} seeds")
        seeds += range(first, last + 1)
    return list(dict.fromkeys(seeds))
