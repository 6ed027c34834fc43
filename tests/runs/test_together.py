"""Runs that a worker trains as one stack, through a real supervisor and worker: folders, commands, deaths."""

import errno
import math
import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.runs_for_tests import make_run, train_here
from tests.runs.lab import Lab, wait_until
from tui_optim.engine.checkpoint import from_bytes
from tui_optim.engine.stack.pace import Pace
from tui_optim.runs import attempt, together
from tui_optim.runs import recorder as recorder_module
from tui_optim.runs.candidates import Terms
from tui_optim.runs.stage import LEAVES
from tui_optim.runs.together import take_together
from tui_optim.spec.commands import Order
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.events import CommandSeen, EpochEnded, Event, Notice, Progress, RunState, Started
from tui_optim.spec.executors import resolve_executor
from tui_optim.spec.pictures import Film
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec
from tui_optim.spec.stacking import pace_key
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.sweep import SweepSpec, resolve_sweep
from tui_optim.store.checkpoints import load_checkpoint
from tui_optim.store.eventlog import read_curve, read_events
from tui_optim.store.home import Home, open_home
from tui_optim.store.new_runs import create_run
from tui_optim.store.paces import StackPace, keep_pace, read_paces
from tui_optim.store.pictures import read_film
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status, write_status
from tui_optim.store.sweepfolder import SweepFolder

