"""What will be queued, before anything starts."""

import pytest

from tests.factories import make_preset, make_source
from tui_optim.spec.errors import UsageError
from tui_optim.spec.scenarios import find_scenario
from tui_optim.spec.seeds import parse_seeds
from tui_optim.ui.plan import Plan, format_seeds

LENET = find_scenario("lenet5-fashion")


@pytest.mark.parametrize("text", ["", "a", "4..2", "-1", "1.5", "1,,2", "0..1000", str(2**63)])
def test_seeds_that_make_no_sense_are_refused(text: str) -> None:
    """A sentence says what was expected, and the plan keeps its seeds."""
    plan = Plan()
    with pytest.raises(UsageError, match="seeds"):
        plan.change(LENET, make_preset(), "seeds", text)
    assert plan.seeds == (42,)


@pytest.mark.parametrize("seeds", [(42,), (42, 43), (42, 43, 44), (1, 3, 4, 5, 9)])
def test_seeds_are_written_as_they_are_read(seeds: tuple[int, ...]) -> None:
    """Writing and reading gives the same seeds."""
    assert tuple(parse_seeds(format_seeds(seeds))) == seeds


def test_a_change_is_an_override_and_can_be_taken_back() -> None:
    """A changed rate is marked and goes into the run; the preset's own value is no override."""
    plan, preset = Plan(), make_preset()
    plan.change(LENET, preset, "lr", "0.5")
    changed = [setting.key for setting in plan.settings(LENET, preset) if setting.is_changed]
    plan.change(LENET, preset, "lr", "0.001")
    assert changed == ["lr"]
    assert plan.overrides(LENET, preset) == {}


def test_a_value_out_of_bounds_changes_nothing() -> None:
    """The sentence names the bounds; the plan is as before."""
    plan, preset = Plan(), make_preset()
    with pytest.raises(UsageError, match="expected a number in"):
        plan.change(LENET, preset, "lr", "-1")
    assert plan.overrides(LENET, preset) == {}


def test_a_reset_that_the_rest_does_not_allow_changes_nothing() -> None:
    """Nesterov needs the momentum that was set for it: taking that back is refused and both stay."""
    plan, preset = Plan(), make_preset()
    plan.change(LENET, preset, "momentum", "0.9")
    plan.change(LENET, preset, "nesterov", "true")
    with pytest.raises(UsageError, match="momentum"):
        plan.reset(LENET, preset, "momentum")
    assert plan.overrides(LENET, preset) == {"momentum": 0.9, "nesterov": True}


def test_another_schedule_brings_its_own_rows() -> None:
    """Rows of the old schedule go, with the changes made to them."""
    plan, preset = Plan(), make_preset()
    plan.change(LENET, preset, "schedule.kind", "step")
    plan.change(LENET, preset, "schedule.gamma", "0.1")
    plan.change(LENET, preset, "schedule.kind", "cosine")
    keys = [setting.key for setting in plan.settings(LENET, preset)]
    assert "schedule.warmup" in keys
    assert plan.overrides(LENET, preset) == {"schedule.kind": "cosine"}


def test_a_scenario_with_a_penalty_offers_it() -> None:
    """The penalty's kind is chosen from a list."""
    settings = {setting.key: setting for setting in Plan().settings(find_scenario("lenet5-fashion-fc"), make_preset())}
    assert settings["penalty.kind"].choices == ("l2", "l1", "elastic-net")


def test_each_preset_runs_with_each_seed() -> None:
    """Two presets and two seeds are four runs."""
    plan = Plan()
    plan.seeds = (1, 2)
    specs = plan.specs(LENET, [make_preset("one"), make_preset("two")], make_source())
    assert [(spec.preset, spec.seed) for spec in specs] == [("one", 1), ("one", 2), ("two", 1), ("two", 2)]


def test_epochs_belong_to_the_scenario() -> None:
    """Presets are compared over the same number of epochs."""
    plan = Plan()
    plan.change(LENET, make_preset("one"), "epochs", "3")
    assert plan.specs(LENET, [make_preset("two")], make_source())[0].epochs == 3
    assert plan.epochs(find_scenario("mlp-fashion")) == 10
