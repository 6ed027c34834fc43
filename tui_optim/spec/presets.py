"""Optimizer presets: one TOML file each, validated strictly; the file name is the preset's id."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tui_optim.spec.averaging import AVERAGINGS, check_averaging
from tui_optim.spec.errors import PresetError, UsageError, nearest, shown
from tui_optim.spec.hyperparameters import Value, check_all
from tui_optim.spec.ids import PRESET_ID
from tui_optim.spec.optimizers import Family, Optimizer, find_optimizer
from tui_optim.spec.regular_file import open_regular
from tui_optim.spec.scenarios import SCENARIOS, all_scenarios
from tui_optim.spec.schedules import SCHEDULES, find_schedule

PRESET_SIZE_LIMIT_BYTES = 64 * 1024
NAME_LIMIT = 80

BatchSize = Literal["full"] | int


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ScenarioDefaults(_Strict):
    """What a preset changes for one scenario."""

    batch_size: BatchSize | None = Field(None, description="examples per step, or 'full'")
    hyperparameters: dict[str, Value] = Field(default_factory=dict)
    schedule: dict[str, Value] | None = Field(None, description="kind and the schedule's own keys")
    averaging: dict[str, Value] | None = Field(None, description="kind and the averaging's own keys")


class Trial(_Strict):
    """One tried value of the tuned hyper-parameter, judged on the held-out part of the training set."""

    value: float
    val_loss: float | Literal["diverged"]
    val_accuracy: float


class Tuning(_Strict):
    """How the numbers of a preset were found: the search space is published with it."""

    scenario: str
    hyperparameter: str = "lr"
    protocol: str = Field(description="split, epochs, seed and rule of choice, in a sentence")
    trials: tuple[Trial, ...] = ()

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Preset(_Strict):
    """An optimizer with its numbers, ready to be run."""

    name: str = Field(max_length=NAME_LIMIT, description="shown in the panel")
    family: Family = Field(description="the group in the panel")
    optimizer: str = Field(description="id of the optimizer: `tui-optim list optimizers`")
    advice: str = Field(description="one line: when it helps, when it hurts")
    formula: str | None = Field(None, description="update rule in Unicode; the optimizer's where absent")
    source: str | None = Field(None, description="paper and equation; the optimizer's where absent")
    batch_size: BatchSize = Field(64, description="examples per step, or 'full'")
    hyperparameters: dict[str, Value] = Field(default_factory=dict)
    schedule: dict[str, Value] = Field(default={"kind": "constant"})
    averaging: dict[str, Value] = Field(default={"kind": "none"}, description="what the run is judged by")
    scenarios: dict[str, ScenarioDefaults] = Field(default_factory=dict, description="better values for a scenario")
    tuning: tuple[Tuning, ...] = Field(default=(), strict=False, description="how the numbers were found")
    id: str = Field("", exclude=True, description="set from the file name")

    @property
    def formula_text(self) -> str:
        """The update rule, and those of the schedule and the averaging where it has them."""
        rules = [self.formula or find_optimizer(self.optimizer).formula]
        schedule = str(self.schedule.get("kind", "constant"))
        rules += [SCHEDULES[schedule].formula] if schedule != "constant" else []
        averaging = str(self.averaging.get("kind", "none"))
        rules += [AVERAGINGS[averaging].formula] if averaging != "none" else []
        return "\n".join(rules)

    @property
    def source_text(self) -> str:
        """Where the method comes from."""
        return self.source or find_optimizer(self.optimizer).source


def preset_schema() -> dict[str, Any]:
    """JSON schema of a preset file, for editors."""
    schema = Preset.model_json_schema()
    schema["properties"].pop("id")
    return schema


def load_preset(path: Path, *, parse: Callable[[str], dict[str, Any]] = tomllib.loads) -> Preset:
    """Read and validate a preset file; `parse` says what a TOML text says.

    Raises:
        PresetError: names the file, the key, what was expected and the nearest valid name.
    """
    if not PRESET_ID.fullmatch(path.stem):
        raise PresetError(f"{path}: a preset's file name uses a–z, 0–9 and '-' (for example my-sgd.toml)")
    try:
        with open_regular(path) as stream:
            content = stream.read(PRESET_SIZE_LIMIT_BYTES + 1)
        if len(content) > PRESET_SIZE_LIMIT_BYTES:
            raise PresetError(f"{path}: larger than {PRESET_SIZE_LIMIT_BYTES} bytes, not a preset")
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PresetError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise PresetError(f"{path}: cannot be read ({error.strerror or error})") from error
    return parse_preset(text, path=path, parse=parse)


def parse_preset(text: str, *, path: Path, parse: Callable[[str], dict[str, Any]] = tomllib.loads) -> Preset:
    """Validate the text of a preset file; `path` gives the id and the name in messages. Raises PresetError."""
    try:
        content = parse(text)
    except (ValueError, RecursionError) as error:  # ValueError: also an integer of thousands of digits
        raise PresetError(f"{path}: not valid TOML: {error}") from error
    if "id" in content:
        raise PresetError(f"{path}: id: the file name is the id; remove this key")
    try:
        preset = Preset.model_validate({**content, "id": path.stem})
    except ValidationError as error:
        raise PresetError(f"{path}: {_first_problem(error)}") from None
    try:
        _check_meaning(preset)
    except UsageError as error:
        raise PresetError(f"{path}: {error}") from None
    return preset


def check_schedule(values: dict[str, Value], *, where: str = "schedule.") -> tuple[str, dict[str, Value]]:
    """Split a schedule table into its kind and its checked parameters, completed by defaults. Raises UsageError."""
    try:
        schedule = find_schedule(str(values.get("kind", "constant")))
    except UsageError as error:
        raise UsageError(f"{where}kind: {error}") from None
    given = {name: value for name, value in values.items() if name != "kind"}
    checked = check_all(given, schedule.parameters, where=where, kind=f"schedule {schedule.id!r}")
    return schedule.id, {p.name: p.default for p in schedule.parameters} | checked


def check_batch_size(value: object, *, where: str = "batch_size") -> BatchSize:
    """Return a valid batch size. Raises UsageError."""
    if value == "full":
        return "full"
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000:
        return value
    raise UsageError(f"{where} = {shown(value)}: expected a whole number in [1, 1000000] or 'full'")


def check_together(optimizer_id: str, values: Mapping[str, Value], *, where: str = "") -> None:
    """Check complete hyper-parameters against one another. Raises UsageError."""
    if optimizer_id not in _SGD_INSIDE or not values["nesterov"]:
        return
    if values["momentum"] == 0 or values.get("dampening", 0) != 0:
        raise UsageError(f"{where}nesterov = True: needs momentum > 0 and dampening = 0")


_SGD_INSIDE = ("sgd", "geometric-batch", "norm-test")


def _check_meaning(preset: Preset) -> None:
    """What the file's form does not say. Raises UsageError."""
    try:
        optimizer = find_optimizer(preset.optimizer)
    except UsageError as error:
        raise UsageError(f"optimizer: {error}") from None
    _check_texts(preset)
    whole = ScenarioDefaults(
        batch_size=preset.batch_size,
        hyperparameters=preset.hyperparameters,
        schedule=preset.schedule,
        averaging=preset.averaging,
    )
    _check_values(preset, optimizer, whole, where="")
    for scenario_id, defaults in preset.scenarios.items():
        if scenario_id not in SCENARIOS and scenario_id not in all_scenarios():
            raise UsageError(f"scenarios.{scenario_id}: no such scenario; {nearest(scenario_id, all_scenarios())}")
        _check_values(preset, optimizer, defaults, where=f"scenarios.{scenario_id}.")