LONG = 20_000
"""Epochs of a run that does not end by itself while a test looks at it."""
NUM_MEMBERS = 5


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab whose home knows that a stack is the faster way: a measurement beside other work may say otherwise."""
    made = Lab(tmp_path_factory.mktemp("home"))
    for batch_size in (10, 20, 50, 100, 200):
        about = f"{pace_key(circles(batch_size=batch_size))}, 1 thread(s)"
        for num_runs in (2, 4, 8, 16):
            key = f"{about}, {num_runs} runs, 1 slot(s), torch {torch.__version__}"
            keep_pace(made.home, key, StackPace(about=about, num_runs=num_runs, slots=1, stack_s=0.01, alone_s=0.01))
    yield made
    made.close()


def circles(*, epochs: int = 40, seed: int = 1, lr: float = 0.1, batch_size: int = 50) -> RunSpec:
    run = make_run(
        generated_source("circles"), scenario="circles", optimizer="sgd-by-hand", epochs=epochs, seed=seed, lr=lr
    )
    return run.model_copy(update={"threads": 1, "batch_size": batch_size})


def events_of(lab: Lab, run_id: str) -> list[Event]:
    return [record.event for record in read_events(lab.folder(run_id).events)]


def notices(lab: Lab, run_id: str) -> str:
    return " ".join(event.text for event in events_of(lab, run_id) if isinstance(event, Notice))


def is_in_stack(lab: Lab, run_id: str) -> bool:
    return "in a stack of models" in notices(lab, run_id)


def assert_as_alone(lab: Lab, run_ids: Sequence[str], specs: Sequence[RunSpec]) -> None:
    """Figures of every epoch and the last weights are those of the run by itself."""
    for run_id, spec in zip(run_ids, specs, strict=True):
        ended, heard = train_here(spec)
        status = lab.status(run_id)
        assert (status.state, status.epoch) == (ended.state, spec.epochs if ended.state == "finished" else status.epoch)
        curve = read_curve(lab.folder(run_id).events, "test_loss")
        expected = [result.test_loss for result in heard.epochs if result.epoch > 0]
        assert curve == pytest.approx(expected, rel=1e-5, nan_ok=True)
        if ended.state == "finished":
            kept = load_checkpoint(lab.folder(run_id).checkpoints)
            assert kept is not None
            weights, expected_weights = from_bytes(kept.content)["model"], from_bytes(heard.checkpoints[-1])["model"]
            assert all(weights[name].equal(expected_weights[name]) for name in expected_weights)


def test_seeds_and_rates_train_together(lab: Lab) -> None:
    """Three seeds and two rates, one of which diverges: one worker has them all at once, and each ends as by itself."""
    specs = [circles(seed=seed, lr=lr) for seed in (1, 2, 3) for lr in (0.1, 1e4)]
    run_ids = lab.submit(specs)
    states = [lab.wait_for_end(run_id).state for run_id in run_ids]

    assert states == ["finished", "diverged"] * 3
    assert all(is_in_stack(lab, run_id) for run_id in run_ids)
    assert_as_alone(lab, run_ids, specs)
    assert any(pace.text in notices(lab, run_ids[0]) for pace in read_paces(lab.home).values())


def test_who_forbids_it_trains_alone(lab: Lab) -> None:
    """With stack=false the same runs come one after the other, to the same numbers."""
    specs = [circles(seed=seed, epochs=5) for seed in (1, 2)]
    run_ids = lab.client.submit(specs, executor=resolve_executor("local", parameters={"stack": False}))
    for run_id in run_ids:
        lab.wait_for_end(run_id)
        assert not is_in_stack(lab, run_id)
    assert_as_alone(lab, run_ids, specs)


def test_members_are_stopped_paused_and_resumed_one_by_one(lab: Lab) -> None:
    """One is stopped, one paused, while the others go on; the paused one goes on alone from where it was."""
    run_ids = lab.submit([circles(seed=seed, epochs=LONG) for seed in range(NUM_MEMBERS)])
    wait_until(lambda: all(lab.status(run_id).epoch > 0 for run_id in run_ids), "they do not train")
    stopped, paused, *others = run_ids
    assert is_in_stack(lab, others[0])

    lab.client.stop(stopped)
    lab.client.pause(paused)
    assert lab.wait_for_state(stopped, "stopped").state == "stopped"
    epoch = lab.wait_for_state(paused, "paused").epoch
    assert all(lab.status(run_id).state == "running" for run_id in others)
    assert any(isinstance(event, CommandSeen) and event.command == "pause" for event in events_of(lab, paused))
    for run_id in others:
        lab.client.stop(run_id)
        lab.wait_for_state(run_id, "stopped")

    lab.client.resume(paused)
    wait_until(lambda: lab.status(paused).epoch > epoch, "it does not go on")
    lab.client.stop(paused)
    lab.wait_for_state(paused, "stopped")
    starts = [event for event in events_of(lab, paused) if isinstance(event, Started)]
    # the latter where the next epoch only lacked its evaluation
    assert starts[1].from_step in (epoch * 4, epoch * 4 + 4)
    results = [event.result.epoch for event in events_of(lab, paused) if isinstance(event, EpochEnded)]
    assert results == list(range(len(results)))


@pytest.mark.timeout(600)
def test_a_killed_worker_costs_an_attempt_of_each_member_and_no_bit(lab: Lab) -> None:
    """Killed with -9 after checkpoints: all go on from them, together or alone, to the weights of undisturbed runs."""
    specs = [circles(seed=seed, epochs=1500, batch_size=100) for seed in range(NUM_MEMBERS)]
    run_ids = lab.submit(specs)
    for run_id in run_ids:
        lab.wait_for_checkpoint(run_id)
    lab.kill_worker(run_ids[0])

    for run_id in run_ids:
        assert lab.wait_for_end(run_id).state == "finished"
        records = read_events(lab.folder(run_id).events)
        starts = [record.event for record in records if isinstance(record.event, Started)]
        assert [start.attempt for start in starts] == [1, 2]
        assert starts[1].from_step > 0
        assert "SIGKILL" in notices(lab, run_id)
    assert_as_alone(lab, run_ids[:1], specs[:1])  # alone it takes as long as all of them together


def test_a_worker_asked_to_leave_keeps_all_members(lab: Lab) -> None:
    """SIGTERM: each keeps a checkpoint, no attempt is lost, and another worker takes them all."""
    run_ids = lab.submit([circles(seed=seed, epochs=LONG) for seed in range(NUM_MEMBERS)])
    wait_until(lambda: all(lab.status(run_id).epoch > 0 for run_id in run_ids), "they do not train")
    lab.kill_worker(run_ids[0], signal.SIGTERM)

    def have_gone_on() -> bool:
        return all(sum(isinstance(event, Started) for event in events_of(lab, one)) == 2 for one in run_ids)

    wait_until(have_gone_on, "they do not go on")
    for run_id in run_ids:
        starts = [event for event in events_of(lab, run_id) if isinstance(event, Started)]
        assert [start.attempt for start in starts] == [1, 1]
        assert starts[1].from_step > 0
        lab.client.stop(run_id)
        lab.wait_for_state(run_id, "stopped")


def make_sweep(**fields: Any) -> SweepSpec:
    preset = Preset(
        id="by-hand",
        name="by hand",
        family="basic",
        optimizer="sgd-by-hand",
        advice="",
        batch_size=10,
        hyperparameters={"lr": 0.1},
    )
    body = {"scenarios": ("circles",), "presets": ("by-hand",), "seeds": (1, 2), "metric": "val_loss", **fields}
    plan = SweepPlan.model_validate(body)
    return resolve_sweep(plan, {"by-hand": preset}, data={"circles": generated_source("circles")}, threads=1)


def wait_for_sweep(lab: Lab, sweep_id: str) -> SweepFolder:
    folder = SweepFolder(lab.home.sweeps / sweep_id)
    wait_until(lambda: folder.read_status().state == "finished", f"{sweep_id} never finished")
    return folder


def test_a_sweep_asks_for_all_that_can_train_together(lab: Lab) -> None:
    """With one slot, the trials of a batch size are under way at once; outcomes are those of trials one by one."""
    spec = make_sweep(space={"batch_size": (20, 50), "lr": (0.1, 0.5, 1e5)}, epochs=20)
    trials = wait_for_sweep(lab, lab.client.submit_sweep(spec)).log.read()

    assert [trial.state for trial in trials] == [
        "finished",
        "finished",
        "finished",
        "finished",
        "diverged",
        "diverged",
    ] * 2
    assert all(is_in_stack(lab, trial.run_id) for trial in trials)
    for trial in trials:
        ended, heard = train_here(spec.trial_run(trial.point, trial.seed))
        expected = [result.val_loss for result in heard.epochs if result.epoch > 0]
        assert trial.curve == pytest.approx(expected, rel=1e-5, nan_ok=True)
        assert ended.final is not None
        assert trial.value is None or trial.value == pytest.approx(ended.final.val_loss, rel=1e-5)


def test_a_member_of_a_stack_is_pruned(lab: Lab) -> None:
    """The median rule stops members while the others of the stack go on."""
    rates = (0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 1e-4, 1e-5)
    spec = make_sweep(space={"lr": rates}, seeds=(1,), epochs=1500, prune="median")
    trials = wait_for_sweep(lab, lab.client.submit_sweep(spec)).log.read()

    states = {trial.point.values[0][1]: trial.state for trial in trials}
    assert states[0.5] == "finished"
    assert states[1e-5] == "pruned"
    worst = next(trial for trial in trials if trial.point.values[0][1] == 1e-5)
    assert lab.wait_for_state(worst.run_id, "stopped").epoch < 1500


def test_a_stack_prunes_the_trials_that_would_be_pruned_one_by_one(lab: Lab) -> None:
    """The same trials after the same epochs, however fast they are; a run that has come to its end is finished."""
    rates = (0.5, 0.4, 0.3, 1e-4, 0.2, 0.15, 1e-5, 0.6)
    found = []
    for stack in (True, False):
        spec = make_sweep(space={"lr": rates}, seeds=(1, 2), epochs=12, prune="median")
        executor = resolve_executor("local", parameters={} if stack else {"stack": False})
        spec = spec.model_copy(update={"executor": executor})
        trials = wait_for_sweep(lab, lab.client.submit_sweep(spec)).log.read()
        assert all(is_in_stack(lab, trial.run_id) == stack for trial in trials)
        for trial in trials:
            status = lab.status(trial.run_id)
            assert (trial.state, status.state) in (("finished", "finished"), ("pruned", "stopped"))
            assert status.epoch == len(trial.curve)
        found.append([(trial.point, trial.seed, trial.state, len(trial.curve)) for trial in trials])
    assert found[0] == found[1]
    assert {state for _, _, state, _ in found[0]} == {"finished", "pruned"}


# Without processes


@pytest.fixture
def home(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home on a machine where stacks are the faster way."""
    monkeypatch.setattr(together, "measure_pace", lambda *_, **__: Pace(stack_s=0.01, alone_s=0.01))
    return open_home(tmp_path)


