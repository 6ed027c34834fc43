"""A child dies at each call that changes a file, in turn; what follows it comes to what an undisturbed one does."""

import os
import random
import shutil
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.crash.deaths import debris, dies_in_turn, in_child
from tests.crash.shaken import spec_of
from tests.engine.runs_for_tests import numbers
from tests.factories import make_result, make_spec
from tests.runs.test_sweeps import make_sweep, outcomes
from tui_optim.runs import queue, restarts, without_worker
from tui_optim.runs.client import Client
from tui_optim.runs.restarts import Restarts
from tui_optim.runs.sweeps import Sweeps
from tui_optim.spec.commands import LIVE, Order
from tui_optim.spec.events import EpochEnded
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from tui_optim.store.debris import AGE_S, clear_debris
from tui_optim.store.eventlog import read_events
from tui_optim.store.home import Home, open_home
from tui_optim.store.kept import kept_checkpoints
from tui_optim.store.liveness import current_identity
from tui_optim.store.new_runs import create_run
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import write_status
from tui_optim.store.sweepfolder import SweepFolder, create_sweep, read_sweeps

SEED = 20261128
ORDERS: dict[str, Order | None] = {
    "nothing": None,
    "stop": Order(command="stop"),
    "pause": Order(command="pause"),
    "rate": Order(command="rate", value=0.5),
    "extend": Order(command="extend", value=1.0),
    "checkpoint": Order(command="checkpoint"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, whose orphans nobody waits for; nothing is started for it."""
    monkeypatch.setattr(restarts, "SUBMIT_GRACE_S", -1.0)
    monkeypatch.setattr(Client, "ensure_supervisor", lambda _: False)
    return open_home(tmp_path)


def test_a_checkpoint_that_can_be_gone_on_from_has_all_its_names(tmp_path: Path) -> None:
    """Whenever it dies, the one before or the new one is there; and of the new one also what a resumed run never keeps again."""
    folder = tmp_path / "checkpoints"
    first, second = (Checkpoint(seq=seq, content=b"%d" % seq * 99, step=seq, epoch=seq) for seq in (1, 2))

    def again() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        save_checkpoint(folder, first, is_best=True)

    found = []
    for _, where in dies_in_turn(folder, again, lambda _: save_checkpoint(folder, second, is_best=True, stays=True)):
        kept = load_checkpoint(folder)
        assert kept in (first, second), where
        if kept == second:
            assert (folder / "best.pt").read_bytes() == (folder / "last.pt").read_bytes(), where
            assert (folder / "step-000002.pt").exists(), where
        found.append(kept)
    assert {one.seq for one in found if one} == {1, 2}


def test_a_client_may_die_at_every_call(home: Home) -> None:
    """What it wanted to submit, label or delete is there whole or not at all; nothing waits twice, nothing for ever."""
    spec = make_spec()

    def act(client: Client) -> None:
        (run_id,) = client.submit([spec])
        client.label(run_id, name="mine")
        client.stop(run_id)
        _obey_waiting(home)
        client.delete([run_id])

    for client, where in dies_in_turn(home.root, lambda: Client(home), act):
        Restarts(home, tell=pytest.fail).recover(known=queue.waiting(home), is_glance=False)
        catalogue = Catalogue(home)
        runs = catalogue.runs()
        assert (catalogue.damaged, catalogue.damaged_labels) == ({}, {}), where
        waiting = queue.waiting(home)
        assert sorted(waiting) == sorted(run.run_id for run in runs if run.status.state == "queued"), where
        assert all(run.label.name in ("", "mine") for run in runs)
        for run in runs:
            _obey_waiting(home)
            if run.run_id in queue.waiting(home):
                client.stop(run.run_id)
                _obey_waiting(home)
            client.delete([run.run_id])
    assert len(debris(home)) > 10
    _age(home)
    assert clear_debris(home) > 0
    assert debris(home) == []


def test_a_file_that_somebody_may_be_writing_is_no_debris(home: Home) -> None:
    """Nor is what has another name than ours."""
    folder = create_run(home, make_spec(), versions={})
    ours = folder.path / ".status.json.12.0123abcd"
    foreign = folder.path / ".notes"
    ours.touch()
    foreign.touch()
    assert clear_debris(home) == 0
    _age(home)
    assert clear_debris(home) == 1
    assert debris(home) == [foreign]


@pytest.mark.parametrize("name", ["stop", "pause", "rate", "extend"])
def test_a_waiting_run_obeys_once(home: Home, name: str) -> None:
    """A supervisor dies at each call while it carries a command out; the next one comes to what one alone would have."""

    def told() -> RunFolder:
        folder = create_run(home, make_spec(), versions={})
        queue.enqueue(home, folder.run_id)
        order = ORDERS[name]
        assert order is not None
        folder.order(order)
        return folder

    expected = told()
    _obey_waiting(home)
    queue.dequeue(home, expected.run_id)
    for current, where in dies_in_turn(home.root, told, lambda _: _obey_waiting(home)):
        Restarts(home, tell=pytest.fail).recover(known=queue.waiting(home), is_glance=False)
        _obey_waiting(home)
        found, wanted = current.read_status(), expected.read_status()
        assert (found.state, found.epochs, found.commands) == (wanted.state, wanted.epochs, wanted.commands), where
        assert len(without_worker.commands_of(current)) == (name in LIVE), where
        assert (current.run_id in queue.waiting(home)) == (name in LIVE), where
        queue.dequeue(home, current.run_id)


def test_a_supervisor_may_die_at_every_call_of_a_restart(home: Home) -> None:
    """A run whose worker has died waits once, whoever dies over it."""

    def left() -> RunFolder:
        folder = create_run(home, make_spec(), versions={})
        in_child(
            lambda: write_status(
                folder.status, replace(folder.read_status(), state="running", owner=current_identity())
            )
        )
        return folder

    def restart(folder: RunFolder) -> None:
        Restarts(home, tell=pytest.fail).restart(folder.run_id, "it was ended")

    for current, where in dies_in_turn(home.root, left, restart):
        Restarts(home, tell=pytest.fail).recover(known=queue.waiting(home), is_glance=False)
        assert queue.waiting(home) == [current.run_id], where
        assert current.read_status().state == "queued", where
        queue.dequeue(home, current.run_id)
        write_status(current.status, replace(current.read_status(), state="stopped"))


def test_the_coordinator_of_a_sweep_may_die_at_some_calls(home: Home) -> None:
    """Every thirtieth moment; `pytest -m attack` has all of them."""
    assert _deaths_of_a_coordinator(home, first=random.Random(SEED).randrange(30), step=30) > 0


@pytest.mark.attack
@pytest.mark.timeout(3600)
def test_the_coordinator_of_a_sweep_may_die_at_every_call(home: Home) -> None:
    """While it asks for trials, makes their runs, judges them and writes down what came of them."""
    num_deaths = _deaths_of_a_coordinator(home, first=0, step=1)
    print(f"\na sweep's coordinator: {num_deaths} deaths")
    assert num_deaths > 50


def test_a_worker_may_die_at_some_calls(home: Home) -> None:
    """Every thirtieth moment of a run that is told to stop; `pytest -m attack` has all of them, and of other commands."""
    assert _deaths_of_a_worker(home, "stop", first=random.Random(f"{SEED} stop").randrange(30), step=30) > 0


@pytest.mark.attack
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ORDERS)
def test_a_worker_may_die_at_every_call(home: Home, name: str) -> None:
    """Of a run that is left alone, and of one that is told something."""
    num_deaths = _deaths_of_a_worker(home, name, first=0, step=1)
    print(f"\n{name}: {num_deaths} deaths")
    assert num_deaths > 50


def _deaths_of_a_coordinator(home: Home, *, first: int, step: int) -> int:
    """Let it die at some moments: each trial is asked for, made and told once, with the outcomes of an undisturbed sweep."""
    spec = make_sweep({"lr": (0.01, 0.1, 0.5)})

    def begun() -> SweepFolder:
        return create_sweep(home, spec, versions={})

    def carry_out(_: SweepFolder) -> None:
        sweeps = Sweeps(home, tell=pytest.fail)
        sweeps.step(lambda _: 2)
        while sweeps.is_busy:
            Restarts(home, tell=pytest.fail).recover(known=queue.waiting(home), is_glance=False)
            _finish_all(home)
            sweeps.step(lambda _: 2)

    def outcome(folder: SweepFolder) -> object:
        return folder.read_status().state, outcomes(folder.log.read())

    calm = begun()
    carry_out(calm)
    num_deaths = 0
    for current, where in dies_in_turn(home.root, begun, carry_out, first=first, step=step):
        num_deaths += 1
        carry_out(current)
        assert outcome(current) == outcome(calm), where
        assert read_sweeps(home)[1] == {}, where
        runs = [run.run_id for run in Catalogue(home).runs() if run.info.sweep == current.sweep_id]
        assert sorted(runs) == sorted(trial.run_id for trial in current.log.read()), where
    return num_deaths


def _finish_all(home: Home) -> None:
    """What workers would do with all that waits: the lower the rate, the lower its loss."""
    for run_id in queue.waiting(home):
        folder = RunFolder(home.runs / run_id)
        if not folder.path.exists() or not queue.dequeue(home, run_id):
            continue
        info, status = folder.read_info(), folder.read_status()
        final = replace(make_result(info.spec, 1), val_loss=float(info.spec.hyperparameters["lr"]))
        write_status(folder.status, replace(status, state="finished", epoch=1, final=final))


def _deaths_of_a_worker(home: Home, name: str, *, first: int, step: int) -> int:
    """Let a worker die in a run at some moments; the supervisor and the next worker come to the same. Returns how often."""
    from tui_optim.runs.worker import Worker

    spec, order = spec_of("nesterov", epochs=2), ORDERS[name]
    torch.set_num_threads(1)

    def made() -> RunFolder:
        folder = create_run(home, spec, versions={})
        if order is not None:
            folder.order(order)
        return folder

    def work(folder: RunFolder) -> None:
        Worker(home).take(folder.run_id, threads=1)

    num_deaths = 0
    in_child(lambda: work(made()))  # this measures the limit, which the others then know
    calm, told_before = made(), made()
    in_child(lambda: work(calm))
    queue.enqueue(home, told_before.run_id)  # the supervisor hears a command to a run that waits
    _obey_waiting(home)
    if queue.dequeue(home, told_before.run_id):
        in_child(lambda: work(told_before))
    expected = [_outcome(calm), _outcome(told_before)]
    if name in (
        "stop",
        "pause",
    ):  # it had looked at the first parameters, and was told while it waited for the next worker
        expected.append({**_outcome(told_before), "results": _outcome(calm)["results"]})
    for current, where in dies_in_turn(home.root, made, work, first=first, step=step):
        num_deaths += 1
        said = current.events.read_bytes() if current.events.exists() else b""
        Restarts(home, tell=pytest.fail).restart(current.run_id, "the worker was ended by SIGKILL")
        _obey_waiting(home)
        if queue.dequeue(home, current.run_id):
            in_child(partial(work, current))
        assert _outcome(current) in expected, where
        assert current.events.read_bytes().startswith(said[: said.rfind(b"\n") + 1]), where
    catalogue = Catalogue(home)
    catalogue.runs()
    assert catalogue.damaged == {}
    return num_deaths


def _outcome(folder: RunFolder) -> dict[str, Any]:
    status = folder.read_status()
    results = [record.event.result for record in read_events(folder.events) if isinstance(record.event, EpochEnded)]
    return {
        "state": status.state,
        "epochs": status.epochs,
        "final": status.final and numbers(status.final),
        "commands": status.commands,
        "results": [numbers(result) for result in results],
        "kept": [(one.name, one.step) for one in kept_checkpoints(folder)],
        "left": [request.command for request in folder.requests()],
    }


def _obey_waiting(home: Home) -> None:
    """What a supervisor does with commands to runs that wait."""
    for run_id in queue.waiting(home):
        folder = RunFolder(home.runs / run_id)
        for request in folder.requests():
            if request.command not in LIVE:
                queue.dequeue(home, run_id)
            without_worker.obey(folder, request)


def _age(home: Home) -> None:
    """Let all that lies in a home have been written long ago."""
    for path in home.root.rglob("*"):
        os.utime(path, times=(0, time.time() - AGE_S - 1))
