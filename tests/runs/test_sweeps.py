"""Sweeps as the supervisor carries them out, with real workers on the sample data."""

import random
import time

import pytest

from tests.engine.runs_for_tests import sample_source, train_here
from tests.runs.lab import Lab, wait_until
from tui_optim.spec.errors import UsageError
from tui_optim.spec.presets import Preset
from tui_optim.spec.sweeps.plan import FinalSpec, SweepPlan
from tui_optim.spec.sweeps.space import Dimension, Range
from tui_optim.spec.sweeps.sweep import SweepSpec, resolve_sweep
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.eventlog import read_events
from tui_optim.store.sweepfolder import StoredSweep, SweepFolder


def make_sweep(space: dict[str, Dimension], **fields: object) -> SweepSpec:
    """A sweep of SGD on the MLP, one epoch a trial unless the fields say otherwise."""
    preset = Preset(id="sgd", name="SGD", family="basic", optimizer="sgd", advice="", hyperparameters={"lr": 0.1})
    plan = SweepPlan.model_validate(
        {"scenarios": ("mlp-fashion",), "presets": ("sgd",), "space": space, "epochs": 1, **fields}
    )
    return resolve_sweep(plan, {"sgd": preset}, data={"fashion-mnist": sample_source()}, device="cpu", threads=1)


def wait_for_sweep(lab: Lab, sweep_id: str, *states: str) -> StoredSweep:
    """Wait until a sweep is in one of these states."""
    folder = SweepFolder(lab.home.sweeps / sweep_id)
    wait_until(lambda: folder.read_status().state in states, f"{sweep_id} never became {states}")
    return folder.read()


def first_trial(lab: Lab, folder: SweepFolder) -> Trial:
    """The first trial, once its run trains."""

    def trains() -> bool:
        trials = folder.log.read()
        return bool(trials) and lab.folder(trials[0].run_id).path.exists() and lab.status(trials[0].run_id).step > 0

    wait_until(trains, "no trial trains")
    return folder.log.read()[0]


def outcomes(trials: list[Trial]) -> list[tuple[object, ...]]:
    """What must not depend on interruptions."""
    return [(t.number, t.stage, t.point, t.seed, t.state, t.value, t.curve) for t in trials]


def test_a_grid_runs_in_its_order_and_its_winner_trains_on_everything(lab: Lab) -> None:
    """Two rates and two batch sizes: four trials that never see test, then the best one with fresh seeds, which do."""
    spec = make_sweep({"lr": (0.0001, 0.1), "batch_size": (64, 128)}, final=FinalSpec(seeds=(101, 102), epochs=2))
    sweep = wait_for_sweep(lab, lab.client.submit_sweep(spec), "finished")
    trials = sweep.trials()

    assert [dict(trial.point.values) for trial in trials[:4]] == [
        {"lr": 0.0001, "batch_size": 64},
        {"lr": 0.0001, "batch_size": 128},
        {"lr": 0.1, "batch_size": 64},
        {"lr": 0.1, "batch_size": 128},
    ]
    assert {trial.state for trial in trials} == {"finished"}
    assert [(trial.stage, trial.seed) for trial in trials[4:]] == [("final", 101), ("final", 102)]
    assert dict(trials[4].point.values)["lr"] == 0.1
    finals = [lab.status(trial.run_id).final for trial in trials]
    assert all(final is not None and final.test_loss is None for final in finals[:4])
    assert all(final is not None and final.test_loss is not None and final.epoch == 2 for final in finals[4:])
    assert sweep.status.counts == {"finished": 6}


def test_a_sweep_that_is_paused_goes_on_where_it_was(lab: Lab) -> None:
    """Its running trial is paused with it; both go on together, and the outcomes are those of an undisturbed sweep."""
    spec = make_sweep({"lr": (0.01, 0.1)}, epochs=30)
    sweep_id = lab.client.submit_sweep(spec)
    folder = SweepFolder(lab.home.sweeps / sweep_id)
    trial = first_trial(lab, folder)

    lab.client.tell_sweep(sweep_id, "pause")
    wait_for_sweep(lab, sweep_id, "paused")
    assert lab.wait_for_state(trial.run_id, "paused").epoch < 30
    assert [one.state for one in folder.log.read()] == ["running"]

    lab.client.tell_sweep(sweep_id, "resume")
    trials = wait_for_sweep(lab, sweep_id, "finished").trials()
    assert [one.state for one in trials] == ["finished", "finished"]
    assert trials[0].run_id == trial.run_id
    expected, heard = train_here(lab.folder(trial.run_id).read_info().spec)
    assert expected.final is not None
    assert trials[0].value == expected.final.val_loss
    assert trials[0].curve == tuple(result.val_loss for result in heard.epochs if result.epoch)