def take(home: Home, run_ids: Sequence[str]) -> dict[str, str]:
    """Take runs here; returns what was told of each."""
    from tui_optim.engine.data import KeptSplits

    told: dict[str, str] = {}

    def tell(run_id: str, state: str, cause: str) -> None:
        told[run_id] = f"{state} {cause}".strip()

    take_together(home, run_ids, Terms(1, 1, KeptSplits(), tell, lambda: False))
    return told


def test_where_processes_are_faster_runs_are_given_back(home: Home) -> None:
    """A measurement that says so sends each run to train alone, with the reason in its log."""
    run_ids = [create_run(home, circles(seed=seed), versions={}).run_id for seed in (1, 2)]
    take(home, run_ids)
    (key,) = read_paces(home)
    slow = StackPace(about="circles", num_runs=2, slots=1, stack_s=1.0, alone_s=0.1)
    keep_pace(home, key, slow)
    again = [create_run(home, circles(seed=seed), versions={}).run_id for seed in (1, 2)]

    assert take(home, again) == dict.fromkeys(again, "alone")
    events = [record.event for record in read_events(RunFolder(home.runs / again[0]).events)]
    assert events == [Notice(text=slow.text)]
    assert RunFolder(home.runs / again[0]).read_status().state == "queued"


def test_a_run_whose_folder_is_gone_takes_no_other_with_it(home: Home) -> None:
    """Two train to their ends; nothing is said of the third."""
    run_ids = [create_run(home, circles(seed=seed), versions={}).run_id for seed in (1, 2, 3)]
    shutil.rmtree(home.runs / run_ids[1])
    told = take(home, run_ids)
    assert [told[run_id] for run_id in run_ids] == ["finished", "stopped", "finished"]


