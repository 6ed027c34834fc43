"""Finding runs on the command line: filters and orders of `list runs`, and the same filters wherever runs are chosen."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_preset, make_run, make_spec
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import open_home
from tui_optim.store.label import relabel


def write_runs(home: Path) -> list[StoredRun]:
    """Three rates, the fastest of which diverged."""
    states = {0.01: "finished", 0.1: "finished", 1.0: "diverged"}
    return [
        make_run(open_home(home), make_spec(preset=make_preset(hyperparameters={"lr": lr}), seed=seed), state=state)  # type: ignore[arg-type]
        for seed, (lr, state) in enumerate(states.items())
    ]


def test_a_filter_leaves_runs(call: Caller, home: Path) -> None:
    """In the table and in JSON, oldest first."""
    runs = write_runs(home)
    lines = call("list", "runs", "--filter", "lr>=0.1").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [run.run_id for run in runs[1:]]
    rows = json.loads(call("list", "runs", "--filter", "lr>=0.1 state=diverged", "--json").out)["runs"]
    assert [row["id"] for row in rows] == [runs[2].run_id]


def test_runs_are_sorted(call: Caller, home: Path) -> None:
    """By a field that then has a column; a minus has the largest first."""
    runs = write_runs(home)
    rows = json.loads(call("list", "runs", "--sort", "-lr", "--json").out)["runs"]
    assert [row["id"] for row in rows] == [run.run_id for run in reversed(runs)]
    header, first, *_ = call("list", "runs", "--sort", "lr").out.splitlines()
    assert header.split() == ["id", "state", "epoch", "lr", "data", "scenario"]
    assert first.split()[3] == "0.01"
    relabel(runs[1].folder.label, name="b")
    relabel(runs[2].folder.label, name="a")
    for field, texts in (("-seed", ["2", "1", "0"]), ("name", ["a", "b"])):
        header, *lines = call("list", "runs", "--sort", field).out.splitlines()
        assert header.split()[3] == field.removeprefix("-")
        assert header.split().count(header.split()[3]) == 1
        assert [line.split()[3] for line in lines][: len(texts)] == texts


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--filter", "rate>1"), "unknown field 'rate'"),
        (("--filter", "momentum=0.9"), "none of 3 run(s) matches momentum=0.9"),
        (("--sort", "-acuracy"), "did you mean"),
    ],
)
def test_what_leaves_nothing_is_one_sentence(call: Caller, home: Path, words: tuple[str, str], sentence: str) -> None:
    """And exit code 2."""
    write_runs(home)
    answer = call("list", "runs", *words)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert len(answer.err.splitlines()) == 1


def test_the_same_filter_chooses_what_is_exported_and_compared(call: Caller, home: Path, tmp_path: Path) -> None:
    """Beside names, or alone."""
    runs = write_runs(home)
    exported = json.loads(call("export", "--filter", "state=finished", "--format", "json").out)["runs"]
    assert [run["run_id"] for run in exported] == [run.run_id for run in runs[:2]]
    compared = json.loads(call("compare", "lenet5-fashion", "--filter", "lr<1", "--json").out)
    assert [run["run_id"] for run in compared["runs"]] == [run.run_id for run in runs[:2]]
    assert call("report", "--filter", "lr<0.1", "-o", str(tmp_path / "one.md")).err.startswith(
        "wrote a report of 1 run"
    )


def test_names_and_notes_are_listed_and_shown(call: Caller, home: Path) -> None:
    """Without labels there is no such column."""
    runs = write_runs(home)
    assert "name" not in call("list", "runs").out.splitlines()[0]
    assert call("rename", runs[0].run_id, "the slow one").out == f"{runs[0].run_id}  is called the slow one\n"
    assert call("note", runs[0].run_id, "for chapter 2").code == call("pin", "the slow one").code == 0
    lines = call("list", "runs").out.splitlines()
    assert lines[0].split()[-1] == "name"
    assert lines[1].endswith("the slow one")
    shown = call("show", "the slow one").out
    assert "name: the slow one, pinned" in shown
    assert "note: for chapter 2" in shown
    assert json.loads(call("pin", "the slow one", "--off", "--json").out)["pinned"] is False
    assert call("list", "runs", "--filter", "chapter").out.count("\n") == 2


def test_a_name_that_steers_a_terminal_is_refused(call: Caller, home: Path) -> None:
    """So is one that turns the reading direction, and one that is too long."""
    write_runs(home)
    for name in ("\x1b[2J", "a\u202eb", "x" * 61):
        answer = call("rename", "last", name)
        assert answer.code == 2
        assert answer.err.strip().isprintable()


def test_a_damaged_label_is_told_and_the_run_listed(call: Caller, home: Path) -> None:
    """A new name puts it right."""
    runs = write_runs(home)
    relabel(runs[0].folder.label, name="mine")
    runs[0].folder.label.write_text('{"name": "\\u001b[2J", "note": "", "pinned": false}', encoding="utf-8")
    answer = call("list", "runs")
    assert len(answer.out.splitlines()) == 4
    assert "label.json: damaged" in answer.err
    call("rename", runs[0].run_id, "again")
    assert "damaged" not in call("list", "runs").err


def test_deleting_asks_for_the_name(call: Caller, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else deletes nothing; where nobody can be asked, it takes --yes."""
    runs = write_runs(home)
    answer = call("delete", runs[0].run_id)
    assert (answer.code, runs[0].folder.path.exists()) == (2, True)
    assert "--yes" in answer.err
    monkeypatch.setattr("tui_optim.cli.delete.has_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "yes")
    assert "nothing is deleted" in call("delete", runs[0].run_id).err
    monkeypatch.setattr("builtins.input", lambda _: "sgd-baseline s0")
    assert call("delete", runs[0].run_id).out.endswith(f"{runs[0].run_id}  deleted\n")
    monkeypatch.setattr("builtins.input", lambda _: "delete 2 runs")
    assert call("delete", runs[1].run_id, runs[2].run_id).code == 0
    assert call("list", "runs").out == "no runs yet\n"


def test_an_input_that_ends_deletes_nothing(call: Caller, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+d is an answer like any other: not the name."""
    (run, *_) = write_runs(home)
    monkeypatch.setattr("tui_optim.cli.delete.has_terminal", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    answer = call("delete", run.run_id)
    assert (answer.code, "nothing is deleted" in answer.err) == (2, True)
    assert run.folder.path.exists()


def test_what_trains_is_not_deleted(call: Caller, home: Path) -> None:
    """Not with --yes either, and with it nothing else that was named."""
    done = make_run(open_home(home))
    running = make_run(open_home(home), make_spec(seed=7), state="running")
    answer = call("delete", done.run_id, running.run_id, "--yes")
    assert (answer.code, done.folder.path.exists()) == (2, True)
    assert "is running: stop it first" in answer.err
    assert call("delete", done.run_id, "--yes").code == 0
    assert not done.folder.path.exists()


def test_runs_differ_in_a_few_keys(call: Caller, home: Path, tmp_path: Path) -> None:
    """Printed, as JSON beside the runs, and as a file; one run alone is refused."""
    runs = write_runs(home)
    out = call("diff", runs[0].run_id, runs[2].run_id).out
    assert [line.split()[0] for line in out.splitlines()[2:4]] == ["lr", "seed"]
    rows = json.loads(call("diff", runs[0].run_id, runs[2].run_id, "--json").out)["differences"]
    assert [row["key"] for row in rows] == ["lr", "seed"]
    assert rows[0][runs[2].run_id] == "1"
    assert call("diff", "sgd-baseline", "--format", "markdown", "-o", str(tmp_path / "d.md")).code == 0
    assert "| lr | 0.01 | 0.1 | 1 |" in (tmp_path / "d.md").read_text(encoding="utf-8")
    answer = call("diff", "last")
    assert (answer.code, len(answer.err.splitlines())) == (2, 1)


def test_a_name_stands_beside_the_id_in_exports(call: Caller, home: Path) -> None:
    """As a column where some run has one, and in JSON."""
    runs = write_runs(home)
    assert ",name," not in call("export", "--format", "csv").out.splitlines()[0]
    call("rename", runs[0].run_id, "the slow one")
    header, first, *_ = call("export", "--format", "csv").out.splitlines()
    assert "name" in header.split(",")
    assert "the slow one" in first.split(",")
    assert json.loads(call("show", runs[0].run_id, "--json").out)["runs"][0]["name"] == "the slow one"
