"""What will be queued, before anything starts."""

import pytest

from tests.factories import make_preset, make_source
from tui_optim.spec.errors import UsageError
from tui_optim.spec.presets import Preset
from tui_optim.spec.scenarios import find_scenario
from tui_optim.ui.laboratory.plan import Plan
from tui_optim.ui.laboratory.run_options import RunOptions

LENET = find_scenario("lenet5-fashion")


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


def test_another_averaging_brings_its_own_rows() -> None:
    """Without one there is only the choice; a chosen one has its rows, and another takes them and their changes away."""
    plan, preset = Plan(), make_preset()
    assert _averaging_rows(plan, preset) == {"averaging.kind": "none"}
    plan.change(LENET, preset, "averaging.kind", "swa")
    plan.change(LENET, preset, "averaging.start", "0.5")
    assert _averaging_rows(plan, preset) == {
        "averaging.kind": "swa",
        "averaging.start": "0.5",
        "averaging.every": "1",
    }
    plan.change(LENET, preset, "schedule.kind", "cosine")
    plan.change(LENET, preset, "averaging.kind", "ema")
    assert plan.overrides(LENET, preset) == {"schedule.kind": "cosine", "averaging.kind": "ema"}
    plan.reset(LENET, preset, "averaging.kind")
    assert plan.overrides(LENET, preset) == {"schedule.kind": "cosine"}


def test_a_scenario_with_a_penalty_offers_it() -> None:
    """The penalty's kind is chosen from a list."""
    settings = {setting.key: setting for setting in Plan().settings(find_scenario("lenet5-fashion-fc"), make_preset())}
    assert settings["penalty.kind"].choices == ("l2", "l1", "elastic-net")


def test_each_preset_runs_with_each_seed() -> None:
    """Two presets and two seeds are four runs."""
    plan = Plan()
    plan.options = RunOptions(seeds=(1, 2))
    specs = plan.specs(LENET, [make_preset("one"), make_preset("two")], make_source())
    assert [(spec.preset, spec.seed) for spec in specs] == [("one", 1), ("one", 2), ("two", 1), ("two", 2)]


def test_what_all_runs_share_is_in_each_of_them() -> None:
    """Hold-out, device and threads that were set with one preset go into the runs of another."""
    plan = Plan()
    for key, text in {"holdout": "true", "device": "cpu", "threads": "3", "xray": "200"}.items():
        plan.change(LENET, make_preset("one"), key, text)
    (spec,) = plan.specs(find_scenario("mlp-fashion"), [make_preset("two")], make_source())
    assert (spec.holdout, spec.device, spec.threads, spec.xray) == (True, "cpu", 3, 200)
    assert spec.overrides == {}


@pytest.mark.parametrize(
    ("key", "text"),
    [("holdout", "true"), ("device", "cpu"), ("threads", "3"), ("seeds", "1,2"), ("engine", "ray"), ("xray", "200")],
)
def test_what_all_runs_share_is_marked_and_can_be_taken_back(key: str, text: str) -> None:
    """A changed row is marked; taking it back leaves a plan as new."""
    plan, preset = Plan(), make_preset()
    plan.change(LENET, preset, key, text)
    changed = [(setting.key, setting.text) for setting in plan.settings(LENET, preset) if setting.is_changed]
    plan.reset(LENET, preset, key)
    assert changed == [(key, text)]
    assert plan.options == RunOptions()


def test_epochs_belong_to_the_scenario() -> None:
    """Presets are compared over the same number of epochs."""
    plan = Plan()
    plan.change(LENET, make_preset("one"), "epochs", "3")
    assert plan.specs(LENET, [make_preset("two")], make_source())[0].epochs == 3
    assert plan.epochs(find_scenario("mlp-fashion")) == 10


def _averaging_rows(plan: Plan, preset: Preset) -> dict[str, str]:
    settings = plan.settings(LENET, preset)
    return {setting.key: setting.text for setting in settings if setting.key.startswith("averaging.")}
