"""How the reason of a run reads that its sweep's median rule stopped."""

import re

PRUNED = "pruned by the sweep's median rule"
"""How it begins."""


def pruned_reason(epoch: int) -> str:
    """The reason of a run that the median rule stopped after this epoch."""
    return f"{PRUNED} after epoch {epoch}"


def pruned_after(reason: str) -> int | None:
    """The epoch in a reason by `pruned_reason`; None for any other reason."""
    found = re.fullmatch(rf"{re.escape(PRUNED)} after epoch (\d+)", reason)
    return int(found[1]) if found else None
