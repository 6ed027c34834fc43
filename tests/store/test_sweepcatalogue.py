"""The catalogue of sweeps reads what has changed, and nothing else."""

from pathlib import Path

from tests.sweep_factories import rewrite_trial, write_sweep
from tui_optim.store.home import open_home
from tui_optim.store.sweepcatalogue import SweepCatalogue


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
