"""The runs of a home in short, for lists: what was read before is kept in a file, and counts while no file of a run has changed.

Reading a run takes as long as ten looks at it, and reading any takes all that describes runs, which loads in a quarter of a
second: where nothing is new a list does without. The file is nobody's truth: whoever finds it missing, damaged or of another
version reads the runs and writes it anew.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_optim.spec.errors import StoreError
from tui_optim.spec.regular_file import read_regular
from tui_optim.store.files import replace_file
from tui_optim.store.home import Home
from tui_optim.store.stamps import Stamp, names_in, stamp_of
from tui_optim.version import VERSION

if TYPE_CHECKING:
    from tui_optim.store.catalogue import StoredRun

FORMAT_VERSION = 1
FILES = ("run.json", "status.json", "label.json")
"""What a summary is made of."""
LIMIT_BYTES = 64 * 1024 * 1024
_PASSING = ("running", "interrupted")
"""States that change without a change of a file: when the worker is killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in a list."""

    run_id: str
    created: float
    """Seconds since the epoch (UTC)."""
    scenario: str
    preset: str
    seed: int
    state: str
    epoch: int
    epochs: int
    data: str
    """Kind of the data: full or sample."""
    sweep: str
    name: str
    note: str
    is_pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All runs of a home, as they were at one look."""

    runs: list[RunSummary]
    """Oldest first."""
    damaged: Mapping[str, str]
    """Folder name → why it holds no run that can be read."""
    damaged_labels: Mapping[str, str]
    """Run id → why its label cannot be read; the run is listed without it."""


_Stamps = tuple[Stamp, ...]
_Kept = dict[str, tuple[_Stamps, RunSummary]]


def summary_of(run: "StoredRun") -> RunSummary:
    """A run that has been read, in short."""
    spec, status, label = run.info.spec, run.status, run.label
    return RunSummary(
        run_id=run.run_id,
        created=run.info.created,
        scenario=spec.scenario,
        preset=spec.preset,
        seed=spec.seed,
        state=status.state,
        epoch=status.epoch,
        epochs=status.epochs,
        data=spec.data.kind,
        sweep=run.info.sweep,
        name=label.name,
        note=label.note,
        is_pinned=label.is_pinned,
    )


def read_listing(home: Home) -> Listing:
    """Look at all folders, and read those that have changed since somebody listed them, or train."""
    path, folder = home.root / "summaries.json", str(home.runs)
    kept = _load(path)
    stamps = {name: tuple(stamp_of(f"{folder}/{name}/{file}") for file in FILES) for name in names_in(folder)}
    known = {name: one for name, one in kept.items() if stamps.get(name) == one[0]}
    found = {name: summary for name, (_, summary) in known.items()}
    damaged: Mapping[str, str] = {}
    damaged_labels: Mapping[str, str] = {}
    if unknown := stamps.keys() - known.keys():
        from tui_optim.store.catalogue import Catalogue  # all that describes runs

        catalogue = Catalogue(home)
        new = {run.run_id: summary_of(run) for run in catalogue.runs(names=unknown)}
        damaged, damaged_labels = catalogue.damaged, catalogue.damaged_labels
        found |= new
        known |= {name: (stamps[name], one) for name, one in _lasting(new, damaged_labels)}
    if known.keys() != kept.keys() or any(known[name] is not one for name, one in kept.items()):
        with suppress(StoreError):  # a home that may only be read, or a full disk
            _save(path, known)
    ordered = sorted(found.values(), key=lambda one: (one.created, one.run_id))
    return Listing(runs=ordered, damaged=damaged, damaged_labels=damaged_labels)


def _lasting(new: Mapping[str, RunSummary], damaged_labels: Mapping[str, str]) -> Iterable[tuple[str, RunSummary]]:
    return ((name, one) for name, one in new.items() if one.state not in _PASSING and name not in damaged_labels)


def _load(path: Path) -> _Kept:
    """Nothing where there is none that can be used."""
    try:
        body = json.loads(read_regular(path, limit_bytes=LIMIT_BYTES).decode())
        if (body["version"], body["program"]) != (FORMAT_VERSION, VERSION):
            return {}
        return {name: (_stamps(stamps), _summary(row)) for name, (stamps, row) in body["runs"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _stamps(found: Any) -> _Stamps:
    return tuple(None if one is None else (int(one[0]), int(one[1]), int(one[2])) for one in found)


def _summary(row: list[Any]) -> RunSummary:
    """Raises TypeError for what is no row of ours."""
    if [type(value) for value in row] != _TYPES:
        raise TypeError("not a summary")
    return RunSummary(**dict(zip(_NAMES, row, strict=True)))


def _save(path: Path, known: _Kept) -> None:
    rows = {name: (stamps, astuple(summary)) for name, (stamps, summary) in known.items()}
    body = {"version": FORMAT_VERSION, "program": VERSION, "runs": rows}
    replace_file(path, json.dumps(body, separators=(",", ":")).encode(), is_durable=False)


_NAMES = [field.name for field in fields(RunSummary)]
_TYPES = [field.type for field in fields(RunSummary)]
