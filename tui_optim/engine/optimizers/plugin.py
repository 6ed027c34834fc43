"""A user's optimizer as a method: whatever it does wrong ends the run with a sentence that names its file."""

import inspect
import pickle
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.failures import is_out_of_memory
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import GradientStep, Method
from tui_optim.spec.errors import DataError, shown
from tui_optim.spec.plugin_file import blaming, check_unchanged
from tui_optim.spec.plugins import Plugin, load_plugin
from tui_optim.spec.run import RunSpec

_EXPECTED = "expected a torch.optim.Optimizer or a Method"
_NAMES = ("param_groups", "step", "state_dict", "load_state_dict")
"""What both have."""


def build_plugin(run: RunSpec, model: nn.Module) -> Method:
    """The method of a plugin over a model's parameters; a torch optimizer becomes a gradient step.

    Raises:
        UsageError: the plugin cannot be loaded any more, has changed since the run was made, its `build` fails or builds
            something else.
    """
    check_unchanged(run.optimizer_origin, run.optimizer_sha256)
    plugin = load_plugin(run.optimizer_origin)
    with _blaming(plugin, "build"):
        built = plugin.build(model, dict(run.hyperparameters))
        problem = _problem_of_built(built) or _problem_of_groups(built.param_groups)
        if not problem and not isinstance(built, Method):
            problem = _problem_of_step(built) or _problem_of_parameters(built, model)
    if problem:
        raise plugin.complaint(problem)
    return PluginMethod(built if isinstance(built, Method) else GradientStep(built), plugin)


class PluginMethod(Method):
    """Lets a user's method work, and says what is wrong with it where it fails or returns what is not expected."""

    def __init__(self, method: Method, plugin: Plugin) -> None:
        """`method` is what the plugin's `build` returned, or a gradient step with it."""
        self._method, self._plugin = method, plugin
        self._was_kept = False
        self.l2 = method.l2

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Those of the method."""
        return self._method.param_groups

    @property
    def torch_state(self) -> Mapping[Any, Mapping[str, Any]]:
        """That of the method."""
        return self._method.torch_state

    @property
    def momentum(self) -> torch.Tensor | None:
        """That of the method."""
        return self._method.momentum

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """A step of the method."""
        with _blaming(self._plugin, "step"):
            seen = self._method.step(objective, batches)
        if problem := _problem_of_seen(seen):
            raise self._plugin.complaint(f"step returned {problem}")
        return seen

    def state_dict(self) -> dict[str, Any]:
        """That of the method; the first one is read back, so that a resumed run will not be the one that finds out."""
        with _blaming(self._plugin, "state_dict"):
            state = self._method.state_dict()
        if not self._was_kept and not _can_be_kept(state):
            raise self._plugin.complaint(
                "state_dict returned what a checkpoint cannot hold; expected a dict of tensors, numbers, texts, lists and dicts"
            )
        self._was_kept = True
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        with _blaming(self._plugin, "load_state_dict"):
            self._method.load_state_dict(state_dict)

    @contextmanager
    def evaluation_weights(self, objective: Objective) -> Iterator[None]:
        """Those of the method."""
        with ExitStack() as stack:
            with _blaming(self._plugin, "evaluation_weights"):
                stack.enter_context(self._method.evaluation_weights(objective))
            yield


def _blaming(plugin: Plugin, function: str) -> AbstractContextManager[None]:
    """What fails inside the block is said to have failed in the plugin's function of this name; lack of memory is not."""
    return blaming(plugin.optimizer.origin, function=function, passing=is_out_of_memory)


def _problem_of_built(built: Any) -> str:
    """Why this is no optimizer, in words; empty where it is one."""
    if isinstance(built, type):
        return f"build returned the class {built.__name__}; {_EXPECTED}: call the class, with model.parameters()"
    missing = [name for name in _NAMES if not hasattr(built, name)]
    if not missing:
        return ""
    lacking = f" without {' and '.join(missing)}" if len(missing) < len(_NAMES) else ""
    return f"build returned {shown(built)}{lacking}; {_EXPECTED}"


def _problem_of_groups(groups: Any) -> str:
    """Why schedules cannot set the rate of these parameter groups."""
    if not isinstance(groups, list) or not groups or not all(isinstance(group, dict) for group in groups):
        return f"param_groups = {shown(groups)}: expected a list of dicts, each with its 'lr'"
    if any("lr" not in group for group in groups):
        return "a parameter group has no 'lr', which schedules set"
    for rate in (group["lr"] for group in groups):
        if not isinstance(rate, float | int | torch.Tensor):
            return f"a parameter group has lr = {shown(rate)}: expected a number"
    return ""


def _problem_of_step(built: Any) -> str:
    """Why the step of a torch optimizer cannot be called with nothing but p.grad set."""
    if inspect.unwrap(built.step) is inspect.unwrap(torch.optim.Optimizer.step):
        return f"build returned a {type(built).__name__} that has no step of its own"
    needed = [
        parameter.name
        for parameter in inspect.signature(built.step).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    if not needed:
        return ""
    return (
        f"its step needs {' and '.join(needed)}; one that works with p.grad alone takes nothing, any other is a Method"
    )


def _problem_of_parameters(built: Any, model: nn.Module) -> str:
    """Whether a torch optimizer would move something else than the model."""
    if not isinstance(built, torch.optim.Optimizer):
        return ""
    ours = {id(parameter) for parameter in model.parameters()}
    if all(id(parameter) in ours for group in built.param_groups for parameter in group["params"]):
        return ""
    return "build gave its optimizer parameters that are not the model's; expected model.parameters(), or some of them"


def _problem_of_seen(seen: Any) -> str:
    """Why this is not what a step saw of its batch."""
    if not isinstance(seen, Seen):
        return f"{shown(seen)}; expected the Seen that objective.backward and objective.gradient return"
    if not all(isinstance(part, torch.Tensor) for part in seen):
        return "a Seen with something else than tensors; expected its loss, outputs and labels as tensors"
    if (seen.loss.ndim, seen.labels.ndim) != (0, 1) or seen.outputs.ndim < 2 or len(seen.outputs) != len(seen.labels):
        shapes = ", ".join(str(list(part.shape)) for part in seen)
        return f"a Seen of shapes {shapes}; expected loss [], outputs [n, classes] and labels [n]"
    return ""


def _can_be_kept(state: Any) -> bool:
    """Whether a checkpoint with this state can be written and read; code in it would be refused."""
    try:
        from_bytes(to_bytes({"method": state}))
    except (DataError, pickle.PicklingError, AttributeError, TypeError, RuntimeError):
        return False
    return isinstance(state, dict)