def test_a_trial_that_the_user_stops_can_be_tried_again(lab: Lab) -> None:
    """It is told as stopped and cannot win; `requeue` takes it up from its checkpoint, the others stay as they are."""
    spec = make_sweep({"lr": (0.01, 0.1)}, epochs=30)
    sweep_id = lab.client.submit_sweep(spec)
    folder = SweepFolder(lab.home.sweeps / sweep_id)
    lab.client.stop(first_trial(lab, folder).run_id)
    trials = wait_for_sweep(lab, sweep_id, "finished").trials()
    assert [trial.state for trial in trials] == ["stopped", "finished"]
    second = lab.status(trials[1].run_id)

    lab.client.tell_sweep(sweep_id, "requeue")
    wait_until(lambda: folder.log.read()[0].state == "finished", "the stopped trial was not tried again")
    again = wait_for_sweep(lab, sweep_id, "finished").trials()

    assert [trial.run_id for trial in again] == [trial.run_id for trial in trials]
    assert lab.status(again[1].run_id) == second


@pytest.mark.timeout(900)
def test_ten_kills_change_nothing_in_a_pruned_tpe_search(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Supervisor and workers killed with -9 at ten random moments of forty trials: the same suggestions, prunings and
    results as undisturbed; no trial is lost, and none that had ended runs again."""
    spec = make_sweep(
        {"lr": Range(low=1e-4, high=10.0), "momentum": Range(low=0.0, high=0.95, scale="linear")},
        search="tpe",
        trials=40,
        epochs=4,
        prune="median",
    )
    calm, shaken = Lab(tmp_path_factory.mktemp("calm")), Lab(tmp_path_factory.mktemp("shaken"))
    try:
        expected = wait_for_sweep(calm, calm.client.submit_sweep(spec), "finished").trials()
        calm.close()
        sweep_id = shaken.client.submit_sweep(spec)
        num_kills, ended_at_kill = _kill_ten_times(shaken, SweepFolder(shaken.home.sweeps / sweep_id))
        trials = wait_for_sweep(shaken, sweep_id, "finished").trials()
    finally:
        calm.close()
        shaken.close()

    assert num_kills == 10
    assert len(trials) == 40
    assert outcomes(trials) == outcomes(expected)
    assert {"pruned", "finished"} <= {trial.state for trial in trials}
    entries = {entry.name for entry in shaken.home.runs.iterdir()}
    made = {
        name for name in entries if not name.startswith(".new-")
    }  # those may be left of who was killed while he made one
    assert made == {trial.run_id for trial in trials}
    for run_id, last_seq in ended_at_kill.items():
        assert read_events(shaken.folder(run_id).events)[-1].seq == last_seq, f"{run_id} had ended and was run again"


def _kill_ten_times(lab: Lab, folder: SweepFolder) -> tuple[int, dict[str, int]]:
    """Kill all processes of the home at random moments; returns the kills, and the last event of each run that had ended."""
    chance = random.Random(20261125)
    ended: dict[str, int] = {}
    num_kills = 0
    while num_kills < 10 and folder.read_status().state == "running":
        wait_until(lambda: any(trial.state == "running" for trial in folder.log.read()), "no trial is under way")
        time.sleep(chance.uniform(0.0, 2.5))  # the random moment itself
        if folder.read_status().state != "running":
            break
        lab.close()
        wait_until(lambda: not list(lab.processes()), "a process survived its kill")
        wait_until(lambda: not lab.client.is_supervised(), "a killed supervisor still holds its lock")
        num_kills += 1
        for trial in folder.log.read():
            if trial.state in ("finished", "diverged"):
                ended[trial.run_id] = read_events(lab.folder(trial.run_id).events)[-1].seq
        lab.client.ensure_supervisor()
    return num_kills, ended


def sweep_with_a_paused_trial(lab: Lab) -> SweepFolder:
    """A sweep of two trials, of which the user has paused the first by itself."""
    folder = SweepFolder(lab.home.sweeps / lab.client.submit_sweep(make_sweep({"lr": (0.01, 0.1)}, epochs=30)))
    trial = first_trial(lab, folder)
    lab.client.pause(trial.run_id)
    lab.wait_for_state(trial.run_id, "paused")
    return folder


def test_a_sweep_that_waits_for_a_paused_trial_goes_on_when_it_is_resumed(lab: Lab) -> None:
    """All others end; `resume` of the sweep, which is running, takes the trial up. Then there is none."""
    folder = sweep_with_a_paused_trial(lab)
    sweep_id = folder.sweep_id
    wait_until(
        lambda: [one.state for one in folder.log.read()] == ["running", "finished"], "the other trial did not end"
    )
    assert folder.read_status().state == "running"

    lab.client.tell_sweep(sweep_id, "resume")
    trials = wait_for_sweep(lab, sweep_id, "finished").trials()

    assert [one.state for one in trials] == ["finished", "finished"]
    with pytest.raises(UsageError, match="only a paused or stopped sweep resumes"):
        lab.client.tell_sweep(sweep_id, "resume")


def test_a_trial_paused_by_itself_goes_on_with_its_paused_sweep(lab: Lab) -> None:
    """Resumed, a sweep goes on with all its trials."""
    sweep_id = sweep_with_a_paused_trial(lab).sweep_id
    lab.client.tell_sweep(sweep_id, "pause")
    wait_for_sweep(lab, sweep_id, "paused")

    lab.client.tell_sweep(sweep_id, "resume")

    assert [one.state for one in wait_for_sweep(lab, sweep_id, "finished").trials()] == ["finished", "finished"]
