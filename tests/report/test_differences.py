"""In what runs differ."""

from dataclasses import replace

import pytest

from tests.factories import make_preset, make_run, make_spec
from tui_optim.report.differences import difference_table
from tui_optim.spec.errors import UsageError
from tui_optim.store.home import Home, open_home
from tui_optim.store.label import Label


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An empty home."""
    return open_home(tmp_path_factory.mktemp("home"))


def test_only_keys_that_differ_are_rows(home: Home) -> None:
    """With the values as they were given; what a method does not take is empty. Equal names give way to ids."""
    heavy = make_preset("heavy-ball", hyperparameters={"lr": 0.05, "momentum": 0.9})
    adam = make_preset("adam", optimizer="adam", hyperparameters={"lr": 0.05})
    runs = [make_run(home, make_spec(preset=heavy)), make_run(home, make_spec(preset=adam, seed=7, epochs=3))]
    table = difference_table(runs)
    rows = {str(row[0]): row[1:] for row in table.rows}
    assert rows["preset"] == ("heavy-ball", "adam")
    assert rows["momentum"] == ("0.9", None)
    assert rows["beta1"] == (None, "0.9")
    assert (rows["epochs"], rows["seed"]) == ((2, 3), (42, 7))
    assert not {"lr", "scenario", "batch_size", "device", "version of python"} & set(rows)
    assert [column.title for column in table.columns] == ["key", "heavy-ball s42", "adam s7"]
    assert [column.key for column in table.columns[1:]] == [run.run_id for run in runs]


def test_runs_go_by_their_names_where_these_tell_them_apart(home: Home) -> None:
    """Else by their ids."""
    runs = [make_run(home) for _ in range(3)]
    named = replace(runs[0], label=Label(name="mine"))
    assert [column.title for column in difference_table([named, *runs[1:]]).columns[1:]] == [
        "mine",
        runs[1].run_id,
        runs[2].run_id,
    ]


def test_equal_runs_are_told_so(home: Home) -> None:
    """The table is empty, and a sentence says why."""
    table = difference_table([make_run(home), make_run(home)])
    assert table.rows == ()
    assert any("equal configurations" in note for note in table.notes)


def test_one_run_differs_from_nothing(home: Home) -> None:
    """Not from itself either."""
    run = make_run(home)
    with pytest.raises(UsageError, match="two runs or more"):
        difference_table([run, run])
