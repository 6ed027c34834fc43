"""The values of a run before they are checked: those of optimizer, scenario and preset, and the user's over them."""

from collections.abc import Mapping

from tui_optim.spec.errors import UsageError, nearest
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import find_optimizer
from tui_optim.spec.presets import BatchSize, Preset, ScenarioDefaults
from tui_optim.spec.scenarios import PENALTY_PARAMETERS, Scenario
from tui_optim.spec.settable import MEMORY_FORMAT, settable


def preset_values(scenario: Scenario, preset: Preset) -> dict[str, Value]:
    """What a run of this pair starts from, under the names that `--set` takes."""
    own = preset.scenarios.get(scenario.id, ScenarioDefaults())
    values = {p.name: p.default for p in find_optimizer(preset.optimizer).hyperparameters}
    values |= {name: value for name, value in scenario.defaults.items() if name in values}
    values |= preset.hyperparameters | own.hyperparameters
    values["batch_size"] = _batch_size(scenario, preset.batch_size) if own.batch_size is None else own.batch_size
    schedule = preset.schedule if own.schedule is None else own.schedule
    values |= {f"schedule.{name}": value for name, value in {"kind": "constant", **schedule}.items()}
    averaging = preset.averaging if own.averaging is None else own.averaging
    values |= {f"averaging.{name}": value for name, value in {"kind": "none", **averaging}.items()}
    values |= {MEMORY_FORMAT.name: MEMORY_FORMAT.default}
    if scenario.penalised_layers:
        values |= {f"penalty.{p.name}": p.default for p in PENALTY_PARAMETERS}
    return values


def with_overrides(
    values: dict[str, Value], given: Mapping[str, Value], scenario: Scenario, preset: Preset
) -> dict[str, Value]:
    """Lay the user's values over a preset's; another kind of schedule or averaging starts from its own defaults.

    Raises:
        UsageError: an unknown key, with the nearest valid one.
    """
    kinds = {}
    for table in ("schedule", "averaging"):
        kind = kinds[table] = given.get(f"{table}.kind", values[f"{table}.kind"])
        if kind != values[f"{table}.kind"]:
            values = {name: value for name, value in values.items() if not name.startswith(f"{table}.")}
    keys = settable(scenario, preset, {f"{table}.kind": kind for table, kind in kinds.items()})
    for name in given:
        if name not in keys and not name.startswith(("schedule.", "averaging.")):  # these name their own keys
            raise UsageError(f"--set {name}: no such key here; {nearest(name, keys)}")
    return {**values, **given}


def table_of(name: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values of one table, by their names in it: those of 'schedule' are kind, warmup, …"""
    prefix = f"{name}."
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}


def _batch_size(scenario: Scenario, wanted: BatchSize) -> BatchSize:
    """That of a preset, brought down to what suits a small problem."""
    return wanted if wanted == "full" or scenario.batch_size is None else min(wanted, scenario.batch_size)
