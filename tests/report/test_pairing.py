"""Settings against a reference: which one it is, how it is named, and what is paired."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.factories import make_preset, make_result, make_run, make_spec
from tests.report.test_comparison import ADAM, SEEDS, SGD, compare, runs_of, shown
from tui_optim.report.cells import Table
from tui_optim.report.comparison import make_settings
from tui_optim.report.pairing import pair
from tui_optim.report.series import load_series
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def references(table: Table) -> list[bool]:
    """Which rows are references."""
    return [shown(table, number).get("difference") == "reference" for number in range(len(table.rows))]


def note(table: Table, part: str) -> str:
    """The note that has this in it."""
    (found,) = (one for one in table.notes if part in one)
    return found


def long_runs(home: Home, preset: str, *, epochs: int) -> list[StoredRun]:
    """Five seeds that were trained for so many epochs."""
    specs = [make_spec(preset=make_preset(preset), seed=seed, epochs=epochs) for seed in SEEDS]
    return [make_run(home, spec, results=[make_result(spec, epoch) for epoch in range(epochs + 1)]) for spec in specs]


def rates(home: Home, rates: Sequence[float]) -> list[StoredRun]:
    """Five seeds of sgd at each rate."""
    return [run for rate in rates for run in runs_of(home, "sgd", SGD, overrides={"lr": rate})]


def test_differences_are_taken_seed_by_seed(home: Home) -> None:
    """Seeds that only one side has do not count; the signs all agree, so p is the smallest possible."""
    runs = runs_of(home, "sgd", SGD) + runs_of(home, "adam", (*ADAM, 0.1), seeds=(*SEEDS, 9))
    found = make_settings(runs, {run.run_id: load_series(run.folder) for run in runs})
    first, second = pair(found).rows
    assert first is None
    assert second is not None
    assert second.differences == [b - a for a, b in zip(SGD, ADAM, strict=True)]
    assert second.p == 2 / 2**5
    assert second.greater == 5 / 6


def test_of_several_settings_that_with_the_presets_own_values_is_the_reference(home: Home) -> None:
    """Named or not: the finals of a sweep beside tuned SGD do not take its place."""
    runs = [*rates(home, [0.5]), *runs_of(home, "sgd", SGD), *runs_of(home, "adam", ADAM)]
    for reference in (None, "sgd"):
        table = compare(runs, reference=reference)
        assert references(table) == [False, True, False]
        assert shown(table, 2)["p"] == 0.0625
    assert "mean difference to sgd lr=0.001" in note(table, "Δ: ")


def test_a_setting_is_named_as_the_table_prints_it(home: Home) -> None:
    """By whatever tells it apart; the Holm-adjusted differences are to that one."""
    runs = [*rates(home, [0.5, 0.25]), *runs_of(home, "adam", ADAM)]
    assert references(compare(runs, reference="sgd lr=0.25")) == [False, True, False]
    held_out = make_run(home, make_spec(preset=make_preset("adam"), holdout=True))
    assert references(compare([*runs, held_out], reference="adam held out")) == [False, False, False, False]
    table = compare([*runs_of(home, "sgd", SGD), *long_runs(home, "sgd", epochs=3)], reference="sgd 3 epochs")
    assert references(table) == [False, True]


def test_several_settings_without_the_presets_own_need_a_name(home: Home) -> None:
    """A named preset is refused with the names of its settings; where none is named, a note says how."""
    runs = [*rates(home, [0.5, 0.25]), *runs_of(home, "adam", ADAM)]
    with pytest.raises(UsageError, match=r"2 settings have this name; name one of them: 'sgd lr=0.5', 'sgd lr=0.25'"):
        compare(runs, reference="sgd")
    with pytest.raises(UsageError, match=r"'sgd lr=0.3' is not among .* 'sgd lr=0\.\d+'"):
        compare(runs, reference="sgd lr=0.3")
    table = compare(runs)
    assert "difference" not in shown(table, 0)
    assert "no reference for rows 1–3: 2 settings of sgd" in note(table, "no reference")
    assert "--reference 'sgd lr=0.5'" in note(table, "no reference")


def test_without_a_reference_the_table_says_so(home: Home) -> None:
    """Adam and AdamW alone; a single setting needs none."""
    table = compare(runs_of(home, "adam", ADAM) + runs_of(home, "adamw", ADAM))
    assert "sgd is not among the runs" in note(table, "no reference for rows 1–2")
    assert "--reference 'adam'" in note(table, "no reference")
    assert not any("no reference" in one for one in compare(runs_of(home, "adam", ADAM)).notes)


def test_unequal_numbers_of_epochs_are_not_paired_unless_asked(home: Home) -> None:
    """Each length has its reference; a named one of another length is taken, and a note says what is compared."""
    runs = [*runs_of(home, "sgd", SGD), *long_runs(home, "adam", epochs=3)]
    table = compare(runs)
    assert "difference" not in shown(table, 0)
    assert "sgd was trained for 2 epochs" in note(table, "no reference for row 2")
    named = compare(runs, reference="sgd")
    assert references(named) == [True, False]
    assert "the reference of row 2 was trained for another number of epochs" in note(named, "unequal budgets")
    each = compare([*runs, *long_runs(home, "sgd", epochs=3)])
    assert references(each) == [False, False, True]
    assert shown(each, 1)["difference"] == "0.00 [0.00, 0.00]"
    assert not any("unequal" in one or "no reference" in one for one in each.notes)


def test_an_empty_name_is_no_reference(home: Home) -> None:
    """It is not taken for the usual one, of which there may be several settings."""
    runs = rates(home, (0.1, 0.2))
    found = make_settings(runs, {run.run_id: load_series(run.folder) for run in runs})
    for name in ("", " "):
        with pytest.raises(UsageError, match="an empty name is no reference"):
            pair(found, name)
