"""Plans that can be carried out, and those that are refused before anything is made."""

import math
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.spec.sweeps.plans import make_sweep
from tui_optim.spec.errors import UsageError
from tui_optim.spec.sweeps.expected import describe, expected_points, expected_runs
from tui_optim.spec.sweeps.file import load_plan
from tui_optim.spec.sweeps.plan import FinalSpec, Point, SweepPlan, grid
from tui_optim.spec.sweeps.space import Range
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Trial, best, verdicts


def test_a_grid_has_a_stable_order() -> None:
    """Presets outermost, the last key turns fastest: the order in which people read the lines that they typed."""
    sweep = make_sweep(presets=("sgd", "adam"), space={"lr": (0.1, 0.01), "batch_size": (64, 128)})
    rows = [(point.preset, *dict(point.values).values()) for point in grid(sweep.plan)]
    assert rows == [(p, lr, size) for p in ("sgd", "adam") for lr in (0.1, 0.01) for size in (64, 128)]
    assert sweep.plan.num_points == len(rows) == 8


def test_trials_never_see_test_and_winners_train_on_everything() -> None:
    """A trial holds data out; a winner's run does not, and may be longer."""
    sweep = make_sweep(final=FinalSpec(seeds=(101,), epochs=30))
    point = next(grid(sweep.plan))
    trial, final = sweep.trial_run(point, 7), sweep.final_run(point, 101)
    assert (trial.holdout, trial.seed, trial.epochs, trial.hyperparameters["lr"]) == (True, 7, 3, 0.01)
    assert (final.holdout, final.seed, final.epochs, final.hyperparameters["lr"]) == (False, 101, 30, 0.01)


def test_the_length_of_a_run_can_be_searched() -> None:
    """`epochs` is a key like the others; a winner keeps its own unless another length is asked for."""
    sweep = make_sweep(space={"epochs": (5, 10)}, final=FinalSpec(seeds=(101,)))
    assert [sweep.trial_run(point, 7).epochs for point in grid(sweep.plan)] == [5, 10]
    assert [sweep.final_run(point, 101).epochs for point in grid(sweep.plan)] == [5, 10]


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"space": {"lr": (0.1, -1.0)}}, "lr = -1.0: expected a number"),
        ({"space": {"momentun": (0.9,)}}, "did you mean 'momentum'?"),
        ({"space": {"lr": Range(low=0.1, high=1)}}, "search random or tpe"),
        ({"space": {"nesterov": Range(low=0, high=1, scale="linear")}, "search": "random", "trials": 3}, "no number"),
        ({"space": {"schedule.kind": ("cosine", "step")}}, "one kind at a time"),
        ({"search": "random"}, "--trials 20"),
        ({"search": "random", "trials": 0}, r"expected a whole number in \[1"),
        ({"search": "random", "trials": 5, "space": {}}, "something to search"),
        ({"trials": 5}, "knows its number of trials"),
        ({"search": "rate", "space": {"lr": (0.1,)}}, "by itself"),
        ({"search": "rate", "tuned": "nesterov"}, "no number on a scale"),
        ({"search": "rate", "tuned": "momentum"}, "momentum of sgd is 0, and search rate multiplies"),
        (
            {"scenarios": ("quadratic-f1",), "holdout": False, "metric": "train_accuracy"},
            "quadratic-f1 has no classes to get right; choose by train_loss",
        ),
        ({"tuned": "momentum"}, "is for search rate"),
        ({"final": FinalSpec(epochs=3)}, "final epochs without final seeds"),
        ({"settings": {"lr": 0.1}}, "searched and set at once"),
        ({"seeds": (7, 8), "final": FinalSpec(seeds=(8,))}, "fresh ones"),
        ({"seeds": (7, 7)}, "each once"),
        ({"holdout": False, "final": FinalSpec(seeds=(101,))}, "nothing may be chosen"),
        ({"scenarios": ("lenet5-fashion",), "holdout": False}, "no validation set"),
        ({"presets": ()}, "one scenario and one preset"),
        ({"space": {"lr": tuple(float(n) for n in range(1, 20_000))}}, "at most 10,000"),
        (
            {"search": "rate", "space": {}, "seeds": tuple(range(10_001))},
            "10,001 runs or more: a sweep has at most 10,000",
        ),
        ({"space": {"lr": (0.1, 0.2, 0.10)}}, "lr: a value stands twice"),
        ({"space": {"batch_size": (64, 100_000)}}, "the training set has"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(fields: dict[str, Any], hint: str) -> None:
    """Before the start, in one line that names the key."""
    with pytest.raises(UsageError, match=hint):
        make_sweep(**fields)


def test_a_sweep_survives_its_file() -> None:
    """What is read back from `sweep.json` gives the same runs."""
    sweep = make_sweep(
        presets=("sgd", "adam"),
        search="tpe",
        trials=4,
        space={"lr": Range(low=1e-4, high=1), "batch_size": (64, "full"), "weight_decay": (0, 5e-4)},
        final=FinalSpec(seeds=(1, 2)),
    )
    again = SweepSpec.model_validate_json(sweep.model_dump_json())
    assert again == sweep
    point = Point(scenario="mlp-fashion", preset="adam", values=(("lr", 0.01), ("batch_size", 64)))
    assert again.trial_run(point, 7) == sweep.trial_run(point, 7)


def test_the_command_says_what_differs_from_the_defaults() -> None:
    """Every option that the plan needs, and no other."""
    sweep = make_sweep(presets=("sgd", "adam"), prune="median", seeds=(7, 8, 9), final=FinalSpec(seeds=(101, 102, 103)))
    words = shlex.split(sweep.command)
    assert words[:7] == ["tui-optim", "sweep", "mlp-fashion", "--preset", "sgd", "--preset", "adam"]
    assert words[7:9] == ["--grid", "lr=0.01,0.1"]
    assert "--prune" in words
    assert words[words.index("--final-seeds") + 1] == "101..103"
    assert "--search" not in words


def test_runs_are_counted_before_the_start() -> None:
    """A grid exactly, the winners' runs with it."""
    sweep = make_sweep(
        presets=("sgd", "adam"), space={"lr": (0.1, 0.01), "batch_size": (64, 128, 256)}, final=FinalSpec(seeds=(1, 2))
    )
    assert len(expected_runs(sweep)) == 2 * 6 + 2 * 2
    assert describe(sweep).startswith("12 runs (2 arms × lr 2 × batch_size 3), then 2 of each of 2 winners")
    assert describe(make_sweep(search="rate")).startswith("at least 8 runs (8 values of lr")


def test_what_stands_twice_counts_once() -> None:
    """Two equal arms would be one with twice the budget."""
    sweep = make_sweep(scenarios=("mlp-fashion", "mlp-fashion"), presets=("sgd", "sgd"))
    assert sweep.plan.arms == [("mlp-fashion", "sgd")]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"space": {}}, "1 run (one point)"),
        ({"space": {}, "presets": ("sgd", "adam")}, "2 runs (2 arms)"),
        ({"space": {}, "seeds": (7, 8)}, "2 runs (2 seeds)"),
        (
            {"search": "random", "trials": 1, "space": {"lr": Range(low=0.1, high=1)}},
            "1 run (1 random point of lr=0.1..1)",
        ),
    ],
)
def test_one_is_singular(fields: dict[str, Any], text: str) -> None:
    """As people say it."""
    assert describe(make_sweep(**fields)) == text


