"""Problems without classes: no accuracy anywhere, and the gap to the known minimum in its place."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_preset, make_progress, make_result, make_run, make_series, make_spec, make_started
from tests.report.points import points
from tui_optim.report.bands import group_seeds, make_band
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.formats import export_text, row_objects
from tui_optim.report.long_table import long_table
from tui_optim.report.measures import Measure, judged_by
from tui_optim.report.profile import make_profile
from tui_optim.report.race import measures_of, standings
from tui_optim.report.runobject import runs_object
from tui_optim.report.series import RunSeries, load_series
from tui_optim.report.sweep_choice import choice_sentences
from tui_optim.report.sweep_table import make_view, sweep_table
from tui_optim.report.tables import MAX_EPOCH_ROWS, history_table, results_table
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.events import EpochEnded, Event, Rewound, RunState
from tui_optim.spec.results import EpochResult
from tui_optim.spec.sweeps.expected import expected_points
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.sweep import resolve_sweep
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home
from tui_optim.store.sweepfolder import create_sweep

ACCURACIES = ("train_accuracy", "val_accuracy", "test_accuracy")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def run_of(
    home: Home,
    preset: str,
    gaps: Sequence[float] = (1.0, 0.5, 0.25),
    *,
    seed: int = 1,
    scenario: str = "scalar-mean",
    state: RunState = "finished",
    final: EpochResult | None = None,
) -> StoredRun:
    """A run with these gaps at the ends of its epochs, the start first."""
    spec = make_spec(scenario, make_preset(preset), seed=seed, epochs=len(gaps) - 1)
    results = [replace(make_result(spec, i), gap=gap, train_loss=gap + 0.5) for i, gap in enumerate(gaps)]
    return make_run(home, spec, state=state, results=results, final=final or results[-1])


def series_of(runs: Sequence[StoredRun]) -> dict[str, RunSeries]:
    return {run.run_id: load_series(run.folder) for run in runs}


def steps(count: int, *, start: float = 1.0) -> list[Event]:
    """The start, then a step a bin, each halving the gap, with the point."""
    spec = make_spec("scalar-mean")
    first = replace(make_result(spec, 0), gap=start, train_loss=start + 0.5)
    halved = [start * 0.5**step for step in range(1, count + 1)]
    bins = [
        replace(make_progress(step), gap=gap, loss=gap + 0.5, point=(gap**0.5,))
        for step, gap in enumerate(halved, start=1)
    ]
    return [make_started(spec), EpochEnded(result=first), *bins]


def test_curves_begin_at_the_start_and_have_every_step() -> None:
    """Gap and loss at step 0, then at each step; the path has the points after the steps."""
    series = make_series(steps(3))
    assert points(series, "gap", "train", "step") == ([0, 1, 2, 3], [1.0, 0.5, 0.25, 0.125])
    assert points(series, "loss", "train", "step") == ([0, 1, 2, 3], [1.5, 1.0, 0.75, 0.625])
    assert series.path == [(0.5**0.5,), (0.5,), (0.125**0.5,)]
    assert points(series, "accuracy", "train", "step") == ([], [])


def test_a_rewind_cuts_the_gap_and_the_path() -> None:
    """What a resumed run does again is not there twice."""
    series = make_series([*steps(4), Rewound(to_seq=4)])  # seq 4 is the second step
    assert points(series, "gap", "train", "step")[0] == [0, 1, 2]
    assert len(series.path) == 2


def test_tables_have_the_gap_and_no_accuracy(home: Home) -> None:
    """Results and history of such runs lack columns for accuracies and for a test set; the smallest gap is bold."""
    runs = [run_of(home, "sgd", seed=1), run_of(home, "adam", (1.0, 0.3, 0.01), seed=1)]
    table = results_table(runs)
    keys = [column.key for column in table.columns]
    assert "gap" in keys
    assert not {"test_loss", *ACCURACIES} & set(keys)
    assert table.best == {(1, keys.index("gap"))}
    assert any(note.startswith("f − f*: the objective minus its minimum") for note in table.notes)
    assert not any(note.startswith(("floor", "test:")) for note in table.notes)
    history = history_table(runs[0], load_series(runs[0].folder))
    assert [column.key for column in history.columns][:4] == ["epoch", "lr", "train_loss", "gap"]


def test_accuracies_stay_where_other_rows_have_them(home: Home) -> None:
    """Among runs of both kinds each cell says what its run has."""
    runs = [run_of(home, "sgd"), make_run(home)]
    first, second = row_objects(results_table(runs))
    assert (first["test_accuracy"], first["gap"]) == (None, 0.25)
    assert (second["test_accuracy"], second["gap"]) == (0.8, None)


def test_a_long_history_is_shown_in_part(home: Home) -> None:
    """Two thousand rows fit no screen: the start, every so many, and the last; a note says so."""
    run = run_of(home, "sgd", [0.999**k for k in range(2001)], scenario="quadratic-f1")
    table = history_table(run, load_series(run.folder))
    epochs = [row[0] for row in table.rows]
    assert len(epochs) <= MAX_EPOCH_ROWS + 1
    assert (epochs[0], epochs[-1]) == (0, 2000)
    assert any("of 2,001 epochs are shown" in note for note in table.notes)


def test_json_has_nulls_for_accuracies_and_the_gap_as_a_number(home: Home) -> None:
    """`gap` is there for these scenarios alone, and absent figures are null."""
    body = json.loads(json.dumps(runs_object([run_of(home, "sgd"), make_run(home)])))
    ours, other = body["runs"]
    for row in (*ours["history"], ours["final"]):
        assert all(row[name] is None for name in (*ACCURACIES, "val_loss", "test_loss"))
    assert [row["gap"] for row in ours["history"]] == [1.0, 0.5, 0.25]
    assert "gap" not in other["final"]


def test_a_diverged_run_has_no_chance_accuracy(home: Home) -> None:
    """Where there are no classes nothing can be guessed: loss and gap are no numbers, accuracies are absent."""
    run = run_of(home, "sgd", (1.0, math.inf), state="diverged")
    unread = make_run(home, make_spec("scalar-mean", seed=2), state="diverged", results=[])
    for row in row_objects(results_table([run, unread])):
        assert "test_accuracy" not in row
        assert row["gap"] in ("Infinity", "NaN")
    (group,) = group_seeds([run], series_of([run]))
    assert make_band(group, "accuracy", "train", "step").xs == ()
    assert make_band(group, "gap", "train", "step").centre[-1] == math.inf


def test_settings_are_compared_by_gap(home: Home) -> None:
    """Mean ± sd and interval of the gap, its paired difference, the own targets, no accuracies; the smaller mean is bold."""
    runs = [
        run_of(home, preset, (1.0, 0.1, end * seed), seed=seed)
        for preset, end in (("sgd", 2e-4), ("adam", 1e-7))
        for seed in range(1, 6)
    ]
    table = comparison_table(runs, series_of(runs))
    keys = [column.key for column in table.columns]
    assert [key for key in keys if key in ("train_loss", "gap", "gap_low")] == ["train_loss", "gap", "gap_low"]
    assert not {"difference", "test_accuracy"} & set(keys)
    first, second = row_objects(table)
    assert (first["gap_difference"], first["reference"]) == (None, "sgd")
    assert second["gap_difference"] == pytest.approx(3 * (1e-7 - 2e-4))
    assert (second["p"], second["p_greater"], second["reference"]) == (0.0625, 1.0, "sgd")
    assert [key for key in keys if "_to_" in key] == [
        f"epochs_to_gap<={value}" for value in ("0.001", "1e-06", "1e-10")
    ]
    assert (1, keys.index("gap")) in table.best
    hits = [row["hits_gap<=1e-06"] for row in row_objects(table)]
    assert hits == [0, 5]


def test_a_target_is_met_at_the_step(home: Home) -> None:
    """The cost is that of the first step below it, not that of the epoch in which it lies."""
    spec = make_spec("scalar-mean", make_preset("sgd"))
    run = make_run(home, spec, results=[])
    series = {run.run_id: make_series(steps(12))}
    table = comparison_table([run], series, axis="step")
    assert row_objects(table)[0]["steps_to_gap<=0.001"] == 10  # 0.5¹⁰ < 10⁻³ < 0.5⁹


def test_what_a_race_is_about(home: Home) -> None:
    """The gap comes first, and the smaller one leads."""
    runs = [run_of(home, "sgd"), run_of(home, "adam", (1.0, 0.4, 0.1))]
    field = group_seeds(runs, {run.run_id: make_series(steps(20, start=float(i))) for i, run in enumerate(runs, 1)})
    assert judged_by(runs[0].info.spec) == measures_of(field)[0] == Measure("train", "gap")
    found = standings(field, measures_of(field)[0], "step", 5)
    assert [one.seeds.spec.preset for one in found] == ["sgd", "adam"]


def test_profiles_take_gaps_as_targets(home: Home) -> None:
    """A toy problem beside a network: each has its own kind of target."""
    from tui_optim.report.comparison import make_settings

    presets = ("sgd", "adam")
    runs = [run_of(home, preset) for preset in presets]
    runs += [make_run(home, make_spec("mlp-mnist", make_preset(preset))) for preset in presets]
    profile = make_profile(make_settings(runs, series_of(runs)))
    assert {problem.target.measure for problem in profile.problems} == {"gap", "test_accuracy"}


def test_the_long_shape_and_every_format_have_it(home: Home) -> None:
    """Exports carry the gap as a measure of its own."""
    run = run_of(home, "sgd")
    series = series_of([run])
    table = long_table([run], series)
    rows = [dict(zip([column.key for column in table.columns], row, strict=True)) for row in table.rows]
    assert [row["value"] for row in rows if row["measure"] == "gap"] == [1.0, 0.5, 0.25, 0.25]
    assert not any(row["measure"] == "accuracy" for row in rows)
    for form in ("csv", "markdown", "latex", "html", "json"):
        assert "0.25" in export_text([run], format=form, series=series)


def test_a_sweep_of_a_function_shows_the_gap(home: Home) -> None:
    """Beside the metric stands the gap, not an accuracy; and what is best without held-out data is not called chosen."""
    plan = SweepPlan(
        scenarios=("scalar-mean",),
        presets=("sgd",),
        space={"lr": (0.1, 0.2)},
        seeds=(1,),
        metric="train_loss",
        holdout=False,
    )
    data = {"uniform-numbers": generated_source("uniform-numbers")}
    sweep = resolve_sweep(plan, {"sgd": make_preset("sgd")}, data=data)
    folder = create_sweep(home, sweep, versions={})
    runs = []
    for number, point in enumerate(expected_points(sweep)):
        spec = sweep.trial_run(point, 1)
        final = replace(make_result(spec, 2), train_loss=0.6 - 0.1 * number, gap=0.1 - 0.05 * number)
        runs.append(make_run(home, spec, final=final, sweep=folder.sweep_id))
        trial = Trial(number=number, point=point, seed=1, run_id=runs[-1].run_id)
        folder.log.ask(trial)
        folder.log.tell(replace(trial, state="finished", value=final.train_loss, curve=(1.0, final.train_loss or 0.0)))
    view = make_view(folder.read(), runs)
    rows = row_objects(sweep_table(view))
    assert [row["lr"] for row in rows] == [0.2, 0.1]
    assert [row["gap"] for row in rows] == pytest.approx([0.05, 0.1])
    assert choice_sentences(view)[0].startswith("best: sgd lr=0.2, lowest train_loss")
    assert "--data-dir" not in sweep.command
