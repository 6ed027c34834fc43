"""The files of a home by themselves, by the thousand: each reader gives a value, or the one error that names the file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.attacks.mutation import broken_bytes, broken_json_bytes, broken_lines
from tests.attacks.sandbox import fill
from tests.attacks.withstanding import num_cases, refused_calmly, withstand
from tui_optim.report.cells import plain_text
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.formats import row_objects
from tui_optim.report.runobject import runs_object
from tui_optim.report.series import load_series
from tui_optim.spec.commands import COMMANDS
from tui_optim.spec.errors import StoreError
from tui_optim.store.bare_loops import read_bare_loops
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.checkpoints import load_checkpoint, read_header
from tui_optim.store.control import read_requests
from tui_optim.store.eventlog import EventWriter, read_curve, read_log
from tui_optim.store.home import Home
from tui_optim.store.paces import read_paces
from tui_optim.store.pictures import read_film, read_predictions
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.summaries import read_listing
from tui_optim.store.sweepfolder import read_sweeps

FILM = b'{"version": 1, "frames": [[0, 0, "AAAAAAAAgD8="], [5, 100, "AAAAQAAAAEA="]]}'
PREDICTIONS = b'{"version": 1, "split": "test", "count": 2, "indices": 0}\n\x01\x02\xff\x80'
ORDER = b'{"command": "rate", "reason": "why", "value": 0.5}'
PACES = b'{"circles": {"about": "circles", "num_runs": 4, "slots": 1, "stack_s": 0.5, "alone_s": 0.25}}'
LOOPS = b'{"circles, batch 10": 1234.5}'


def look(home: Home) -> None:
    """Lists, tables and objects of all runs that can be read."""
    read_listing(home)
    read_listing(home)  # from what the first has kept
    runs = Catalogue(home).runs()
    series = {run.run_id: load_series(run.folder) for run in runs}
    if runs:
        row_objects(comparison_table(runs, series))
        json.dumps(runs_object(runs), allow_nan=False)


def look_at_log(home: Home) -> None:
    """What a log says, its curve, and what a new writer makes of it."""
    path = _first(home, "events.jsonl")
    read_curve(path, "val_loss")
    read_log(path, is_brief=True)
    look(home)
    EventWriter(path).close()


def look_at_sweeps(home: Home) -> None:
    """Sweeps and their trials; none of them names a run outside of the home."""
    for sweep in read_sweeps(home)[0]:
        for trial in sweep.trials():
            assert (home.runs / trial.run_id).parent == home.runs


def look_at_orders(home: Home) -> None:
    """Commands; their numbers are numbers."""
    for request in read_requests(_first(home, "control"), COMMANDS):
        plain_text(f"{request.command} {request.value or 0:g} {request.reason}")


def look_at_checkpoints(home: Home) -> None:
    """Header and content."""
    path = _first(home, "checkpoints/last.pt")
    load_checkpoint(path.parent)
    read_header(path)


def _of_first(read: Callable[[RunFolder], object]) -> Callable[[Home], None]:
    def look_at(home: Home) -> None:
        read(RunFolder(_first(home, "run.json").parent))

    return look_at


def _first(home: Home, name: str) -> Path:
    """The file of the first run that has it."""
    return next(path for path in sorted(home.runs.glob(f"*/{name}")))


FILES: dict[str, tuple[str, Callable[[Home], object], bytes | None]] = {
    "run.json": ("runs/*/run.json", look, None),
    "status": ("runs/*/status.json", look, None),
    "label": ("runs/*/label.json", look, b'{"version": 1, "name": "large", "note": "x", "pinned": true}'),
    "log": ("runs/*/events.jsonl", look_at_log, None),
    "summaries": ("summaries.json", look, None),
    "sweep": ("sweeps/*/sweep.json", look_at_sweeps, None),
    "sweep status": ("sweeps/*/status.json", look_at_sweeps, None),
    "trials": ("sweeps/*/trials.jsonl", look_at_sweeps, None),
    "order": ("runs/*/control/1.json", look_at_orders, ORDER),
    "checkpoint": ("runs/*/checkpoints/last.pt", look_at_checkpoints, None),
    "film": ("runs/*/film.json", _of_first(read_film), FILM),
    "predictions": ("runs/*/predictions.bin", _of_first(read_predictions), PREDICTIONS),
    "paces": ("paces.json", lambda home: [pace.summary + pace.text for pace in read_paces(home).values()], PACES),
    "bare loops": ("bare-loops.json", read_bare_loops, LOOPS),
}


@pytest.mark.parametrize("name", FILES)
@num_cases(6, 300)
def test_a_file_is_read_or_named(home: Home, name: str, num_cases: int) -> None:
    """Never anything but a StoreError."""
    place, look_at, content = FILES[name]
    fill(home)
    read_listing(home)
    folder, _, file = place.rpartition("/")
    found = sorted(home.root.glob(place)) or [(sorted(home.root.glob(folder))[0] if folder else home.root) / file]
    path = found[0]
    sound = content or path.read_bytes()
    path.write_bytes(sound)
    look_at(home)

    def check(broken: bytes) -> None:
        path.write_bytes(broken)
        with refused_calmly(StoreError, naming=str(path)):
            look_at(home)

    withstand(_broken(path.suffix, sound), check, num_cases=num_cases)


def _broken(suffix: str, sound: bytes) -> st.SearchStrategy[bytes]:
    if suffix == ".json":
        return broken_json_bytes(sound)
    if suffix == ".jsonl":
        return broken_lines(sound)
    line, mark, rest = sound.partition(b"\n")
    return broken_bytes(sound) | broken_json_bytes(line).map(lambda head: head + mark + rest)
