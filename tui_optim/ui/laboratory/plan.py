"""What will be queued: the user's changes to presets, the number of epochs and what all runs share, before the start."""

from collections.abc import Sequence
from pathlib import Path

from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value, format_value, parse_value
from tui_optim.spec.keeping import MAX_EPOCHS
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.spec.scenarios import Scenario
from tui_optim.spec.settable import settable
from tui_optim.ui.laboratory.run_options import OPTION_KEYS, RunOptions
from tui_optim.ui.laboratory.setting import Setting

_KIND_KEYS = ("schedule.kind", "averaging.kind")
"""Each decides which other rows its table has."""


class Plan:
    """Changes over presets; kept for as long as the app is open."""

    def __init__(self) -> None:
        """No changes; each scenario's own number of epochs."""
        self.options = RunOptions()
        self._epochs: dict[str, int] = {}
        self._overrides: dict[tuple[str, str], dict[str, Value]] = {}

    def copy(self) -> "Plan":
        """The plan as it is now: what the user changes from here on is not in it."""
        plan = Plan()
        plan.options, plan._epochs = self.options, dict(self._epochs)
        plan._overrides = {key: dict(changed) for key, changed in self._overrides.items()}
        return plan

    def epochs(self, scenario: Scenario) -> int:
        """Number of epochs of runs of this scenario."""
        return self._epochs.get(scenario.id, scenario.epochs)

    def overrides(self, scenario: Scenario, preset: Preset) -> dict[str, Value]:
        """What differs from the preset."""
        return dict(self._overrides.get((scenario.id, preset.id), {}))

    def settings(self, scenario: Scenario, preset: Preset) -> list[Setting]:
        """All rows of the editor, with the values that a run would get now."""
        changed = self._overrides.get((scenario.id, preset.id), {})
        spec = self._resolve(scenario, preset, changed)
        seeds, *others = self.options.settings()
        rows = [
            seeds,
            Setting(
                key="epochs",
                text=str(spec.epochs),
                help="length of the run for all presets of this scenario, in n gradient evaluations: equal epochs cost the same",
                expected=f"a whole number in [1, {MAX_EPOCHS}]",
                is_changed=scenario.id in self._epochs,
            ),
        ]
        kinds: dict[str, Value] = {"schedule.kind": spec.schedule, "averaging.kind": spec.averaging_kind}
        for key, about in settable(scenario, preset, kinds).items():
            rows.append(
                Setting(
                    key=key,
                    text=format_value(_value_of(spec, key)),
                    help=about.help,
                    expected=about.expected if key != "batch_size" else "a whole number, or full",
                    choices=("true", "false") if about.kind == "bool" else about.choices,
                    is_changed=key in changed,
                )
            )
        return [*rows, *others]

    def spec(self, scenario: Scenario, preset: Preset) -> RunSpec:
        """A run as it would be now, for whoever wants its values: without data, its seed is 0. Raises UsageError."""
        return self._resolve(scenario, preset, self.overrides(scenario, preset))

    def change(self, scenario: Scenario, preset: Preset, key: str, text: str) -> None:
        """Set a row to what the user typed. Raises UsageError and changes nothing when it is not valid."""
        if key in OPTION_KEYS:
            self.options = self.options.changed(key, text)
            return
        value = parse_value(text)
        if key == "epochs":
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_EPOCHS:
                raise UsageError(f"epochs = {text.strip()}: expected a whole number in [1, {MAX_EPOCHS}]")
            self._epochs[scenario.id] = value
            return
        changed = self.overrides(scenario, preset)
        if key in _KIND_KEYS:
            changed = _without_table(changed, key)
        changed[key] = value
        spec = self._resolve(scenario, preset, changed)
        if format_value(_value_of(spec, key)) == format_value(self._preset_value(scenario, preset, key, changed)):
            del changed[key]
        self._overrides[scenario.id, preset.id] = changed

    def reset(self, scenario: Scenario, preset: Preset, key: str) -> None:
        """Take a row back to what the preset says. Raises UsageError and changes nothing when the rest needs the change."""
        if key in OPTION_KEYS:
            self.options = self.options.reset(key)
        elif key == "epochs":
            self._epochs.pop(scenario.id, None)
        else:
            changed = self.overrides(scenario, preset)
            changed.pop(key, None)
            if key in _KIND_KEYS:
                changed = _without_table(changed, key)
            self._resolve(scenario, preset, changed)
            self._overrides[scenario.id, preset.id] = changed

    def specs(self, scenario: Scenario, presets: Sequence[Preset], data: DataSource) -> list[RunSpec]:
        """The runs to queue: each preset with each seed. Raises UsageError."""
        options = self.options
        return [
            resolve_run(
                scenario.id,
                preset,
                data=data,
                seed=seed,
                epochs=self.epochs(scenario),
                overrides=self.overrides(scenario, preset),
                holdout=options.holdout,
                keeping=options.keeping,
                device=options.device,
                threads=options.threads,
                xray=options.xray,
            )
            for preset in presets
            for seed in options.seeds
        ]

    def _resolve(self, scenario: Scenario, preset: Preset, changed: dict[str, Value]) -> RunSpec:
        unread = DataSource(dataset=scenario.dataset, kind="full", origin="", folder=Path(), files={})
        return resolve_run(scenario.id, preset, data=unread, seed=0, epochs=self.epochs(scenario), overrides=changed)

    def _preset_value(self, scenario: Scenario, preset: Preset, key: str, changed: dict[str, Value]) -> Value | None:
        """What the row would be without the change, or None where the row exists only because of another change."""
        kept = {name: value for name, value in changed.items() if name in _KIND_KEYS and name != key}
        return _value_of(self._resolve(scenario, preset, kept), key)


def _without_table(changed: dict[str, Value], kind_key: str) -> dict[str, Value]:
    """The changes without those to the table whose kind this key sets."""
    return {name: old for name, old in changed.items() if not name.startswith(kind_key.removesuffix("kind"))}


def _value_of(spec: RunSpec, key: str) -> Value | None:
    if key == "batch_size":
        return spec.batch_size
    if key == "schedule.kind":
        return spec.schedule
    if key == "memory_format":
        return spec.memory_format
    if key == "averaging.kind":
        return spec.averaging_kind
    table, _, name = key.rpartition(".")
    source = {
        "": spec.hyperparameters,
        "schedule": spec.schedule_parameters,
        "averaging": spec.averaging,
        "penalty": spec.penalty,
    }[table]
    return source.get(name)