def test_values_beyond_the_limit_of_a_key_are_not_counted() -> None:
    """Of eight values around a momentum of 0.9 there are four, around one of 0.05 seven."""
    sweep = make_sweep(search="rate", tuned="momentum", presets=("nesterov", "slow"))
    assert describe(sweep).startswith("at least 11 runs (2 arms × 4 to 7 values of momentum")
    assert len(expected_runs(sweep)) == len(expected_points(sweep)) == 11


def test_a_metric_that_a_trial_does_not_have_is_worth_nothing() -> None:
    """Two finished trials without the number do not count as a mean of 0."""
    point = Point(scenario="quadratic-f1", preset="sgd", values=(("lr", 0.1),))
    trials = [Trial(number=n, point=point, seed=n, run_id=f"run-{n}", state="finished", value=None) for n in range(2)]
    judged = verdicts(trials, is_minimised=False)
    assert math.isnan(judged[0].value)
    assert best(judged, is_minimised=False) is None


def test_a_sweep_file_reads_like_the_command_line(tmp_path: Path) -> None:
    """Ranges may be typed; a wrong key is named with the nearest one."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'scenarios = ["mlp-fashion"]\npresets = ["sgd"]\nsearch = "random"\ntrials = 3\n[space]\nlr = "1e-3..1"\n'
    )
    assert load_plan(path) == SweepPlan(
        name="mine",
        scenarios=("mlp-fashion",),
        presets=("sgd",),
        search="random",
        trials=3,
        space={"lr": Range(low=1e-3, high=1.0)},
    )
    path.write_text('scenarios = ["mlp-fashion"]\npreset = ["sgd"]\n')
    with pytest.raises(
        UsageError, match=r"mine\.toml: (presets is missing|unknown key preset: did you mean 'presets'\?)"
    ):
        load_plan(path)
    path.write_text('scenarios = "circles"\npresets = ["sgd"]\n')
    with pytest.raises(
        UsageError, match=r"scenarios = 'circles': expected a list, for example scenarios = \[\"circles\"\]"
    ):
        load_plan(path)
