"""The catalogue of sweeps reads what has changed, and nothing else."""

from pathlib import Path

import pytest

from tests.sweep_factories import make_plan, rewrite_trial, write_sweep
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.home import open_home
from tui_optim.store.sweepcatalogue import SweepCatalogue
from tui_optim.store.sweepnames import find_sweep, names_sweep


def test_a_sweep_that_does_not_change_is_read_once(tmp_path: Path) -> None:
    """The same object comes back; a trial that ends makes a new one with the new outcome."""
    home = open_home(tmp_path)
    view = write_sweep(home, [0.7, "running"])
    catalogue = SweepCatalogue(home)
    (first,) = catalogue.read()
    (second,) = catalogue.read()
    assert second is first
    rewrite_trial(view, 1, 0.4, home)
    (third,) = catalogue.read()
    assert [trial.value for trial in third.trials] == [0.7, 0.4]
    assert third.sweep.spec is first.sweep.spec


def test_a_damaged_sweep_is_named_and_hides_no_other(tmp_path: Path) -> None:
    """One folder without its file: the others are there, and why it is not."""
    home = open_home(tmp_path)
    view, other = write_sweep(home, [0.7]), write_sweep(home, [0.6])
    (view.sweep.folder.path / "sweep.json").write_text("{", encoding="utf-8")
    catalogue = SweepCatalogue(home)
    assert [record.sweep.sweep_id for record in catalogue.read()] == [other.sweep.sweep_id]
    assert "damaged" in catalogue.damaged[view.sweep.sweep_id]


def test_a_part_that_only_sweeps_have_names_a_sweep(tmp_path: Path) -> None:
    """The last four letters of its id do; a part that a run has as well means the run."""
    home = open_home(tmp_path)
    view = write_sweep(home, [0.7])
    sweep_id, run_id = view.sweep.sweep_id, view.trials[0].run_id
    tail = sweep_id[sweep_id.index("sweep") + 5 :]
    assert names_sweep(home, tail)
    assert find_sweep(home, tail).sweep_id == sweep_id
    assert not names_sweep(home, "mlp-fashion")
    assert not names_sweep(home, run_id)
    assert not names_sweep(home, "")
    with pytest.raises(UsageError, match=sweep_id):
        Catalogue(home).find("no-such-thing")


def test_a_sweep_is_called_by_the_name_of_its_file(tmp_path: Path) -> None:
    """The newest of that name; a scenario's own name means its runs, and `sweep-` before it the sweep."""
    home = open_home(tmp_path)
    assert not names_sweep(home, "fashion-grid")
    plans = [make_plan(name=name) for name in ("fashion-grid", "fashion-grid", "mlp-fashion")]
    views = [write_sweep(home, [0.7], plan=plan) for plan in plans]
    newest = max(view.sweep.created for view in views[:2])
    assert names_sweep(home, "fashion-grid")
    assert find_sweep(home, "fashion-grid").created == newest
    assert not names_sweep(home, "mlp-fashion")
    assert names_sweep(home, "mlp-fashion", takes_scenarios=False)
    assert find_sweep(home, "sweep-mlp-fashion").sweep_id == views[2].sweep.sweep_id
    assert not names_sweep(home, views[0].trials[0].run_id)
