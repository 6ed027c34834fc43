"""Scenarios that users bring: a Python file, or a module of an installed package.

Such a module has `SCENARIO`, a `Scenario`: what the panel shows and what optimizers are matched with. `build_model()` returns
a `torch.nn.Module`; `load_data()` returns the tensors that `SCENARIO.examples` announces, and is not there where `dataset` names
images of the program; `loss(outputs, targets)`, the mean over the examples, replaces cross-entropy where it is there. The app
loads the module to show it, so torch is imported inside these functions, never at the top.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from tui_optim.spec.datasets import DATASETS, GENERATED
from tui_optim.spec.errors import nearest, shown
from tui_optim.spec.ids import PRESET_ID
from tui_optim.spec.plugin_file import changed, complaint, load_module
from tui_optim.spec.scenarios import SCENARIOS, Scenario

MAX_EXAMPLES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class OwnScenario:
    """A user's scenario."""

    scenario: Scenario
    build_model: Callable[..., Any]
    load_data: Callable[..., Any] | None
    """None where the data comes with the program."""
    loss: Callable[..., Any] | None
    """None: cross-entropy."""


def load_scenario(origin: str) -> OwnScenario:
    """Load the scenario of a file (its path ends in .py) or of a module.

    Raises:
        UsageError: it is missing, fails, imports torch at its top, lacks a name, or describes its scenario wrongly.
    """
    module, sha256 = load_module(origin)
    return read_scenario(module, origin, sha256)


def unchanged_scenario(scenario: Scenario) -> OwnScenario:
    """Load the scenario of a run. Raises UsageError where its file is not what it was when the run was made."""
    own = load_scenario(scenario.origin)
    if own.scenario.sha256 != scenario.sha256:
        raise changed(scenario.origin)
    return own


def read_scenario(module: object, origin: str, sha256: str) -> OwnScenario:
    """The scenario of a loaded module. Raises UsageError."""
    scenario = getattr(module, "SCENARIO", None)
    functions = {name: getattr(module, name, None) for name in ("build_model", "load_data", "loss")}
    if not isinstance(scenario, Scenario):
        raise complaint(origin, "expected SCENARIO, a tui_optim.spec.scenarios.Scenario")
    problem = _problem_of_fields(scenario) or _problem_of(scenario) or _problem_of_functions(scenario, functions)
    if problem:
        raise complaint(origin, problem)
    build_model, load_data, loss = functions.values()
    assert build_model is not None
    found = replace(scenario, origin=origin, sha256=sha256)
    if scenario.examples is not None:
        found = replace(found, dataset=scenario.id)
    if loss is not None:
        found = replace(found, loss="own")
    if not found.has_accuracy and scenario.targets == _DEFAULT_TARGETS:
        found = replace(found, targets=())  # accuracies
    return OwnScenario(found, build_model, load_data if scenario.examples else None, loss)


_DEFAULT_TARGETS = next(iter(SCENARIOS.values())).targets


class _Strict(BaseModel):
    """What the types of a scenario's fields say, taken at their word."""

    model_config = ConfigDict(strict=True, revalidate_instances="always")

    scenario: Scenario


def _problem_of_fields(scenario: Scenario) -> str:
    """A field with a value of another type, in words; empty where all are well."""
    try:
        _Strict(scenario=scenario)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in problem["loc"][1:])
        expected = problem["msg"].removeprefix("Input should be ")
        return f"{name} = {shown(problem['input'])}: expected {expected}"
    return ""


def _problem_of(scenario: Scenario) -> str:
    """What keeps a plugin's scenario out of the registry, in words; empty where nothing does."""
    if not PRESET_ID.fullmatch(scenario.id):
        return f"id = {shown(scenario.id)}: expected a–z, 0–9 and '-' (for example my-scenario)"
    if scenario.id in SCENARIOS or scenario.id in DATASETS or scenario.id in GENERATED:
        return f"id = {scenario.id!r}: a scenario or data set of the program has this id; take another"
    for name in ("title", "description"):
        if not (text := getattr(scenario, name)) or not text.isprintable():
            return f"{name} = {shown(text)}: expected one line of text"
    if scenario.model != "own" or scenario.loss != "cross-entropy":
        return (
            "model and loss: expected a function build_model(), and a function loss(outputs, targets) for another loss"
        )
    for name in ("quadratic", "is_written_by_hand", "has_handout_loss", "origin", "sha256"):
        if getattr(scenario, name):
            return f"{name}: only scenarios that come with the program have it"
    if scenario.epochs < 1 or (scenario.batch_size is not None and scenario.batch_size < 1):
        return "epochs and batch_size: expected whole numbers from 1 on"
    return _problem_of_data(scenario) or _problem_of_layers(scenario)


def _problem_of_data(scenario: Scenario) -> str:
    examples = scenario.examples
    if examples is None and scenario.dataset not in DATASETS:
        hint = f"; {nearest(scenario.dataset, DATASETS)}" if scenario.dataset else ""
        return f"expected examples = Examples(num_train=…, num_test=…), or dataset = {' or '.join(map(repr, DATASETS))}{hint}"
    if examples is not None and (scenario.dataset or scenario.normalise):
        return (
            "dataset and normalise belong to images of the program, examples to data of the file; expected one of them"
        )
    if examples is not None and not (
        1 <= examples.num_train <= MAX_EXAMPLES and 0 <= examples.num_test <= MAX_EXAMPLES
    ):
        return f"examples = {shown(examples)}: expected num_train from 1 and num_test from 0 on, up to {MAX_EXAMPLES:,}"
    if examples is not None and len(set(examples.classes)) != len(examples.classes):
        return f"classes = {shown(examples.classes)}: expected different names"
    if examples is not None and len(examples.classes) == 1:
        return f"classes = {shown(examples.classes)}: expected two or more, or none where numbers are to be predicted"
    num_train = scenario.data_set.num_examples["full"][0]
    if not 0 <= scenario.validation_size < num_train:
        return (
            f"validation_size = {scenario.validation_size}: expected a number below the {num_train:,} training examples"
        )
    return ""


def _problem_of_layers(scenario: Scenario) -> str:
    if not scenario.layers or scenario.num_parameters < 1:
        return "layers: expected a Layer(name=…, kind=…, output=…, parameters=…) for each part of the model"
    for layer in scenario.layers:
        if not layer.name or not f"{layer.name}{layer.kind}{layer.output}".isprintable():
            return f"layers: {shown(layer.name)}: expected names of one line"
        if not 0 <= layer.weights <= layer.parameters:
            return f"layers: {layer.name} has {layer.weights} weights among {layer.parameters} parameters"
    weighted = {layer.name for layer in scenario.layers if layer.weights}
    for name in scenario.penalised_layers:
        if name not in weighted:
            return f"penalised_layers: {name!r}: expected names of layers with weights; {nearest(name, weighted)}"
    return ""


def _problem_of_functions(scenario: Scenario, functions: dict[str, Any]) -> str:
    for name, function in functions.items():
        if function is not None and not callable(function):
            return f"{name} = {shown(function)}: expected a function"
    if functions["build_model"] is None:
        return "expected a function build_model()"
    if scenario.examples is not None and functions["load_data"] is None:
        return "expected a function load_data(), which returns the tensors that examples announces"
    if scenario.examples is None and functions["load_data"] is not None:
        return "load_data: SCENARIO has no examples; expected examples = Examples(num_train=…, num_test=…)"
    if functions["loss"] is None and not scenario.data_set.classes:
        return "without classes cross-entropy has no meaning; expected classes, or a function loss(outputs, targets)"
    return ""
