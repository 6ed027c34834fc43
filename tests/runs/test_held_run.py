"""Runs that a bridge holds while something elsewhere trains them: the median rule is asked where their epochs come in."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import VERSIONS, make_result, make_started
from tests.sweep_factories import make_plan, write_sweep
from tui_optim.report.sweep_table import SweepView
from tui_optim.runs.executors.held_run import HeldRun
from tui_optim.runs.median_watch import Watches
from tui_optim.spec.events import EpochEnded
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.pruning import pruned_reason
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.files import FileLock
from tui_optim.store.home import Home, open_home
from tui_optim.store.new_runs import NewRun, create_runs
from tui_optim.store.runfolder import RunFolder

RATES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def hold(home: Home, watches: Watches, trial: Trial) -> HeldRun:
    """A trial as the bridge takes it."""
    folder = RunFolder(home.runs / trial.run_id)
    held = HeldRun(folder, FileLock(folder.lock), threads=1, watches=watches)
    held.begin()
    held.record(make_started(held.info.spec), where="there")
    return held


def train(held: HeldRun, *losses: float) -> None:
    """Let its next epochs come in, with these validation losses."""
    for loss in losses:
        epoch = 1 + held.folder.read_status().epoch
        event = EpochEnded(result=replace(make_result(held.info.spec, epoch), val_loss=loss))
        held.record(event, where="there")
        held.record(make_started(held.info.spec), where="there")  # writes the status, which knows the epoch


def ask(home: Home, view: SweepView, lr: float) -> Trial:
    """Another trial of the sweep."""
    point = Point(scenario="mlp-fashion", preset="sgd", values=(("lr", lr),))
    trials = view.sweep.trials()
    trial = Trial(number=len(trials), point=point, seed=7, run_id=f"run-{lr}")
    create_runs(
        home,
        [NewRun(spec=view.sweep.spec.trial_run(point, 7), run_id=trial.run_id)],
        versions=VERSIONS,
        sweep=view.sweep.sweep_id,
    )
    view.sweep.folder.log.ask(trial)
    return trial


def test_a_trial_that_is_worse_than_half_of_the_earlier_ones_is_stopped(home: Home) -> None:
    """Once, with the epoch in its reason; what it has done by the time that it hears of it counts for nobody."""
    plan = make_plan(presets=("sgd",), space={"lr": RATES}, prune="median")
    view = write_sweep(home, [*[0.4] * 5, "queued"], plan=plan)  # the losses of the five fall from 0.8
    watches = Watches(home)
    bad = hold(home, watches, view.trials[5])
    train(bad, 0.75)
    assert bad.wanted is None
    train(bad, 0.74)
    assert bad.wanted == ("stopped", pruned_reason(2))
    train(bad, 0.1)
    assert watches.heard[bad.run_id] == [0.75, 0.74]

    later = hold(home, watches, ask(home, view, 0.2))  # asked for after the bridge has read the sweep
    train(later, 0.79, 0.69)
    assert later.wanted is None
    train(later, 0.69)
    assert later.wanted == ("stopped", pruned_reason(3))
    for held in (bad, later):
        held.close()


def test_a_slow_start_ends_no_trial_of_a_rate_search(home: Home) -> None:
    """It is judged from half of its five epochs on: small rates are behind before."""
    plan = make_plan(presets=("sgd",), space={}, search="rate", prune="median")
    held = hold(home, Watches(home), write_sweep(home, [*[0.4] * 5, "queued"], plan=plan).trials[5])
    train(held, 9.0, 9.0)
    assert held.wanted is None
    train(held, 9.0)
    assert held.wanted == ("stopped", pruned_reason(3))
    held.close()


def test_what_the_user_wants_comes_first(home: Home) -> None:
    """A trial that the user has paused is not stopped by the rule."""
    plan = make_plan(presets=("sgd",), space={"lr": RATES}, prune="median")
    held = hold(home, Watches(home), write_sweep(home, [*[0.4] * 5, "queued"], plan=plan).trials[5])
    held.folder.send("pause")
    held.listen()
    train(held, 9.0)
    assert held.wanted == ("paused", "")
    held.close()


def test_the_seeds_of_a_point_are_not_its_rivals(home: Home) -> None:
    """Five other seeds of the same point are no five earlier trials, and without pruning nobody is judged."""
    seeds = tuple(range(7, 13))
    for plan in (
        make_plan(presets=("sgd",), space={"lr": (0.1,)}, seeds=seeds, prune="median"),
        make_plan(presets=("sgd",), space={"lr": RATES}),
    ):
        held = hold(home, Watches(home), write_sweep(home, [*[0.4] * 5, "queued"], plan=plan).trials[5])
        train(held, 9.0, 9.0)
        assert held.wanted is None
        held.close()
