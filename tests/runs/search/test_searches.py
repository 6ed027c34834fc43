"""Searches: pure functions of what has been tried."""

import math

import pytest

from tests.runs.search.histories import Judge, judged, search, trial_of
from tests.spec.sweeps.plans import make_sweep
from tui_optim.runs.search import propose
from tui_optim.spec.sweeps.plan import MAX_RATES, Point, grid
from tui_optim.spec.sweeps.space import Range
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Trial

WIDE = Range(low=1e-5, high=10.0)


def _distance_to(best: float) -> Judge:
    """A bowl over log lr."""
    return lambda point: abs(math.log(float(dict(point.values)["lr"])) - math.log(best))


def test_a_grid_tries_every_point_once_in_its_order() -> None:
    """And is over then."""
    sweep = make_sweep(presets=("sgd", "adam"), space={"lr": (0.1, 0.01), "batch_size": (64, 128)})
    trials = search(sweep, _distance_to(0.1))
    assert [trial.point for trial in trials] == list(grid(sweep.plan))


@pytest.mark.parametrize("kind", ["random", "tpe"])
def test_every_preset_has_the_same_budget_in_turns(kind: str) -> None:
    """Cut anywhere, no preset is more than one point ahead."""
    sweep = make_sweep(presets=("sgd", "adam"), search=kind, trials=4, space={"lr": WIDE, "batch_size": (64, 128)})
    trials = search(sweep, _distance_to(0.1))
    assert [trial.point.preset for trial in trials] == ["sgd", "adam"] * 4
    for trial in trials:
        values = dict(trial.point.values)
        assert 1e-5 <= float(values["lr"]) <= 10
        assert values["batch_size"] in (64, 128)
    assert len({trial.point for trial in trials}) == 8


@pytest.mark.parametrize("kind", ["random", "tpe"])
def test_a_search_that_was_cut_makes_the_same_suggestions(kind: str) -> None:
    """Cut after every number of trials and begun anew from the log: not one point differs."""
    sweep = make_sweep(
        search=kind, trials=14, seed=3, space={"lr": WIDE, "momentum": Range(low=0, high=0.99, scale="linear")}
    )
    whole = search(sweep, _distance_to(0.03))
    for cut in range(0, 14, 3):
        again = SweepSpec.model_validate_json(sweep.model_dump_json())
        assert search(again, _distance_to(0.03), history=whole[:cut]) == whole


def test_another_seed_searches_elsewhere() -> None:
    """The search's seed decides, nothing else does."""
    first, second = (
        search(make_sweep(search="random", trials=5, seed=seed, space={"lr": WIDE}), _distance_to(0.1))
        for seed in (0, 1)
    )
    assert not {trial.point for trial in first} & {trial.point for trial in second}


def test_tpe_comes_closer_than_chance() -> None:
    """After forty points of a bowl its last ten lie nearer to the minimum than ten random ones, for each of three seeds."""
    for seed in range(3):
        last_ten = {
            kind: sorted(
                trial.value or 0.0
                for trial in search(
                    make_sweep(search=kind, trials=40, seed=seed, space={"lr": WIDE}), _distance_to(0.03)
                )[-10:]
            )
            for kind in ("tpe", "random")
        }
        assert last_ten["tpe"][5] < last_ten["random"][5]


def test_tpe_bears_what_diverged_was_pruned_failed_or_still_runs() -> None:
    """Every outcome has a place in the study; the next point is drawn all the same."""
    sweep = make_sweep(search="tpe", trials=30, space={"lr": WIDE})
    trials = search(sweep, _distance_to(0.03), limit=12)
    points = [trial.point for trial in trials]
    odd: list[Trial] = [
        trial_of(12, _shifted(points[0]), math.inf, state="diverged"),
        trial_of(13, _shifted(points[1]), 3.0, state="pruned"),
        trial_of(14, _shifted(points[2]), None, state="failed"),
        trial_of(15, _shifted(points[3]), None, state="running"),
    ]
    assert propose(sweep, judged(sweep, [*trials, *odd])) is not None


def _shifted(point: Point) -> Point:
    return Point(
        scenario=point.scenario, preset=point.preset, values=(("lr", min(9.9, float(dict(point.values)["lr"]) * 1.5)),)
    )


def test_a_rate_is_tuned_around_the_presets_own() -> None:
    """Its own first, then the nearest to it; with the best value inside the first eight no more are tried."""
    trials = search(make_sweep(search="rate"), _distance_to(0.1))
    rates = [dict(trial.point.values)["lr"] for trial in trials]
    assert rates == [0.1, 0.046, 0.22, 0.022, 0.46, 0.01, 1.0, 2.2]


@pytest.mark.parametrize(("best", "expected"), [(1e-3, 1e-3), (30.0, 22.0)])
def test_a_rate_search_extends_while_the_best_is_on_the_border(best: float, expected: float) -> None:
    """Below and above, until the best lies inside."""
    sweep = make_sweep(search="rate")
    trials = search(sweep, _distance_to(best))
    rates = sorted(float(dict(trial.point.values)["lr"]) for trial in trials)
    winner = min(trials, key=lambda trial: trial.value or 0.0)
    assert 8 < len(rates) <= MAX_RATES
    assert dict(winner.point.values)["lr"] == expected
    assert rates[0] < expected < rates[-1]


def test_a_rate_search_gives_up_after_fourteen_values() -> None:
    """A metric that falls for ever does not keep it going for ever."""
    trials = search(make_sweep(search="rate"), lambda point: -math.log(float(dict(point.values)["lr"])))
    assert len(trials) == MAX_RATES


def test_a_rate_search_waits_for_its_trials_before_it_extends() -> None:
    """While one of the first eight runs, nothing is proposed beyond the border."""
    sweep = make_sweep(search="rate")
    trials = search(sweep, _distance_to(1e-3), limit=8)
    waiting = [*trials[:-1], trial_of(7, trials[-1].point, None, state="running")]
    assert propose(sweep, judged(sweep, waiting)) is None


def test_where_all_rates_diverge_smaller_ones_are_tried() -> None:
    """The search goes down, not up."""
    trials = search(make_sweep(search="rate"), lambda _: math.inf)
    assert min(float(dict(trial.point.values)["lr"]) for trial in trials) < 0.01
    assert max(float(dict(trial.point.values)["lr"]) for trial in trials) == 2.2


@pytest.mark.timeout(30)
def test_a_rate_search_ends_at_the_limit_of_its_key() -> None:
    """A momentum of 0.9 has nothing above it that the optimizer takes, and downwards is better: only that way it goes on."""
    sweep = make_sweep(search="rate", tuned="momentum", presets=("nesterov",))
    momenta = [dict(trial.point.values)["momentum"] for trial in search(sweep, _distance_from_zero)]
    assert momenta == [0.9, 0.42, 0.19, 0.09, 0.042, 0.019, 0.009, 0.0042, 0.0019, 0.0009]
    assert len(search(sweep, lambda point: -_distance_from_zero(point))) == 4  # the best is at the limit: no more


@pytest.mark.timeout(30)
def test_a_rate_search_ends_where_numbers_do() -> None:
    """Below the smallest float all values are 0: nothing is tried twice, and nothing for ever."""
    sweep = make_sweep(search="rate", tuned="weight_decay", presets=("tiny",))
    values = [dict(trial.point.values)["weight_decay"] for trial in search(sweep, _distance_from_zero)]
    assert len(values) == len(set(values)) <= MAX_RATES


def _distance_from_zero(point: Point) -> float:
    (value,) = dict(point.values).values()
    return float(value)
