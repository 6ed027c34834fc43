"""A fork as a run: what its parent was from a checkpoint on, with another preset or with other values."""

from collections.abc import Mapping

from tui_optim.spec.branch import Branch
from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.keeping import MAX_EPOCHS
from tui_optim.spec.presets import Preset, ScenarioDefaults
from tui_optim.spec.run import RunSpec, resolve_run

_TABLES = {"schedule.kind": "schedule", "averaging.kind": "averaging_kind"}


def own_preset(run: RunSpec) -> Preset:
    """A preset with the very values of a run, whatever has become of the one that it was made from."""
    return Preset(
        id=run.preset,
        name=run.preset[:80],
        family=run.family,
        optimizer=run.optimizer,
        advice="as its parent",
        hyperparameters=run.hyperparameters,
        schedule={"kind": run.schedule, **run.schedule_parameters},
        averaging={**run.averaging, "kind": run.averaging_kind},
        scenarios={run.scenario: ScenarioDefaults(batch_size=run.batch_size)},
    )


def planned_epochs(branch: Branch, planned: int) -> int:
    """How long a fork is if nobody says: as its parent was to be; where the parent is at its end, as much longer again."""
    return planned if planned > branch.epoch else branch.epoch + branch.spec.epochs


def fork_run(
    branch: Branch,
    *,
    preset: Preset | None = None,
    epochs: int | None = None,
    overrides: Mapping[str, Value] | None = None,
    preset_file: str | None = None,
) -> RunSpec:
    """Resolve a fork: scenario, data, splits, seed, device, penalty and memory format are its parent's.

    Args:
        branch: where it begins.
        preset: whose values it has; the parent's own if None.
        epochs: its length in all, those before the branch included; as `planned_epochs` of the parent's if None.
        overrides: values over the preset.
        preset_file: path of a preset given as a file.

    Raises:
        UsageError: a preset that does not suit, an unknown key, a value out of bounds, or epochs that are over at the branch.
    """
    parent, given = branch.spec, dict(overrides or {})
    num_epochs = planned_epochs(branch, parent.epochs) if epochs is None else epochs
    if not branch.epoch < num_epochs <= MAX_EPOCHS:
        raise UsageError(
            f"epochs = {num_epochs}: {branch.epoch} are over where this fork begins; expected the number in all, "
            f"in [{branch.epoch + 1}, {MAX_EPOCHS}]"
        )
    kept: dict[str, Value] = {f"penalty.{name}": value for name, value in parent.penalty.items()}
    if parent.scenario_info.has_convolutions:
        kept |= {"memory_format": parent.memory_format}
    run = resolve_run(
        parent.scenario,
        own_preset(parent) if preset is None else preset,
        data=parent.data,
        seed=parent.seed,
        epochs=num_epochs,
        overrides={**kept, **given},
        holdout=parent.holdout,
        test_once=parent.test_once,
        device=parent.device,
        threads=parent.threads,
        preset_file=parent.preset_file if preset is None else preset_file,
        own_scenario=parent.own_scenario,
        keeping=parent.keeping,
        xray=parent.xray,
    )
    return run.model_copy(update={"parent": branch, "overrides": {**_kept_overrides(branch, preset, given), **given}})


def _kept_overrides(branch: Branch, preset: Preset | None, given: Mapping[str, Value]) -> dict[str, Value]:
    """What was set over the parent's preset and still holds: all of it, or with another preset what belongs to the problem."""
    parent = branch.spec
    changed = {
        kind.removesuffix("kind")
        for kind, name in _TABLES.items()
        if given.get(kind, getattr(parent, name)) != getattr(parent, name)
    }
    return {
        name: value
        for name, value in parent.overrides.items()
        if (name.startswith(("penalty.", "memory_format")) if preset else not name.startswith(tuple(changed)))
    }
