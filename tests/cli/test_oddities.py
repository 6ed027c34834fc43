"""A home with everything in it that is no whole run: a line says how much, and every command works on the rest."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_run, make_spec
from tests.oddities import DAMAGED_LOGS, add_all_oddities, add_oddity
from tui_optim.report.formats import EXPORT_FORMATS
from tui_optim.store.home import open_home


def test_every_command_tells_in_one_line_what_it_leaves_out(call: Caller, home: Path) -> None:
    """On standard error, with their number, and the result is that of the run which is whole."""
    opened = open_home(home)
    good = make_run(opened)
    said = add_all_oddities(opened)
    for words in (
        ["list", "runs"],
        ["list", "runs", "--json"],
        ["status"],
        ["status", "--json"],
        ["show", "last"],
        ["compare"],
        *(["export", "--format", form] for form in EXPORT_FORMATS),
        ["report", "-o", "report.html"],
        ["plot", "-o", "curves.svg"],
    ):
        answer = call(*words)
        lines = [line for line in answer.err.splitlines() if not line.startswith("wrote ")]
        assert (answer.code, len(lines)) == (0, 1), words
        assert lines[0].startswith(f"tui-optim: left out: {len(said)} folders that cannot be read, among them {home}")
        assert any(sentence in lines[0] for sentence in said), words

    assert [row["id"] for row in json.loads(call("list", "runs", "--json").out)["runs"]] == [good.run_id]
    assert json.loads(call("status", "--json").out)["counts"] == {"finished": 1}
    assert call("status", "--tmux").err == ""
    for words in (["show", "last"], ["show", "last", "--json"], ["export", "last"], ["compare", "lenet5-fashion"]):
        assert call(*words).code == 0, words
    assert call("resume", "last").code == 2  # it is finished: found all the same


@pytest.mark.parametrize("kind", DAMAGED_LOGS)
def test_a_damaged_log_takes_nothing_from_the_others(call: Caller, home: Path, kind: str) -> None:
    """The run stands in every table with what its status knows; unless its log has gone, a line says what is wrong."""
    opened = open_home(home)
    make_run(opened, make_spec(seed=1))
    spoilt = make_run(opened, make_spec(seed=2))
    DAMAGED_LOGS[kind](spoilt.folder.path)
    expected = 0 if kind == "no log" else 1
    for words in (
        ["show", spoilt.run_id],
        ["compare"],
        ["export", "--format", "csv"],
        ["export", "--format", "json"],
        ["report", "-o", "report.md"],
        ["plot", "-o", "curves.svg"],
    ):
        answer = call(*words)
        lines = [line for line in answer.err.splitlines() if not line.startswith("wrote ")]
        assert (answer.code, len(lines)) == (0, expected), words
    assert len(json.loads(call("export", "--format", "json").out)["runs"]) == 2


def test_one_folder_is_told_with_its_reason(call: Caller, home: Path) -> None:
    """No number where there is nothing to count."""
    opened = open_home(home)
    make_run(opened)
    add_oddity(opened, "a newer format")
    (line,) = call("list", "runs").err.splitlines()
    assert line.startswith(f"tui-optim: left out: {home}")
    assert line.endswith("run.json: written by a newer tui-optim, in format 2; update to read it")


def test_several_damaged_logs_are_one_line(call: Caller, home: Path) -> None:
    """With their number; their runs are in the table."""
    opened = open_home(home)
    for seed in (1, 2, 3):
        DAMAGED_LOGS["rubbish"](make_run(opened, make_spec(seed=seed)).folder.path)
    answer = call("export", "--format", "csv")
    (line,) = answer.err.splitlines()
    assert line.startswith("tui-optim: left out: parts of 3 logs, among them ")
    assert len(answer.out.splitlines()) == 4


def test_a_home_without_one_whole_run_says_why(call: Caller, home: Path) -> None:
    """That there are no runs would be half of the truth."""
    add_oddity(open_home(home), "rubbish as run.json")
    answer = call("report")
    told, refused = answer.err.splitlines()
    assert answer.code == 2
    assert "run.json: damaged" in told
    assert "no runs yet" in refused


def test_doctor_names_each_folder(call: Caller, home: Path) -> None:
    """However many."""
    opened = open_home(home)
    make_run(opened)
    said = add_all_oddities(opened)
    checks = json.loads(call("doctor", "--json").out)["checks"]
    named = [check["text"] for check in checks if check["name"] == "runs" and not check["ok"]]
    assert len(named) == len(said)
    assert all(any(sentence in text for text in named) for sentence in said)


def test_a_line_per_run_in_a_pipe(call: Caller, home: Path) -> None:
    """However long: it may be searched. The sweep that a run belongs to is in the JSON."""
    runs = [make_run(open_home(home), make_spec(seed=seed)) for seed in (1, 2)]
    title, *lines = call("list", "runs").out.splitlines()
    rows = json.loads(call("list", "runs", "--json").out)["runs"]

    assert title.split() == ["id", "state", "epoch", "data", "scenario"]
    assert [line.split() for line in lines] == [
        [run.run_id, "finished", "2/2", "full", "lenet5-fashion"] for run in runs
    ]
    assert [row["sweep"] for row in rows] == ["", ""]
