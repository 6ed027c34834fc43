"""Seeds as users type them."""

import re
from collections.abc import Iterable

from tui_optim.spec.errors import UsageError, shown

MAX_SEEDS = 10_000


def parse_seeds(text: str) -> list[int]:
    """Read `42`, `42,43` or `42..46` (both ends included), or a mix; doubles count once. Raises UsageError."""
    seeds: dict[int, None] = {}
    for part in text.split(","):
        span = re.fullmatch(r"\s*(\d{1,19})(?:\.\.(\d{1,19}))?\s*", part)
        if span is None:
            raise UsageError(f"seeds {shown(text)}: expected numbers like 42, 42,43 or 42..46")
        first, last = int(span[1]), int(span[2] or span[1])
        if last < first or last - first >= MAX_SEEDS:
            raise UsageError(f"seeds {part.strip()!r}: expected a rising range of at most {MAX_SEEDS} seeds")
        seeds.update(dict.fromkeys(range(first, last + 1)))
        if len(seeds) > MAX_SEEDS:
            raise UsageError(f"seeds {shown(text)}: expected at most {MAX_SEEDS} seeds")
    return list(seeds)


def format_seeds(seeds: Iterable[int]) -> str:
    """Inverse of `parse_seeds`, sorted: `42..46`, or `7,42..44`; two in a row stay two."""
    spans: list[list[int]] = []
    for seed in sorted(set(seeds)):
        if spans and seed == spans[-1][-1] + 1:
            spans[-1].append(seed)
        else:
            spans.append([seed])
    return ",".join(f"{span[0]}..{span[-1]}" if len(span) > 2 else ",".join(map(str, span)) for span in spans)
