"""What a run is called where its id would say too little, and what has to be typed before runs are deleted."""

from collections.abc import Sequence

from tui_optim.report.cells import plain_text
from tui_optim.store.catalogue import StoredRun


def spoken_name(run: StoredRun) -> str:
    """The name that the user gave it, else preset and seed."""
    spec = run.info.spec
    return run.label.name or f"{spec.preset} s{spec.seed}"


def deletion_phrase(runs: Sequence[StoredRun]) -> str:
    """What has to be typed before runs are deleted: the name of one, the number of several."""
    return spoken_name(runs[0]) if len(runs) == 1 else f"delete {len(runs)} runs"


def is_phrase(text: str, runs: Sequence[StoredRun]) -> bool:
    """Whether this is what had to be typed; the dot of `sgd·s42` may be a blank."""
    return _plain(text) == _plain(deletion_phrase(runs))


def _plain(text: str) -> str:
    """What can be typed of a name, as it is shown."""
    return " ".join(plain_text(text).replace("·", " ").split())
