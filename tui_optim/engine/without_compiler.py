"""torch.optim without torch's compiler, which it would load (1.6 s, 900 modules) only to say that nothing is to be compiled.

A process that is started for a run spends a third of its start on that. What is replaced here differs from torch's own in the
remarks to the compiler alone; where torch is built otherwise, nothing is replaced and the compiler is loaded as before.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch


def leave_compiler_out() -> None:
    """From now on optimizers are made and take steps without it; who asks for `torch.compile` still gets it."""
    for _, method in inspect.getmembers(torch.optim.Optimizer, inspect.isfunction):
        if _is_made_by(method, "_disable_dynamo"):
            # where torch keeps the form of the method that its compiler leaves alone; without a compiler that is the method
            original = inspect.unwrap(method)
            original.__dict__.setdefault("__dynamo_disable", original)
    kinds: list[tuple[str, Any]] = inspect.getmembers(torch.optim, inspect.isclass)
    for _, kind in kinds:
        step = vars(kind).get("step")
        if step is not None and _is_made_by(step, "_use_grad_for_differentiable"):
            kind.step = _step(step.__wrapped__)


def _is_made_by(function: Any, decorator: str) -> bool:
    """Whether a function is what one of torch's decorators has made of another."""
    return hasattr(function, "__wrapped__") and function.__code__.co_qualname.startswith(f"{decorator}.<locals>.")


def _step(step: Callable[..., Any]) -> Callable[..., Any]:
    """As torch's `_use_grad_for_differentiable`, without breaks in a graph that nobody records."""

    @functools.wraps(step)
    def with_gradients_where_wanted(rule: torch.optim.Optimizer, *args: Any, **kwargs: Any) -> Any:
        with torch.set_grad_enabled(rule.defaults["differentiable"]):
            return step(rule, *args, **kwargs)

    return with_gradients_where_wanted
