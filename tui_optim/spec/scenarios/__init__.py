"""The scenarios that can be chosen: data only; `engine.models` holds the builder of each model."""

from tui_optim.spec.errors import unknown
from tui_optim.spec.scenarios.images import IMAGES
from tui_optim.spec.scenarios.scenario import (
    PENALTIES,
    PENALTY_FORMULA,
    PENALTY_PARAMETERS,
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
    "Layer",
    "Loss",
    "ModelId",
    "PictureKind",
    "Precision",
    "Scenario",
    "find_scenario",
]

SCENARIOS: dict[str, Scenario] = {scenario.id: scenario for scenario in (*IMAGES, *SMALL)}


def find_scenario(scenario_id: str) -> Scenario:
    """Look a scenario up; raises UsageError with the nearest valid name."""
    if scenario_id not in SCENARIOS:
        raise unknown("scenario", scenario_id, SCENARIOS)
    return SCENARIOS[scenario_id]
