"""X-rays on the command line: `show`, exports, the figure, and what is refused."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_run, make_spec
from tests.xray_runs import write_xrayed
from tui_optim.runs.client import Client
from tui_optim.store.home import open_home


def test_show_exports_and_plot_have_the_xrays(call: Caller, home: Path) -> None:
    """Tables with the cost below, JSON, rows of the long CSV, a figure."""
    run = write_xrayed(open_home(home))
    answer = call("show", "last")
    assert answer.code == 0
    assert "sharpness" in answer.out
    assert "Layers after step" in answer.out
    assert "% of training time" in answer.out
    (found,) = json.loads(call("show", "last", "--json").out)["runs"]
    assert found["xrays"][0]["step"] == 1
    assert "update_ratio/conv1" in call("export", run.run_id, "--format", "csv-long").out
    assert call("plot", "last", "--kind", "xray", "-o", "x.svg").code == 0
    assert Path("x.svg").read_bytes().startswith(b"<?xml")


def test_what_cannot_be_is_refused_in_a_sentence(call: Caller, home: Path) -> None:
    """A schedule that is none, a run that trains no more, a figure of runs without X-rays."""
    make_run(open_home(home))
    for words, sentence in (
        (("run", "circles", "sgd", "--xray", "often"), "X-ray 'often': expected auto, off, or the steps"),
        (("xray", "last"), "is finished: only queued or running runs can be X-rayed"),
        (
            ("plot", "last", "--kind", "xray", "-o", "x.svg"),
            "none of these runs was X-rayed: start one with --xray auto",
        ),
    ):
        answer = call(*words)
        assert answer.code == 2
        assert sentence in answer.err
        assert answer.err.count("\n") == 1


def test_a_member_of_a_stack_is_told_to_leave_it_first(
    call: Caller, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says so where a run may train in one, and for no other."""
    monkeypatch.setattr(Client, "ensure_supervisor", lambda _: False)
    home_of_runs = open_home(home)
    stacked = make_run(home_of_runs, make_spec("circles"), state="running")
    alone = make_run(home_of_runs, make_spec("lenet5-fashion"), state="running")
    told = call("xray", stacked.run_id, alone.run_id).out.splitlines()
    assert told[0].endswith("; if it trains in a stack, it leaves that first, and goes on alone when a slot is free")
    assert told[1].endswith("`tui-optim show` has the figures")
