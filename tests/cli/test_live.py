"""`evaluate`, `checkpoint`, `rate`, `extend`, `kill` and `stop` on runs that nobody trains, and what `show` says of commands."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_events, make_result, make_run, make_spec
from tests.ui.stage import rewrite_log
from tui_optim.spec.events import CommandSeen, Ended, Evaluated
from tui_optim.spec.presets import Preset
from tui_optim.store.home import open_home


def test_a_paused_run_takes_rate_epochs_and_stop(call: Caller, home: Path) -> None:
    """Each is written down at once, and told in a line; nothing has to be started for it."""
    run = make_run(open_home(home), state="paused")

    assert call("rate", "last", "0.5").out == f"{run.run_id}  told to multiply its rate by 0.5\n"
    assert json.loads(call("extend", "last", "3", "--json").out) == {
        "runs": [run.run_id],
        "command": "extend",
        "value": 3,
    }
    assert call("stop", "last").code == 0

    status = run.folder.read_status()
    assert (status.state, status.epochs) == ("stopped", run.info.spec.epochs + 3)
    assert status.commands == f"rate ×0.5 at step {status.step:,}, +3 epochs at step {status.step:,}"


def test_what_cannot_be_told_keeps_no_other_from_being_told(call: Caller, home: Path) -> None:
    """Of three runs one is over: the others stop, and the sentence is about that one."""
    root = open_home(home)
    first, last = (make_run(root, make_spec(seed=seed), state="paused") for seed in (1, 2))
    over = make_run(root, make_spec(seed=3))
    answer = call("stop", first.run_id, over.run_id, last.run_id)
    assert answer.code == 2
    assert answer.out.split()[::4] == [first.run_id, last.run_id]
    assert f"{over.run_id} is finished" in answer.err
    assert [run.folder.read_status().state for run in (first, over, last)] == ["stopped", "finished", "stopped"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["evaluate", "last"], "is paused: only queued or running runs can be told to evaluate"),
        (["checkpoint", "last"], "is paused: only queued or running runs can be told to keep a checkpoint"),
        (["kill", "last"], "is paused: only a run that trains has a process to end; stop ends it otherwise"),
        (["rate", "last", "0"], "rate × 0: expected a factor in [0.001, 1000], for example 0.5 or 2"),
        (["rate", "last", "nan"], "rate × nan: expected a factor in [0.001, 1000], for example 0.5 or 2"),
        (["extend", "last", "0"], "0 more epochs: expected a whole number in ["),
        (["rate", "last", "half"], "should be a valid number"),
        (["rate", "nobody", "2"], "unknown run 'nobody'"),
    ],
)
def test_a_refusal_is_one_sentence(call: Caller, home: Path, words: list[str], sentence: str) -> None:
    """With exit code 2 and no traceback."""
    make_run(open_home(home), state="paused")
    answer = call(*words)
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.err.count("\n") == 1


def test_a_line_search_has_no_rate(call: Caller, home: Path) -> None:
    """L-BFGS finds its step lengths itself, and the refusal says so."""
    preset = Preset(id="lbfgs", name="L", family="second-order", optimizer="lbfgs", advice="", batch_size="full")
    make_run(open_home(home), make_spec(preset=preset), state="paused")
    assert "finds the length of its steps by a line search" in call("rate", "last", "0.5").err


def test_show_and_tables_tell_what_a_run_was_told(call: Caller, home: Path) -> None:
    """`show` lists commands with the figures that were asked for; the run is another setting than one that was left alone."""
    opened, spec = open_home(home), make_spec(seed=1, epochs=2)
    make_run(opened, make_spec(seed=2, epochs=2))
    run = make_run(opened, spec)
    events = make_events(spec, Ended(state="finished", final=make_result(spec, 2)))
    told = [CommandSeen(command="rate", step=100, value=0.5), CommandSeen(command="evaluate", step=100)]
    looked = Evaluated(result=make_result(spec, 1))
    rewrite_log(run.folder, [*events[:-1], *told, looked, events[-1]], started_at=1e9)
    status = json.loads(run.folder.status.read_text())
    run.folder.status.write_text(json.dumps({**status, "commands": "rate ×0.5 at step 100"}))

    shown, table = call("show", run.run_id).out, call("compare").out
    body = json.loads(call("show", run.run_id, "--json").out)["runs"][0]

    assert "rate ×0.5" in shown
    assert "its numbers are not those of its specification alone" in shown
    assert body["commands"][0] == {"command": "rate", "value": 0.5, "step": 100}
    assert len(body["evaluations"]) == 1
    assert "changed by commands while training" in table
    assert len([line for line in call("compare", "--format", "csv").out.splitlines() if line]) == 3
