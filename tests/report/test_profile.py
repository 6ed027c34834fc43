"""Performance profiles: the definition, the choice of problems and presets, and the table."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_preset, make_result, make_run, make_spec
from tui_optim.report.cells import Cell, Table
from tui_optim.report.comparison import Setting, make_settings
from tui_optim.report.formats import row_objects
from tui_optim.report.profile import make_profile, performance_profile, share_within
from tui_optim.report.profile_table import profile_table
from tui_optim.report.series import load_series
from tui_optim.report.targets import Target
from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home

INF = math.inf
EASY, HARD = Target("test_accuracy", 0.7), Target("test_accuracy", 0.9)
problems = st.lists(
    st.lists(st.integers(0, 9).map(float) | st.just(INF), min_size=3, max_size=3), min_size=1, max_size=7
)


@settings(deadline=None)
@given(problems)
def test_shares_are_those_of_the_definition(problems: list[list[float]]) -> None:
    """At every step of any solver, and between."""
    costs = {name: [problem[i] for problem in problems] for i, name in enumerate("abc")}
    profile = performance_profile(costs)
    taus = {tau for curve in profile.values() for tau, _ in curve}
    for name, curve in profile.items():
        assert curve[0][0] == 1
        assert all(math.isfinite(tau) for tau, _ in curve)
        assert all(a < b and before < after for (a, before), (b, after) in pairwise(curve))
        for tau in taus | {tau + 1e-3 for tau in taus}:
            solved = sum(
                cost < INF and (cost == min(problem) or (min(problem) > 0 and cost / min(problem) <= tau))
                for cost, problem in zip(costs[name], problems, strict=True)
            )
            assert share_within(curve, tau) == solved / len(problems)


def test_profiles_at_their_borders() -> None:
    """A problem that nobody solved keeps the shares below 1; no problems make no steps; wrong costs are refused."""
    assert performance_profile({"a": [1.0, 4.0, INF], "b": [2.0, 2.0, INF]}) == {
        "a": [(1.0, 1 / 3), (2.0, 2 / 3)],
        "b": [(1.0, 1 / 3), (2.0, 2 / 3)],
    }
    assert performance_profile({"a": [INF]}) == {"a": [(1.0, 0.0)]}
    assert performance_profile({"a": []}) == {"a": []}
    assert performance_profile({}) == {}
    for wrong in (-1.0, math.nan):
        with pytest.raises(ValueError, match="negative or NaN"):
            performance_profile({"a": [wrong]})
    with pytest.raises(ValueError, match="shorter"):
        performance_profile({"a": [1.0], "b": []})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def runs_of(
    home: Home, preset: str, scenario: str, reached_in: Sequence[int], *, overrides: dict[str, Value] | None = None
) -> list[StoredRun]:
    """Finished runs of four epochs, a seed each, that reach 0.8 in this epoch."""
    runs = []
    for seed, epoch in enumerate(reached_in, start=1):
        spec = make_spec(scenario, make_preset(preset), seed=seed, epochs=4, overrides=overrides)
        results = [make_result(spec, one, test_accuracy=0.8 if one >= epoch else 0.5) for one in range(5)]
        runs.append(make_run(home, spec, results=results))
    return runs


def settings_of(runs: Sequence[StoredRun]) -> list[Setting]:
    """Grouped."""
    return make_settings(runs, {run.run_id: load_series(run.folder) for run in runs})


def shown(table: Table, number: int) -> dict[str, Cell]:
    """A row by the keys of its columns."""
    return dict(zip([column.key for column in table.columns], table.rows[number], strict=True))


def test_costs_are_medians_over_seeds(home: Home) -> None:
    """Two scenarios with two targets each are four problems; a target that most seeds missed costs ∞."""
    runs = runs_of(home, "sgd", "lenet5-fashion", [1, 4, 2]) + runs_of(home, "sgd", "mlp-fashion", [4])
    runs += runs_of(home, "adam", "lenet5-fashion", [1, 1, 3]) + runs_of(home, "adam", "mlp-fashion", [2])
    profile = make_profile(settings_of(runs), targets=[EASY, HARD])
    assert [problem.text for problem in profile.problems] == [
        "lenet5-fashion:test_accuracy>=0.7",
        "lenet5-fashion:test_accuracy>=0.9",
        "mlp-fashion:test_accuracy>=0.7",
        "mlp-fashion:test_accuracy>=0.9",
    ]
    assert profile.costs == {"sgd": (2.0, INF, 4.0, INF), "adam": (1.0, INF, 2.0, INF)}
    assert profile.num_seeds == {"sgd": 1, "adam": 1}


def test_the_table_has_the_cheapest_first(home: Home) -> None:
    """Shares within multiples of the cheapest cost, the costs themselves in files, and notes on what it does not allow."""
    runs = [run for name in ("lenet5-fashion", "mlp-fashion") for run in runs_of(home, "sgd", name, [3])]
    runs += runs_of(home, "adam", "lenet5-fashion", [1]) + runs_of(home, "adam", "mlp-fashion", [3])
    table = profile_table(make_profile(settings_of(runs), targets=[EASY]))
    assert [shown(table, i)["preset"] for i in (0, 1)] == ["adam", "sgd"]
    assert [shown(table, 0)[f"share_within_{ratio}"] for ratio in ("1", "2", "4", "inf")] == [1, 1, 1, 1]
    assert [shown(table, 1)[f"share_within_{ratio}"] for ratio in ("1", "2", "4", "inf")] == [0.5, 0.5, 1, 1]
    assert row_objects(table)[1]["lenet5-fashion:test_accuracy>=0.7"] == 3
    assert any(note.startswith("2 scenarios: a description") and "takes 4 or more" in note for note in table.notes)


def test_presets_without_runs_everywhere_are_left_out_and_named(home: Home) -> None:
    """What was set over a preset makes it another one."""
    runs = [run for name in ("lenet5-fashion", "mlp-fashion") for run in runs_of(home, "sgd", name, [3])]
    runs += [run for name in ("lenet5-fashion", "mlp-fashion") for run in runs_of(home, "adam", name, [2])]
    runs += runs_of(home, "adam", "mlp-fashion", [1], overrides={"lr": 0.5})
    profile = make_profile(settings_of(runs))
    assert (list(profile.costs), profile.left_out) == (["sgd", "adam"], ("adam lr=0.5",))


def test_what_was_set_on_one_scenario_alone_is_told(home: Home) -> None:
    """The preset has runs everywhere, but with other values; the sentence says what it takes and what counts apart."""
    runs = runs_of(home, "sgd", "lenet5-fashion", [3], overrides={"lr": 0.5}) + runs_of(home, "sgd", "mlp-fashion", [3])
    with pytest.raises(UsageError, match="with the same values set over them, or none, and none has") as raised:
        make_profile(settings_of(runs))
    assert "; sgd counts apart as sgd lr=0.5, sgd: name fewer" in str(raised.value)
    lonely = runs_of(home, "sgd", "lenet5-fashion", [3]) + runs_of(home, "adam", "lenet5-fashion", [2])
    with pytest.raises(UsageError, match="only one has: name fewer scenarios"):
        make_profile(settings_of([*lonely, *runs_of(home, "adam", "mlp-fashion", [1])]))


def test_runs_of_a_sweep_on_held_out_data_do_not_take_part(home: Home) -> None:
    """Of a scenario the contest counts that shares the most presets with the others, however many a sweep has."""
    runs = [run for name in ("lenet5-fashion", "mlp-fashion") for run in runs_of(home, "sgd", name, [3])]
    runs += [run for name in ("lenet5-fashion", "mlp-fashion") for run in runs_of(home, "adam", name, [2])]
    sweep = [
        make_run(home, make_spec("mlp-fashion", make_preset("sgd"), holdout=True, overrides={"lr": rate}))
        for rate in (0.001, 0.01, 0.1, 1.0)
    ]
    profile = make_profile(settings_of([*sweep, *runs]))
    assert {problem.target.measure for problem in profile.problems} == {"test_accuracy"}
    assert len(profile.problems) == 6


def test_one_scenario_or_one_preset_makes_no_profile(home: Home) -> None:
    """Both are sentences that say what is missing."""
    alone = runs_of(home, "sgd", "lenet5-fashion", [1])
    with pytest.raises(UsageError, match="two scenarios or more; these are all on lenet5-fashion"):
        make_profile(settings_of(alone))
    with pytest.raises(UsageError, match="none has"):
        make_profile(settings_of(alone + runs_of(home, "adam", "mlp-fashion", [1])))
    with pytest.raises(UsageError, match="two scenarios or more: run"):
        make_profile([])
