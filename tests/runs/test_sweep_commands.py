"""What the supervisor makes of commands to sweeps, and what the client refuses: files alone, no processes."""

import shutil
from pathlib import Path

import pytest

from tests.sweep_factories import make_plan, write_sweep
from tui_optim.report.sweep_table import SweepView
from tui_optim.runs import queue
from tui_optim.runs.client import Client
from tui_optim.runs.sweeps import Sweeps
from tui_optim.spec.errors import UsageError
from tui_optim.spec.sweeps.plan import FinalSpec
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home, open_home
from tui_optim.store.runfolder import RunFolder

PLAN = make_plan(presets=("sgd",), space={"lr": (0.01, 0.1)})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


@pytest.fixture
def client(home: Home, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of a home that the test itself supervises."""
    monkeypatch.setattr(Client, "ensure_supervisor", lambda _: False)
    return Client(home)


def _step(home: Home) -> None:
    Sweeps(home, tell=pytest.fail).step(lambda _: 1)


def _run(home: Home, trial: Trial) -> RunFolder:
    return RunFolder(home.runs / trial.run_id)


def _states(view: SweepView) -> list[str]:
    return [trial.state for trial in view.sweep.folder.log.read()]


def test_once_test_has_been_seen_no_other_winner_is_made(home: Home, client: Client) -> None:
    """A trial of the search was stopped; after the winner's test it is not tried again, whoever asks."""
    plan = PLAN.model_copy(update={"final": FinalSpec(seeds=(101, 102))})
    view = write_sweep(home, [0.5, "stopped"], plan=plan, finals=[0.4, 0.4], state="finished")
    with pytest.raises(UsageError, match="has chosen its winners and tested them"):
        client.tell_sweep(view.sweep.sweep_id, "requeue")

    view.sweep.folder.send("requeue")  # by somebody who looked while the search was under way
    _step(home)

    assert _states(view) == ["finished", "stopped", "finished", "finished"]
    assert view.sweep.folder.read_status().state == "finished"


def test_a_trial_whose_run_is_still_held_is_tried_later(home: Home, client: Client) -> None:
    """Its worker has not let go of it: the wish stays; what the user told the run before it is void, what came after is not."""
    view = write_sweep(home, ["stopped", 0.5], plan=PLAN, state="finished")
    run = _run(home, view.trials[0])
    run.send("stop")
    client.tell_sweep(view.sweep.sweep_id, "requeue")
    run.send("pause")
    with held_lock(run.lock):
        _step(home)
        assert _states(view) == ["stopped", "finished"]
        assert len(view.sweep.folder.requests()) == 1

    _step(home)

    assert _states(view) == ["running", "finished"]
    assert queue.waiting(home) == [run.run_id]
    assert [request.command for request in run.requests()] == ["pause"]
    assert view.sweep.folder.requests() == []


def test_a_paused_sweep_can_be_stopped_and_goes_on_later(home: Home, client: Client) -> None:
    """Its paused run is stopped with it; resumed, both go on."""
    view = write_sweep(home, [0.5, "paused"], plan=PLAN, state="paused")
    client.tell_sweep(view.sweep.sweep_id, "stop")
    _step(home)
    run = _run(home, view.trials[1])
    assert (view.sweep.folder.read_status().state, run.read_status().state) == ("stopped", "stopped")

    with pytest.raises(
        UsageError, match="no failed or stopped trial to try again; it is stopped: resumed without that"
    ):
        client.tell_sweep(view.sweep.sweep_id, "requeue")
    client.tell_sweep(view.sweep.sweep_id, "resume")
    _step(home)

    assert view.sweep.folder.read_status().state == "running"
    assert queue.waiting(home) == [run.run_id]


def test_what_is_over_cannot_be_stopped(home: Home, client: Client) -> None:
    """In a sentence that says what can."""
    view = write_sweep(home, [0.5, 0.6], plan=PLAN, state="finished")
    with pytest.raises(UsageError, match="only a running or paused sweep can be told to stop"):
        client.tell_sweep(view.sweep.sweep_id, "stop")


def test_a_trial_that_cannot_be_made_any_more_ends_its_sweep(home: Home) -> None:
    """The supervisor died before it could make the run, and the user's optimizer is gone since: the sweep says so."""
    view = write_sweep(home, [0.5, "queued"], plan=PLAN)
    shutil.rmtree(_run(home, view.trials[1]).path)
    written = view.sweep.folder.path / "sweep.json"
    text = written.read_text(encoding="utf-8")
    written.write_text(text.replace('"optimizer": "sgd"', '"optimizer": "my-own"'), encoding="utf-8")

    _step(home)

    status = view.sweep.folder.read_status()
    assert (status.state, status.reason[:26]) == ("failed", "unknown optimizer 'my-own'")