def test_a_member_whose_file_is_removed_leaves_its_stack(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """No list shows it and no command reaches it: it ends with the reason, and the others go on."""
    monkeypatch.setattr(recorder_module, "STATUS_EVERY_S", 0.0)
    monkeypatch.setattr(together, "measure_pace", lambda *_, **__: Pace(stack_s=0.01, alone_s=0.02))
    folders = [create_run(home, circles(seed=seed), versions={}) for seed in (1, 2, 3)]
    removed = folders[1]

    def write_and_remove(path: Path, status: Status) -> None:
        write_status(path, status)
        if path == removed.status:
            (removed.path / "run.json").unlink(missing_ok=True)

    monkeypatch.setattr(recorder_module, "write_status", write_and_remove)
    told = take(home, [folder.run_id for folder in folders])
    assert [told[folder.run_id] for folder in folders] == ["finished", "failed", "finished"]
    assert "run.json has been removed while the run trained" in removed.read_status().reason


def test_a_measurement_that_diverged_is_not_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """These runs train alone and say why; the next of their kind are measured again."""
    monkeypatch.setattr(together, "measure_pace", lambda *_, **__: Pace(stack_s=math.inf, alone_s=0.01))
    run_ids = [create_run(home, circles(seed=seed), versions={}).run_id for seed in (1, 2)]
    assert take(home, run_ids) == dict.fromkeys(run_ids, "alone")
    assert read_paces(home) == {}
    (notice,) = [record.event for record in read_events(RunFolder(home.runs / run_ids[0]).events)]
    assert isinstance(notice, Notice)
    assert "could not be measured" in notice.text


def test_only_members_at_the_same_place_go_on_together(home: Home) -> None:
    """Two new runs train; the one that has been begun is given back untouched."""
    begun = create_run(home, circles(epochs=LONG), versions={})
    begun.send("pause")
    other = create_run(home, circles(epochs=LONG, seed=2), versions={})
    other.send("pause")
    assert set(take(home, [begun.run_id, other.run_id]).values()) == {"paused"}
    new = [create_run(home, circles(epochs=LONG, seed=seed), versions={}) for seed in (3, 4)]
    for folder in new:
        folder.send("stop")

    told = take(home, [begun.run_id, *(folder.run_id for folder in new)])

    assert told == {begun.run_id: "queued", **{folder.run_id: "stopped" for folder in new}}


def test_what_cannot_be_read_is_left_to_a_worker_that_says_so(home: Home) -> None:
    """A damaged folder does not keep the others from training."""
    folders = [create_run(home, circles(seed=seed, epochs=2), versions={}) for seed in (1, 2, 3)]
    (folders[0].path / "run.json").write_text("{")

    told = take(home, [folder.run_id for folder in folders])

    assert told == {folders[0].run_id: "alone", folders[1].run_id: "finished", folders[2].run_id: "finished"}
    assert any(isinstance(record.event, Progress) for record in read_events(folders[1].events))


def test_the_supervisor_hears_of_a_member_whatever_its_end_meets(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that cannot be removed from one folder: that run is given back, and no slot waits for it for ever."""
    folders = [create_run(home, circles(seed=seed, epochs=2), versions={}) for seed in (1, 2)]
    settle = attempt.settle

    def refuse(folder: RunFolder, state: RunState) -> RunState:
        if folder == folders[0]:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return settle(folder, state)

    monkeypatch.setattr(attempt, "settle", refuse)
    told = take(home, [folder.run_id for folder in folders])

    assert told[folders[0].run_id] == "interrupted [Errno 13] Permission denied"
    assert told[folders[1].run_id] == "finished"


def test_members_leave_their_films(lab: Lab) -> None:
    """Each with the weights of its last epoch, as it would by itself; one that diverged with those that it had."""
    specs = [circles(lr=lr) for lr in (0.1, 0.2, 1e4)]
    run_ids = lab.submit(specs)
    for run_id, spec in zip(run_ids, specs, strict=True):
        status = lab.wait_for_end(run_id)
        assert is_in_stack(lab, run_id)
        film = read_film(lab.folder(run_id))
        assert film is not None
        assert film.frames[-1].epoch == status.epoch
        _, heard = train_here(spec)
        alone = heard.pictures[-1]
        assert isinstance(alone, Film)
        assert [frame.epoch for frame in film.frames] == [frame.epoch for frame in alone.frames]
        if status.state == "finished":
            assert film.frames[-1].weights == alone.frames[-1].weights


def test_a_member_leaves_for_a_command_and_goes_on_alone(lab: Lab) -> None:
    """Told to change its rate, it does so where it trains by itself; the other one never hears of it."""
    one, other = lab.submit([circles(epochs=LONG, seed=seed) for seed in (71, 72)])
    wait_until(lambda: is_in_stack(lab, one) and lab.status(one).step > 0, "they never trained together")

    lab.client.order(one, Order(command="rate", value=0.5))
    wait_until(lambda: LEAVES in notices(lab, one), "it never left")
    lab.client.stop(other)  # there is one slot
    lab.wait_for_state(other, "stopped")

    def rates(run_id: str) -> list[float | None]:
        events = events_of(lab, run_id)
        return [event.value for event in events if isinstance(event, CommandSeen) and event.command == "rate"]

    wait_until(lambda: lab.status(one).state == "running" and rates(one) == [0.5], "it was never carried out")
    wait_until(lambda: (latest := lab.status(one).latest) is not None and latest.lr == 0.05, "the rate stayed")
    assert rates(other) == []
    lab.client.stop(one)
    lab.wait_for_state(one, "stopped")
