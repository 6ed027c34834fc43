"""The words of the details panel."""

from tests.factories import make_preset
from tui_optim.spec.presets import Preset, ScenarioDefaults, Tuning
from tui_optim.spec.scenarios import find_scenario
from tui_optim.ui.teaching.about import more_about_preset

HERE, ELSEWHERE = "lenet5-fashion", "mlp-fashion"


def _says_not_tuned(preset: Preset, scenario_id: str) -> bool:
    return "Not tuned for this scenario." in str(more_about_preset(preset, find_scenario(scenario_id)))


def test_a_preset_says_where_it_was_not_tuned() -> None:
    """Without a record for the scenario it says so there; numbers that were put there without one were chosen by hand."""
    tuned = make_preset().model_copy(update={"tuning": (Tuning(scenario=HERE, protocol="by hand"),)})
    adapted = make_preset().model_copy(update={"scenarios": {HERE: ScenarioDefaults(batch_size=32)}})
    assert [_says_not_tuned(tuned, HERE), _says_not_tuned(tuned, ELSEWHERE)] == [False, True]
    assert _says_not_tuned(adapted, HERE)
    assert "chosen by hand" in str(more_about_preset(adapted, find_scenario(HERE)))
    assert "chosen by hand" not in str(more_about_preset(adapted, find_scenario(ELSEWHERE)))
