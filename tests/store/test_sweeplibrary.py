"""The ready-made sweeps: every one can be started as it is; the user's own take their place."""

from pathlib import Path

import pytest

from tests.factories import make_source
from tui_optim.spec.errors import UsageError
from tui_optim.spec.scenarios import find_scenario
from tui_optim.spec.sweeps.expected import describe
from tui_optim.spec.sweeps.sweep import resolve_sweep
from tui_optim.store.library import load_library
from tui_optim.store.sweeplibrary import find_plan, load_plans, sweep_files


@pytest.mark.parametrize("name", sweep_files())
def test_every_ready_made_sweep_can_be_started(name: str) -> None:
    """All its keys and values are taken by all its presets; it says what it is for."""
    plan, library = find_plan(name), load_library()
    data = {dataset: make_source(dataset=dataset) for dataset in {find_scenario(s).dataset for s in plan.scenarios}}
    sweep = resolve_sweep(plan, {preset: library.find(preset) for preset in plan.presets}, data=data)
    assert describe(sweep)
    assert plan.title
    assert plan.about


def test_the_users_own_take_the_place_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their file's name; what is wrong with one is said and takes no other with it."""
    monkeypatch.setenv("TUI_OPTIM_CONFIG", str(tmp_path))
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps" / "lenet5-rates.toml").write_text(
        'title = "mine"\nscenarios = ["mlp-fashion"]\npresets = ["sgd"]\n'
    )
    (tmp_path / "sweeps" / "broken.toml").write_text("scenarios = 3\n")
    plans, problems = load_plans()
    assert plans["lenet5-rates"].title == "mine"
    assert "mlp-fashion-grid" in plans
    assert len(problems) == 1
    assert "broken.toml: scenarios = 3" in problems[0]
    with pytest.raises(UsageError, match=r"did you mean 'lenet5-rates'\?"):
        find_plan("lenet5-rate")
