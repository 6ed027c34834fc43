"""What optimizers keep of every weight, read by the names that torch gives it: momentum, and the rate that a gradient meets."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from tui_optim.engine.optimizers.method import Method

State = Mapping[str, torch.Tensor]
"""What is kept of one weight matrix or vector."""
MOMENTUM_KEYS = ("momentum_buffer", "exp_avg", "momentum")
"""By these names optimizers keep a running sum or mean of gradients."""


def momentum_of(method: Method, parameters: Sequence[nn.Parameter]) -> torch.Tensor | None:
    """The momentum, shape [d]; None where the method keeps none for all weights."""
    if method.momentum is not None:
        return method.momentum
    parts: list[torch.Tensor] = []
    for parameter in parameters:
        state = method.torch_state.get(parameter) or {}
        found = next((state[key] for key in MOMENTUM_KEYS if _is_like(state.get(key), parameter)), None)
        if found is None:
            return None
        parts.append(found.reshape(-1))
    return torch.cat(parts)


def effective_rates(optimizer: str, method: Method) -> torch.Tensor | None:
    """For every weight what its gradient, or the mean of its gradients, is multiplied by, shape [d].

    None where the optimizer of this id has one rate for all weights, none that its state tells, or no state yet.
    """
    rule = RATE_RULES.get(optimizer)
    if rule is None:
        return None
    parts = [rule(group, state).reshape(-1) for group, state in _states(method)]
    return torch.cat(parts) if parts else None


def _states(method: Method) -> Iterator[tuple[dict[str, Any], State]]:
    for group in method.param_groups:
        for parameter in group.get("params", ()):
            if state := method.torch_state.get(parameter):
                yield group, state


def _is_like(value: Any, parameter: nn.Parameter) -> bool:
    return isinstance(value, torch.Tensor) and value.shape == parameter.shape


def _adam(group: Mapping[str, Any], state: State) -> torch.Tensor:
    """η / (√v̂ + ε),  v̂ = v / (1 − β₂ᵗ); for AMSGrad of the largest v so far."""
    second = state.get("max_exp_avg_sq", state["exp_avg_sq"])
    corrected = second / (1 - math.pow(group["betas"][1], float(state["step"])))
    return float(group["lr"]) / (corrected.sqrt() + float(group["eps"]))


def _radam(group: Mapping[str, Any], state: State) -> torch.Tensor:
    """η r √(1 − β₂ᵗ) / (√v + ε), r the rectification (Liu et al. 2020, Alg. 2); η in the first steps, where there is none."""
    beta, t = float(group["betas"][1]), float(state["step"])
    longest = 2 / (1 - beta) - 1
    length = longest - 2 * t * beta**t / (1 - beta**t)
    if length <= 5:
        return torch.full_like(state["exp_avg_sq"], float(group["lr"]))
    r = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    return float(group["lr"]) * r * math.sqrt(1 - beta**t) / (state["exp_avg_sq"].sqrt() + float(group["eps"]))


def _adamax(group: Mapping[str, Any], state: State) -> torch.Tensor:
    """η / u."""
    return float(group["lr"]) / state["exp_inf"]


def _rmsprop(group: Mapping[str, Any], state: State) -> torch.Tensor:
    """η / (√v + ε), v less the square of the mean gradient where it is centred."""
    second = state["square_avg"]
    if group["centered"]:
        second = second - state["grad_avg"].square()
    return float(group["lr"]) / (second.sqrt() + float(group["eps"]))


def _adagrad(group: Mapping[str, Any], state: State) -> torch.Tensor:
    """ηₜ / (√Σg² + ε),  ηₜ = η / (1 + (t − 1) decay)."""
    lr = float(group["lr"]) / (1 + (float(state["step"]) - 1) * float(group["lr_decay"]))
    return lr / (state["sum"].sqrt() + float(group["eps"]))


def _adadelta(group: Mapping[str, Any], state: State) -> torch.Tensor:
    """η √(E[Δ²] + ε) / √(E[g²] + ε), as the next step has it."""
    eps = float(group["eps"])
    return float(group["lr"]) * (state["acc_delta"] + eps).sqrt() / (state["square_avg"] + eps).sqrt()


RATE_RULES: dict[str, Callable[[Mapping[str, Any], State], torch.Tensor]] = {
    "adam": _adam,
    "adamw": _adam,
    "nadam": _adam,
    "radam": _radam,
    "adamax": _adamax,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
}
"""By the id of the optimizer; formulas of torch's implementations."""