def _check_texts(preset: Preset) -> None:
    texts = {"name": preset.name, "advice": preset.advice, "source": preset.source or ""}
    texts |= {f"tuning.{number}.protocol": one.protocol for number, one in enumerate(preset.tuning)}
    for key, text in texts.items():
        if not text.isprintable():  # nor what turns the reading direction, or takes no room
            raise UsageError(f"{key} = {shown(text)}: expected one line of text")
    if not (preset.formula or "").replace("\n", "").isprintable():
        raise UsageError("formula: expected lines of text without control characters")


def _check_values(preset: Preset, optimizer: Optimizer, values: ScenarioDefaults, *, where: str) -> None:
    """The numbers of a preset, or those that it has for a scenario; `where` stands before their keys in messages."""
    own = f"{where}hyperparameters."
    check_all(values.hyperparameters, optimizer.hyperparameters, where=own, kind=f"optimizer {optimizer.id!r}")
    complete = {p.name: p.default for p in optimizer.hyperparameters}
    check_together(optimizer.id, complete | preset.hyperparameters | values.hyperparameters, where=own)
    if values.batch_size is not None:
        check_batch_size(values.batch_size, where=f"{where}batch_size")
    if values.schedule is not None:
        check_schedule(values.schedule, where=f"{where}schedule.")
    if values.averaging is not None:
        check_averaging(values.averaging, where=f"{where}averaging.")


def _first_problem(error: ValidationError) -> str:
    problems = error.errors(include_url=False)
    problem = min(problems, key=lambda item: item["type"] != "extra_forbidden")  # a misspelt key explains a missing one
    tags = re.compile(r"(float|int|str|bool|literal\[.*\])")  # pydantic appends the union member that it tried
    is_extra = problem["type"] == "extra_forbidden"  # then the last part is the user's key, whatever its name
    location = [str(part) for part in problem["loc"] if is_extra or not tags.fullmatch(str(part))]
    key = ".".join(location)
    if is_extra:
        return f"{key}: unknown key; {nearest(location[-1], _keys_at(location[:-1]))}"
    if problem["type"] == "missing":
        return f"{key}: this key is required"
    if problem["type"] == "literal_error" and location[0] not in _EXPECTED:
        expected = str(problem.get("ctx", {}).get("expected", ""))
        names = re.findall(r"'([^']+)'", expected)
        hint = f"; {nearest(str(problem['input']), names)}" if names else ""
        return f"{key} = {shown(problem['input'])}: expected {expected}{hint}"
    if problem["type"] in ("dict_type", "model_type"):
        return f"{key} = {shown(problem['input'])}: expected a table"
    expected = _EXPECTED.get(location[0], problem["msg"][0].lower() + problem["msg"][1:])
    return f"{key} = {shown(problem['input'])}: {expected}"


_EXPECTED = {
    "batch_size": "expected a whole number in [1, 1000000] or 'full'",
    "hyperparameters": "expected a number, true, false or a word",
}


def _keys_at(location: list[str]) -> list[str]:
    if location[:1] == ["scenarios"]:
        return list(ScenarioDefaults.model_fields)
    if location[:1] == ["tuning"]:
        return list(Trial.model_fields if "trials" in location else Tuning.model_fields)
    return [name for name in Preset.model_fields if name != "id"]
