"""The runs of a home in short, for lists: what was read before is kept in a file, and counts while no file of a run has changed.

Reading a run takes as long as ten looks at it, and reading any takes all that describes runs, which loads in a quarter of a
second: where no run is new a list does without. What a run is never changes; where it stands, as of those that train, is read
again by itself. The file is nobody's truth: whoever finds it missing, damaged or of another
version reads the runs and writes it anew.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_optim.spec.errors import StoreError
from tui_optim.spec.json_text import DAMAGE, decode_time, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.store.files import replace_file
from tui_optim.store.home import Home
from tui_optim.store.stamps import Stamp, names_in, stamp_of
from tui_optim.version import VERSION

if TYPE_CHECKING:
    from tui_optim.store.catalogue import StoredRun

FORMAT_VERSION = 4
FILES = ("run.json", "status.json", "label.json")
"""What a summary is made of."""
LIMIT_BYTES = 64 * 1024 * 1024
_PASSING = ("running", "interrupted")
"""States that change without a change of a file: when the worker is killed. Such a run is looked at every time."""


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
    reason: str
    """Why it failed, or is not going on."""
    data: str
    """Kind of the data: full or sample."""
    sweep: str
    name: str
    note: str
    is_pinned: bool
    parent: str
    """Id of the run that it was forked from; '' for others."""
    branch_step: int
    """The parent's steps by then."""


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
        reason=status.reason,
        data=spec.data.kind,
        sweep=run.info.sweep,
        name=label.name,
        note=label.note,
        is_pinned=label.is_pinned,
        parent=spec.parent.run_id if spec.parent else "",
        branch_step=spec.parent.step if spec.parent else 0,
    )


def read_listing(home: Home) -> Listing:
    """Look at all folders, and read those that have changed since somebody listed them, or train."""
    path, folder = home.root / "summaries.json", str(home.runs)
    kept = _load(path)
    stamps = {name: tuple(stamp_of(f"{folder}/{name}/{file}") for file in FILES) for name in names_in(folder)}
    known = {name: one for name, one in kept.items() if stamps.get(name) == one[0] and one[1].state not in _PASSING}
    for name in (stamps.keys() & kept.keys()) - known.keys():
        if (renewed := _renewed(f"{folder}/{name}", kept[name], stamps[name])) is not None:
            known[name] = stamps[name], renewed
    found = {name: summary for name, (_, summary) in known.items()}
    damaged: Mapping[str, str] = {}
    damaged_labels: Mapping[str, str] = {}
    if unknown := stamps.keys() - known.keys():
        from tui_optim.store.catalogue import Catalogue  # all that describes runs

        catalogue = Catalogue(home)
        new = {run.run_id: summary_of(run) for run in catalogue.runs(names=unknown)}
        damaged, damaged_labels = catalogue.damaged, catalogue.damaged_labels
        found |= new
        known |= {name: (stamps[name], one) for name, one in new.items() if name not in damaged_labels}
    if known.keys() != kept.keys() or any(_is_news(known[name], one) for name, one in kept.items()):
        with suppress(StoreError):  # a home that may only be read, or a full disk
            _save(path, known)
    ordered = sorted(found.values(), key=lambda one: (one.created, one.run_id))
    return Listing(runs=ordered, damaged=damaged, damaged_labels=damaged_labels)


def _renewed(folder: str, kept: tuple[_Stamps, RunSummary], stamps: _Stamps) -> RunSummary | None:
    """A run that is what it was, with where it stands now; None where it may be another, or something cannot be read."""
    (info, _, label), summary = kept
    if stamps[0] != info or info is None:
        return None
    from tui_optim.store.status import read_status

    try:
        status = read_status(f"{folder}/status.json")
        summary = summary if stamps[2] == label else _relabelled(summary, f"{folder}/label.json", stamps[2])
    except StoreError:  # whoever reads the whole run says what is wrong
        return None
    return replace(summary, state=status.state, epoch=status.epoch, epochs=status.epochs, reason=status.reason)


def _relabelled(summary: RunSummary, path: str, stamp: Stamp) -> RunSummary:
    """Raises StoreError."""
    from tui_optim.store.label import NO_LABEL, read_label

    label = NO_LABEL if stamp is None else read_label(Path(path))
    return replace(summary, name=label.name, note=label.note, is_pinned=label.is_pinned)


def _is_news(now: tuple[_Stamps, RunSummary], kept: tuple[_Stamps, RunSummary]) -> bool:
    """Whether it is worth writing: where a run stands that trains is read again all the same."""
    return now is not kept and not (now[1].state in _PASSING and kept[1].state in _PASSING)


def _load(path: Path) -> _Kept:
    """Nothing where there is none that can be used."""
    try:
        body = parse_json(read_regular(path, limit_bytes=LIMIT_BYTES))
        if (body["version"], body["program"]) != (FORMAT_VERSION, VERSION):
            return {}
        return {name: (_stamps(stamps), _summary(row)) for name, (stamps, row) in body["runs"].items()}
    except (OSError, *DAMAGE):
        return {}


def _stamps(found: Any) -> _Stamps:
    """Raises TypeError and ValueError for what are no stamps of ours."""
    if len(found) != len(FILES):
        raise ValueError("not the stamps of a run")
    return tuple(None if one is None else (int(one[0]), int(one[1]), int(one[2])) for one in found)


def _summary(row: list[Any]) -> RunSummary:
    """Raises TypeError and ValueError for what is no row of ours."""
    if [type(value) for value in row] != _TYPES:
        raise TypeError("not a summary")
    summary = RunSummary(**dict(zip(_NAMES, row, strict=True)))
    return replace(summary, created=decode_time(summary.created))


def _save(path: Path, known: _Kept) -> None:
    rows = {name: (stamps, astuple(summary)) for name, (stamps, summary) in known.items()}
    body = {"version": FORMAT_VERSION, "program": VERSION, "runs": rows}
    replace_file(path, json.dumps(body, separators=(",", ":")).encode(), is_durable=False)


_NAMES = [field.name for field in fields(RunSummary)]
_TYPES = [field.type for field in fields(RunSummary)]
