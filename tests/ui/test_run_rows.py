"""Columns of the run table, without a screen."""

from tests.factories import make_result, make_run, make_spec
from tui_optim.store.home import Home
from tui_optim.ui.run_table.rows import COLUMNS, VITAL, column_widths, fitted, group_cells, row_cells, shown_columns


def test_test_accuracy_is_in_sight_beside_the_lists() -> None:
    """In the 49 columns that 80×24 leaves, the longest preset name gives way to state, epoch and test accuracy."""
    widths = column_widths(COLUMNS, {"run": 3, "preset": 20, "state": 13}, room=49)
    assert sum(widths[key] for key in VITAL) <= 49
    assert [column.key for column in COLUMNS[: len(VITAL)]] == list(VITAL)


def test_a_name_that_is_cut_keeps_its_star() -> None:
    """Changed values are marked at any width."""
    assert fitted("sgd-warmup-cooldown*", 12) == "sgd-warmup…*"
    assert fitted("adam", 12) == "adam"


def test_sample_data_has_a_column_of_its_own(home: Home) -> None:
    """A run on the sample says so in the table; without one there is no such column."""
    full, sample = (make_run(home, make_spec(kind=kind), state="queued", results=[]) for kind in ("full", "sample"))
    assert row_cells(1, sample, marker=" ", slot=None)["data"].text == "sample"
    assert "data" in [column.key for column in shown_columns([full, sample])]
    assert "data" not in [column.key for column in shown_columns([full])]


def test_the_gap_has_a_column_where_a_minimum_is_known(home: Home) -> None:
    """Accuracies of such a run are dashes; without one there is no such column."""
    scalar, network = make_run(home, make_spec("scalar-mean")), make_run(home)
    cells = row_cells(1, scalar, marker=" ", slot=None)
    assert (cells["gap"].text, cells["test_accuracy"].text) == ("0.25", "–")
    assert "gap" in [column.key for column in shown_columns([scalar, network])]
    assert "gap" not in [column.key for column in shown_columns([network])]
    alone = shown_columns([scalar])
    assert [column.key for column in alone][:5] == ["run", "preset", "state", "epoch", "gap"]
    assert sum(column_widths(alone, {}, room=49)[key] for key in ("run", "preset", "state", "epoch", "gap")) <= 49


def test_a_setting_has_the_mean_of_what_has_finished(home: Home) -> None:
    """A seed at its first epoch is no part of it; while none has finished, the latest results are."""
    specs = [make_spec(seed=seed) for seed in range(3)]
    runs = [
        make_run(home, spec, results=[make_result(spec, 2, test_accuracy=0.8 + spec.seed / 10)]) for spec in specs[:2]
    ]
    runs.append(make_run(home, specs[2], state="running", results=[make_result(specs[2], 0, test_accuracy=0.1)]))
    assert group_cells(runs, marker=" ", slot=None, is_open=False)["test_accuracy"].text == "85.00 ± 7.07"
    assert group_cells(runs[2:], marker=" ", slot=None, is_open=False)["test_accuracy"].text == "10.00"
