"""Results tables: what a row says and what stands below it."""

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.factories import make_preset, make_result, make_run, make_spec, make_started
from tui_optim.report.cells import Cell, Column, Table
from tui_optim.report.series import load_series
from tui_optim.report.tables import best_cells, history_table, parameter_table, results_table
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.scenarios import SCENARIOS, find_scenario
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def keys(table: Table) -> list[str]:
    """The keys of the columns."""
    return [column.key for column in table.columns]


def row(table: Table, number: int = 0) -> dict[str, Cell]:
    """A row by key."""
    return dict(zip(keys(table), table.rows[number], strict=True))


def note(table: Table, start: str) -> str:
    """The one note that begins so."""
    return next(text for text in table.notes if text.startswith(start))


def test_a_finished_run_shows_its_final_result(home: Home) -> None:
    """Train is the whole set at the end, test the last epoch, cost and time beside them."""
    table = results_table([make_run(home)])
    shown = row(table)
    assert (shown["preset"], shown["seed"], shown["state"], shown["epoch"]) == ("sgd-baseline", 42, "finished", "2/2")
    assert (shown["train_loss"], shown["test_loss"], shown["test_accuracy"]) == (0.44, 0.5, 0.8)
    assert (shown["effective_epochs"], shown["train_time_s"], shown["data"]) == (2.0, 4.0, "full")
    assert shown["handout_loss"] == 0.5 / 64


def test_files_have_the_raw_counters(home: Home) -> None:
    """So that anyone can weight them again; the table on screen has their sum."""
    run = make_run(home)
    table = results_table([run])
    counts = dict(zip([column.key for column in table.file_columns], table.file_rows[0], strict=True))
    assert run.status.final is not None
    assert {name: counts[name] for name in asdict(run.status.final.cost)} == asdict(run.status.final.cost)
    assert "examples_forward_backward" not in keys(table)


def test_one_scenario_needs_no_column_for_it(home: Home) -> None:
    """The scenario is in the title until there are two."""
    runs = [make_run(home), make_run(home, make_spec("mlp-fashion"))]
    assert "scenario" not in keys(results_table(runs[:1]))
    assert "LeNet-5" in results_table(runs[:1]).title
    assert [cells[0] for cells in results_table(runs).rows] == ["lenet5-fashion", "mlp-fashion"]


def test_only_settings_that_differ_become_columns(home: Home) -> None:
    """Two rates and two batch sizes are shown; what all rows share is not."""
    runs = [make_run(home), make_run(home, make_spec(overrides={"lr": 0.1, "batch_size": "full"}))]
    table = results_table(runs)
    assert [row(table, i)["lr"] for i in (0, 1)] == [0.001, 0.1]
    assert [row(table, i)["batch_size"] for i in (0, 1)] == [64, "full"]
    assert "momentum" not in keys(table)
    assert "lr" not in keys(results_table(runs[:1]))


def test_an_averaging_that_differs_is_a_column(home: Home) -> None:
    """A run without one says so; parameters are compared among runs with the same kind only."""
    swa: dict[str, Value] = {"averaging.kind": "swa"}
    chosen: list[dict[str, Value]] = [{}, swa, {**swa, "averaging.every": 2}, {"averaging.kind": "ema"}]
    table = results_table([make_run(home, make_spec(overrides=overrides)) for overrides in chosen])
    assert [row(table, i)["averaging.kind"] for i in range(4)] == ["none", "swa", "swa", "ema"]
    assert [row(table, i)["averaging.every"] for i in range(4)] == [None, 1, 2, None]
    assert "averaging.decay" not in keys(table)


def test_settings_of_different_optimizers_are_not_compared(home: Home) -> None:
    """The epsilons of Adam and of Adagrad mean different things: the preset says enough."""
    runs = [make_run(home, make_spec(preset=make_preset(name, optimizer=name))) for name in ("adam", "adagrad")]
    assert "eps" not in keys(results_table(runs))


def test_validation_columns_appear_where_there_is_validation(home: Home) -> None:
    """A scenario with its own validation set shows test at the validation-best beside test at the last epoch."""
    spec = make_spec("mlp-fashion")
    run = make_run(home, spec, best=make_result(spec, 1, test_accuracy=0.81, test_loss=0.47))
    shown = row(results_table([run]))
    assert (shown["val_loss"], shown["val_accuracy"]) == (0.48, 0.82)
    assert (shown["val_best_epoch"], shown["test_accuracy_at_val_best"], shown["test_accuracy"]) == (1, 0.81, 0.8)
    assert not [key for key in keys(results_table([make_run(home)])) if "val_" in key]


