"""Which trial comes next, and what came of one: decided by the trials alone, so that a killed supervisor changes nothing."""

from dataclasses import replace
from pathlib import Path

from tests.factories import make_result, make_run
from tests.sweep_factories import make_plan, make_sweep_spec
from tui_optim.runs.outcomes import outcome_of
from tui_optim.runs.search.asking import new_trial, run_of, wanted
from tui_optim.spec.sweeps.pruning import pruned_reason
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Stage, Trial
from tui_optim.store.home import open_home


def asked(spec: SweepSpec, trials: list[Trial], stage: Stage) -> list[tuple[int, str, int]]:
    """Number, point and seed of all trials that are asked for one after the other; they are added."""
    found = []
    while points := wanted(spec, trials, stage):
        trials.append(trial := new_trial(trials, stage, *points[0]))
        found.append((trial.number, trial.point.text, trial.seed))
    return found


def test_a_point_has_all_its_seeds_before_the_next_and_winners_take_turns() -> None:
    """The winners of the arms are tested with the first fresh seed, then with the second."""
    plan = make_plan(space={"lr": (0.1,)}, seeds=(7, 8), final={"seeds": (101, 102)})
    spec = make_sweep_spec(plan)
    trials: list[Trial] = []
    assert asked(spec, trials, "search") == [
        (0, "sgd lr=0.1", 7),
        (1, "sgd lr=0.1", 8),
        (2, "adam lr=0.1", 7),
        (3, "adam lr=0.1", 8),
    ]
    assert not wanted(spec, trials, "final")
    trials[:] = [replace(trial, state="finished", value=0.5) for trial in trials]
    assert asked(spec, trials, "final") == [
        (4, "sgd lr=0.1", 101),
        (5, "adam lr=0.1", 101),
        (6, "sgd lr=0.1", 102),
        (7, "adam lr=0.1", 102),
    ]
    assert [run_of(spec, trial).holdout for trial in (trials[0], trials[4])] == [True, False]


def test_all_presets_train_with_the_values_of_one_winner() -> None:
    """The winner itself first; test waits for the end of these runs, and their commands say so."""
    final = {"seeds": (101,), "epochs": 6, "winner": "overall", "test_once": True}
    spec = make_sweep_spec(make_plan(space={"lr": (0.1, 0.2)}, final=final))
    trials: list[Trial] = []
    asked(spec, trials, "search")
    trials[:] = [replace(trial, state="finished", value=1.0 - 0.1 * trial.number) for trial in trials]
    assert asked(spec, trials, "final") == [(4, "adam lr=0.2", 101), (5, "sgd lr=0.2", 101)]
    runs = [run_of(spec, trial) for trial in trials]
    assert [run.test_once for run in runs] == [False, False, False, False, True, True]
    assert [run.epochs for run in runs[4:]] == [6, 6]
    assert "--test-once" in runs[4].command


def test_an_outcome_is_read_from_how_the_run_ended(tmp_path: Path) -> None:
    """Pruned after an epoch, what came later counts for nobody; what has finished has, whatever the rule would say."""
    home, spec = open_home(tmp_path), make_sweep_spec(make_plan(presets=("sgd",), space={"lr": (0.1,)}))
    trial = new_trial([], "search", *wanted(spec, [], "search")[0])
    run_spec = run_of(spec, trial)
    results = [replace(make_result(run_spec, epoch), val_loss=1.0 - 0.1 * epoch) for epoch in range(4)]
    pruned = make_run(home, run_spec, state="stopped", results=results, reason=pruned_reason(2))
    finished = make_run(home, run_spec, results=results)
    going = make_run(home, run_spec, state="running", results=results)
    found = [outcome_of(trial, run.folder, run.status, metric="val_loss") for run in (pruned, finished, going)]
    assert [one and (one.state, one.value, len(one.curve)) for one in found] == [
        ("pruned", 0.8, 2),
        ("finished", 0.7, 3),
        None,
    ]
