"""The list of runs: what is kept of it counts only while no file of a run has changed, and is nobody's truth."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_run, make_spec
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.home import Home, open_home
from tui_optim.store.label import relabel
from tui_optim.store.liveness import current_identity
from tui_optim.store.status import write_status
from tui_optim.store.summaries import read_listing, summary_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with three runs."""
    made = open_home(tmp_path)
    for seed in (1, 2, 3):
        make_run(made, make_spec(seed=seed))
    return made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The folders that are read, look by look."""
    looks: list[set[str]] = []
    original: Callable[..., object] = Catalogue.runs

    def runs(self: Catalogue, *, names: set[str]) -> object:
        looks.append(set(names))
        return original(self, names=names)

    monkeypatch.setattr(Catalogue, "runs", runs)
    return looks


def check(home: Home) -> list[str]:
    """A listing is what reading all runs gives; returns their states."""
    listing = read_listing(home)
    catalogue = Catalogue(home)
    assert listing.runs == [
        summary_of(run) for run in catalogue.runs(names={path.name for path in home.runs.iterdir()})
    ]
    assert dict(listing.damaged) == catalogue.damaged
    assert dict(listing.damaged_labels) == catalogue.damaged_labels
    return [run.state for run in listing.runs]


def test_a_run_is_read_once(home: Home, read: list[set[str]]) -> None:
    """The second list reads nothing; a new run is read alone."""
    first = read_listing(home)
    assert read_listing(home) == first
    assert read == [{run.run_id for run in first.runs}]
    new = make_run(home, make_spec(seed=4))
    assert len(read_listing(home).runs) == 4
    assert read[1:] == [{new.run_id}]


def test_every_change_is_seen(home: Home) -> None:
    """Of a state, a name, a file edited by hand; a folder that goes, is damaged, and is put right again."""
    assert check(home) == ["finished"] * 3
    first, second, third = Catalogue(home).runs()
    write_status(first.folder.status, replace(first.status, state="failed", reason="lost"))
    relabel(second.folder.label, name="large batch")
    info = third.folder.path / "run.json"
    whole = info.read_text(encoding="utf-8")
    info.write_text(whole.replace('"seed": 3', '"seed": 8'), encoding="utf-8")
    assert check(home) == ["failed", "finished", "finished"]
    assert [(run.seed, run.name) for run in read_listing(home).runs] == [(1, ""), (2, "large batch"), (8, "")]

    info.write_text("{", encoding="utf-8")
    second.folder.label.write_text("{", encoding="utf-8")
    for _ in range(2):  # also where it is known
        assert check(home) == ["failed", "finished"]
        assert set(read_listing(home).damaged) == {third.run_id}
        assert set(read_listing(home).damaged_labels) == {second.run_id}
    info.write_text(whole, encoding="utf-8")
    first.folder.path.rename(home.root / "elsewhere")
    assert check(home) == ["finished", "finished"]


def test_a_worker_that_dies_is_seen_without_a_change_of_a_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that trains is looked at every time, though what it is is not read again."""
    run = Catalogue(home).runs()[0]
    check(home)
    write_status(run.folder.status, replace(run.status, state="running", owner=current_identity()))
    assert check(home)[0] == "running"
    with monkeypatch.context() as patch:
        patch.delattr(Catalogue, "runs")
        assert read_listing(home).runs[0].state == "running"
    monkeypatch.setattr("tui_optim.store.status.is_alive", lambda *_, **__: False)
    assert check(home)[0] == "interrupted"


def test_a_file_that_cannot_be_used_is_made_anew(home: Home) -> None:
    """Torn, of another version, of wrong types; and a home that may only be read is listed all the same."""
    check(home)
    path = home.root / "summaries.json"
    good = path.read_text(encoding="utf-8")
    body = json.loads(good)
    name = next(iter(body["runs"]))
    wrong = {**body["runs"], name: [body["runs"][name][0], [1] * len(body["runs"][name][1])]}
    unstamped = {**body["runs"], name: [[], body["runs"][name][1]]}
    others = ({**body, "program": "0"}, {**body, "runs": wrong}, {**body, "runs": unstamped})
    for text in ("", good[:-9], "[]", *map(json.dumps, others)):
        path.write_text(text, encoding="utf-8")
        assert check(home) == ["finished"] * 3
        assert path.read_text(encoding="utf-8") == good
    path.unlink()
    path.mkdir()
    assert check(home) == ["finished"] * 3
