"""The model and the loss of a run; a user's are tried before training, and what is wrong with them names their file."""

import inspect
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from tui_optim.engine.blame import blamed
from tui_optim.engine.data import PRECISIONS, Split
from tui_optim.engine.layers import layer_of
from tui_optim.engine.losses import CRITERIA, Criterion
from tui_optim.engine.memory_format import with_memory_format
from tui_optim.engine.models import MODELS
from tui_optim.spec.errors import shown
from tui_optim.spec.own_scenario import OwnScenario, unchanged_scenario
from tui_optim.spec.plugin_file import complaint
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import Scenario

_MEAN_TOLERANCE = 1e-3
"""Relative; a sum over two examples is off by 1."""


def model_and_criterion(run: RunSpec, data: Split, device: torch.device) -> tuple[nn.Module, Criterion]:
    """The untrained model of a run's scenario on `device`, and its loss; the user's are tried on two examples of `data`.

    Raises:
        UsageError: the scenario's file has changed, or what it builds is not what it announces.
    """
    scenario = run.scenario_info
    precision = PRECISIONS[scenario.precision]
    if scenario.model != "own":
        return with_memory_format(MODELS[scenario.model]().to(device, precision), run), CRITERIA[scenario.loss]
    own = unchanged_scenario(scenario)
    with blamed(scenario):
        model = own.build_model()
    if problem := _problem_of_model(scenario, model):
        raise complaint(scenario.origin, problem)
    model = with_memory_format(model.to(device, precision), run)
    criterion: Criterion = own.loss or CRITERIA["cross-entropy"]
    with blamed(scenario, what=f"the model with its loss, on inputs of shape {list(data.inputs[:2].shape)},"):
        problem = _problem_of_pass(scenario, own, model, criterion, data)
    if problem:
        raise complaint(scenario.origin, problem)
    return model, criterion


def _problem_of_model(scenario: Scenario, model: Any) -> str:
    """Why this is not the model that `layers` announces, in words; empty where it is."""
    if isinstance(model, type):
        return f"build_model returned the class {model.__name__}; expected a torch.nn.Module: call the class"
    if not isinstance(model, nn.Module):
        return f"build_model returned {shown(model)}; expected a torch.nn.Module"
    parameters = dict(model.named_parameters())
    if not parameters:
        return "build_model returned a model without parameters: there is nothing to train"
    for name, parameter in parameters.items():
        if not parameter.requires_grad or not parameter.is_floating_point():
            return f"build_model: parameter {name} is not trained; register it as a buffer"
    count = sum(parameter.numel() for parameter in parameters.values())
    if count != scenario.num_parameters:
        parts = Counter[str]()
        for name, parameter in parameters.items():
            parts[layer_of(name)] += parameter.numel()
        found = ", ".join(f"{name} {number:,}" for name, number in parts.items())
        return f"layers add up to {scenario.num_parameters:,} parameters; the model has {count:,}: {found}"
    has = {
        "BatchNorm": (scenario.has_batchnorm, any(isinstance(one, _BatchNorm) for one in model.modules())),
        "Dropout": (scenario.has_dropout, any(isinstance(one, _DropoutNd) for one in model.modules())),
    }
    for word, (is_told, is_there) in has.items():
        if is_there and not is_told:
            return f"the model has {word}, which not every optimizer suits; expected {word!r} in the kind of a layer"
    if scenario.has_weight_matrices and not any(parameter.ndim >= 2 for parameter in parameters.values()):
        return "a layer's kind says 'Linear'; the model has no weight matrix"
    for layer in scenario.penalised_layers:
        if f"{layer}.weight" not in parameters:
            return f"penalised_layers: the model has no parameter {layer}.weight"
    return ""


def _problem_of_pass(scenario: Scenario, own: OwnScenario, model: nn.Module, criterion: Criterion, data: Split) -> str:
    """What is wrong with the outputs and the loss on the first two examples, in words; empty where nothing is."""
    inputs, labels = data.inputs[:2], data.labels[:2]
    model.eval()
    outputs = model(inputs)
    if not isinstance(outputs, torch.Tensor) or outputs.ndim < 1 or len(outputs) != len(inputs):
        return (
            f"the model returned {_shape_of(outputs)} for {len(inputs)} examples; expected a tensor with a row for each"
        )
    classes = scenario.data_set.classes
    if classes and outputs.shape != (len(inputs), len(classes)):
        wanted = f"[{len(inputs)}, {len(classes)}]: a score for each of the {len(classes)} classes"
        return f"the model returned {_shape_of(outputs)} for {len(inputs)} examples; expected {wanted}"
    loss = criterion(outputs, labels)
    name = _place_of(own.loss) if own.loss else "the loss"
    if not isinstance(loss, torch.Tensor) or loss.ndim != 0 or not loss.is_floating_point():
        return f"{name} returned {_shape_of(loss)}; expected one number, the mean over the examples"
    if not loss.requires_grad:
        return f"{name} returned a number without a gradient; expected one computed from the outputs by torch"
    parameters = dict(model.named_parameters())
    slopes = torch.autograd.grad(loss, list(parameters.values()), allow_unused=True)
    for parameter, slope in zip(parameters, slopes, strict=True):
        if slope is None:
            return f"parameter {parameter} has no part in the loss; leave it out of the model"
    with torch.no_grad():
        singles = [float(criterion(model(x), y)) for x, y in zip(inputs.split(1), labels.split(1), strict=True)]
    mean, found = sum(singles) / len(singles), float(loss.detach())
    if (
        math.isfinite(mean)
        and math.isfinite(found)
        and not math.isclose(mean, found, rel_tol=_MEAN_TOLERANCE, abs_tol=_MEAN_TOLERANCE)
    ):
        alone = " and ".join(f"{one:.4g}" for one in singles)
        return f"{name} of two examples is {found:.4g}, of each alone {alone}; expected the mean over the examples"
    model.train()
    return ""


def _shape_of(value: Any) -> str:
    return f"a tensor of shape {list(value.shape)}" if isinstance(value, torch.Tensor) else shown(value)


def _place_of(function: Callable[..., Any]) -> str:
    """The user's loss for a message, with its line."""
    code = getattr(function, "__code__", None)
    return f"loss (line {code.co_firstlineno})" if inspect.iscode(code) else "loss"