def test_a_run_for_choosing_has_no_test_figures(home: Home) -> None:
    """With --holdout the test set is never evaluated, and the table says so."""
    spec = make_spec(holdout=True)
    table = results_table([make_run(home, spec, best=make_result(spec, 1))])
    shown = row(table)
    assert (shown["test_loss"], shown["test_accuracy"], shown["val_accuracy"]) == (None, None, 0.82)
    assert not [key for key in keys(table) if "val_best" in key]
    assert "never saw the test set" in note(table, "holdout")


def test_a_regularised_scenario_shows_penalty_and_sparsity(home: Home) -> None:
    """They are columns of their own and in no other scenario."""
    shown = row(results_table([make_run(home, make_spec("lenet5-fashion-fc"))]))
    assert (shown["penalty"], shown["sparsity"]) == (0.0123, 0.25)
    assert "penalty" not in keys(results_table([make_run(home)]))


def test_a_diverged_run_is_a_row(home: Home) -> None:
    """Its evaluated result stands there: NaN and chance."""
    spec = make_spec()
    final = replace(make_result(spec, 1, test_accuracy=0.1, test_loss=math.nan), train_loss=math.nan)
    runs = [make_run(home), make_run(home, spec, state="diverged", results=[make_result(spec, 1)], final=final)]
    table = results_table(runs)
    shown = row(table, 1)
    assert len(table.rows) == 2
    assert (shown["state"], shown["test_accuracy"]) == ("diverged", 0.1)
    assert isinstance(shown["test_loss"], float)
    assert math.isnan(shown["test_loss"])
    assert "row 2" in note(table, "diverged")


def test_a_diverged_run_never_borrows_an_earlier_epoch(home: Home) -> None:
    """Without an evaluation at the end it counts as chance, however good its last whole epoch was."""
    spec = make_spec("mlp-fashion")
    run = make_run(home, spec, state="diverged", results=[make_result(spec, 1, test_accuracy=0.88)])
    shown = row(results_table([run]))
    assert (shown["test_accuracy"], shown["val_accuracy"], shown["train_accuracy"]) == (0.1, 0.1, 0.1)
    assert str(shown["test_loss"]) == "nan"
    assert shown["train_time_s"] == 2.0


def test_a_run_that_never_reached_an_epoch_is_a_row_too(home: Home) -> None:
    """Queued runs have empty figures; a run that diverged in its first bin has NaN and chance."""
    runs = [make_run(home, state="queued"), make_run(home, state="diverged", results=[])]
    table = results_table(runs)
    assert (row(table)["state"], row(table)["test_loss"], row(table)["epoch"]) == ("queued", None, "0/2")
    assert row(table, 1)["test_accuracy"] == 0.1


def test_a_running_run_shows_its_latest_epoch(home: Home) -> None:
    """The state marks it, and a note says that its training figures are running means."""
    spec = make_spec(epochs=5)
    table = results_table([make_run(home, spec, state="running", results=[make_result(spec, 1)])])
    assert (row(table)["state"], row(table)["epoch"], row(table)["train_loss"]) == ("running", "1/5", 0.45)
    assert "running means" in note(table, "train:")


def test_a_resumed_run_does_not_show_its_old_end(home: Home) -> None:
    """A stopped run that goes on shows what it has reached now."""
    spec = make_spec(epochs=5)
    old = make_result(spec, 1, test_accuracy=0.5)
    run = make_run(home, spec, state="running", results=[make_result(spec, 2)], final=old)
    assert row(results_table([run]))["test_accuracy"] == 0.8


def test_sample_results_are_marked(home: Home) -> None:
    """In the row, in the title and in a note."""
    table = results_table([make_run(home), make_run(home, make_spec(kind="sample"))])
    assert [row(table, i)["data"] for i in (0, 1)] == ["full", "sample"]
    assert "sample" in table.title
    assert "not comparable" in note(table, "sample")
    assert not [text for text in results_table([make_run(home)]).notes if "sample" in text]


def test_notes_carry_what_is_needed_to_trust_a_table(home: Home) -> None:
    """Device, threads, versions, seeds, floors and the command of each row."""
    specs = [make_spec(seed=seed) for seed in (1, 2)]
    runs = [make_run(home, spec) for spec in specs]
    started = {run.run_id: make_started(spec) for run, spec in zip(runs, specs, strict=True)}
    table = results_table(runs, started=started)
    assert note(table, "device") == "device: cpu (Test CPU)"
    assert note(table, "CPU threads") == "CPU threads: 2"
    assert note(table, "versions") == "versions: python 3.11.7, torch 2.14.1, tui-optim 0.1.0"
    assert note(table, "seeds") == "seeds: 1, 2; fewer than 5 for a setting: no inference is drawn"
    assert "0.30 points on 10,000 test images" in note(table, "floor")
    assert note(table, "row 2") == f"row 2: {specs[1].command}"


