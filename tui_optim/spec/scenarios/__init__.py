"""The scenarios that can be chosen: data only; `engine.models` holds the builder of each model."""

from tui_optim.spec.errors import unknown
from tui_optim.spec.scenarios.images import IMAGES
from tui_optim.spec.scenarios.scenario import (
    PENALTIES,
    PENALTY_FORMULA,
    PENALTY_PARAMETERS,
    Examples,
    Layer,
    Loss,
    ModelId,
    PictureKind,
    Precision,
    Scenario,
)
from tui_optim.spec.scenarios.small import SMALL

__all__ = [
    "PENALTIES",
    "PENALTY_FORMULA",
    "PENALTY_PARAMETERS",
    "SCENARIOS",
    "Examples",
    "Layer",
    "Loss",
    "ModelId",
    "PictureKind",
    "Precision",
    "Scenario",
    "all_scenarios",
    "find_scenario",
]

SCENARIOS: dict[str, Scenario] = {scenario.id: scenario for scenario in (*IMAGES, *SMALL)}


def all_scenarios() -> dict[str, Scenario]:
    """Those that come with the program, then the plugins; a plugin cannot replace one of ours."""
    from tui_optim.spec.plugins import find_plugins  # not above: plugins are made of what is defined here

    return SCENARIOS | {name: plugin.scenario for name, plugin in find_plugins().scenarios.items()}


def find_scenario(scenario_id: str) -> Scenario:
    """Look a scenario up; raises UsageError with the nearest valid name."""
    if scenario_id in SCENARIOS:
        return SCENARIOS[scenario_id]
    known = all_scenarios()
    if scenario_id not in known:
        raise unknown("scenario", scenario_id, known)
    return known[scenario_id]