def test_the_floor_of_the_sample_is_its_own(home: Home) -> None:
    """A thousand test images tell less than ten thousand."""
    table = results_table([make_run(home, make_spec(kind="sample"))])
    assert "0.95 points on 1,000 test images" in note(table, "floor")


def test_rows_that_differ_in_their_machine_are_named(home: Home) -> None:
    """Times of two devices are not taken for one."""
    spec = make_spec()
    runs = [make_run(home, spec) for _ in range(4)]
    started = {run.run_id: make_started(spec) for run in runs}
    started[runs[3].run_id] = replace(started[runs[3].run_id], device="cuda", device_name="H100")
    assert (
        note(results_table(runs, started=started), "device") == "device: cpu (Test CPU) (rows 1–3); cuda (H100) (row 4)"
    )


def test_five_seeds_are_a_screening(home: Home) -> None:
    """The warning about few seeds goes away with the fifth."""
    runs = [make_run(home, make_spec(seed=seed)) for seed in range(5)]
    assert note(results_table(runs), "seeds") == "seeds: 0, 1, 2, 3, 4"


def test_the_split_is_named_by_its_hash(home: Home) -> None:
    """Two tables with the same hash were chosen on the same examples."""
    spec = make_spec("mlp-fashion")
    run = make_run(home, spec)
    table = results_table([run], started={run.run_id: make_started(spec)})
    assert "0123456789abcdef" in note(table, "validation split")


def test_no_column_or_note_reports_the_best_test_epoch(home: Home) -> None:
    """The test set chooses nothing."""
    runs = [make_run(home, make_spec(scenario)) for scenario in SCENARIOS]
    table = results_table(runs)
    texts = [*table.notes, *(column.title for column in table.columns), *keys(table)]
    assert not [text for text in texts if "best test" in text.lower() or "best_test" in text.lower()]


def test_no_runs_make_an_empty_table() -> None:
    """An empty selection is no error."""
    table = results_table([])
    assert table.rows == ()
    assert table.notes == ()


def test_the_parameter_table_adds_up() -> None:
    """LeNet-5 has 44,426 parameters, 30,720 and 10,080 of them weights of fc1 and fc2."""
    table = parameter_table(find_scenario("lenet5-fashion-fc"))
    by_layer = {cells[0]: cells[3:] for cells in table.rows}
    assert by_layer["total"] == (44_426, 44_190)
    assert (by_layer["fc1"], by_layer["fc2"]) == ((30_840, 30_720), (10_164, 10_080))
    assert table.notes == ("penalty on the weights of fc1 and fc2",)


def test_the_history_has_a_row_per_epoch(home: Home) -> None:
    """From the untrained model on, without columns for splits that the run does not have."""
    run = make_run(home)
    table = history_table(run, load_series(run.folder))
    assert [cells[0] for cells in table.rows] == [0, 1, 2]
    assert "val_loss" not in keys(table)
    assert "handout_loss" in keys(table)
    assert (
        note(table, "after the last step") == "after the last step, whole training set: loss 0.4400, accuracy 85.00 %"
    )
    assert run.info.spec.command in note(table, "command")


def test_the_history_of_a_sample_run_is_marked(home: Home) -> None:
    """In title and note."""
    run = make_run(home, make_spec(kind="sample"))
    table = history_table(run, load_series(run.folder))
    assert table.title.endswith("(sample)")
    assert note(table, "sample")


def table_of(rows: Sequence[tuple[Cell, ...]]) -> Table:
    """A table with a state and a test accuracy."""
    columns = (
        Column(key="state", title="state"),
        Column(key="data", title="data"),
        Column(key="test_accuracy", title="test acc. %", kind="percent", decimals=2),
    )
    return Table(title="t", columns=columns, rows=tuple(rows))


def test_rows_that_read_the_same_are_equally_best() -> None:
    """Bold does not tell apart what the digits shown do not."""
    rows = [("finished", "full", 0.90341), ("finished", "full", 0.90339), ("finished", "full", 0.5)]
    assert best_cells(table_of(rows)) == {(0, 2), (1, 2)}


def test_a_single_row_and_failed_rows_are_not_bold() -> None:
    """Nothing is best without a rival, and a diverged run never is."""
    assert not best_cells(table_of([("finished", "full", 0.9), ("finished", "sample", 0.8)]))
    assert not best_cells(table_of([("diverged", "full", 0.1), ("stopped", "full", 0.9)]))


def test_the_best_seed_is_not_the_best_setting(home: Home) -> None:
    """Nothing is bold where a setting stands there with several seeds: there its mean counts."""
    specs = [make_spec("mlp-fashion", seed=seed) for seed in (1, 2)]
    accuracies = (0.8, 0.9)
    runs = [
        make_run(home, spec, results=[make_result(spec, 1, test_accuracy=accuracy)])
        for spec, accuracy in zip(specs, accuracies, strict=True)
    ]
    assert not results_table(runs).best
