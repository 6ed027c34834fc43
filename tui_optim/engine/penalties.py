"""Penalties on weights: as a term of the loss, and as figures of a regularised run."""

from collections.abc import Callable

import torch
from torch import nn

from tui_optim.spec.run import RunSpec

SPARSITY_THRESHOLD = 1e-3
"""A weight counts as zero below this magnitude: subgradient steps on |w| come near zero, not onto it."""

Penalty = Callable[[], torch.Tensor]


def penalty_term(run: RunSpec, model: nn.Module) -> Penalty | None:
    """The term λ Σ_W [ρ ‖W‖₁ + (1 − ρ)/2 ‖W‖²] over the penalised layers' weights; None without such layers.

    Elastic net in the form of Zou & Hastie 2005 as parametrised by Friedman, Hastie & Tibshirani 2010.
    """
    if not run.penalty:
        return None
    weights = _penalised_weights(run, model)
    strength = float(run.penalty["strength"])
    ratio = {"l2": 0.0, "l1": 1.0}.get(str(run.penalty["kind"]), float(run.penalty["l1_ratio"]))

    def term() -> torch.Tensor:
        total = torch.zeros((), device=weights[0].device)
        for weight in weights:
            if ratio > 0:
                total = total + ratio * weight.abs().sum()
            if ratio < 1:
                total = total + (1 - ratio) / 2 * weight.square().sum()
        return strength * total

    return term


@torch.no_grad()
def penalty_and_sparsity(run: RunSpec, model: nn.Module) -> tuple[float | None, float | None]:
    """Value of the penalty, and the share of its weights below the threshold; (None, None) without regularisation.

    Where the optimizer's `weight_decay` λ regularises, the penalty is λ/2 ‖θ‖² over all parameters.
    """
    if not run.scenario_info.is_regularised:
        return None, None
    weights = _penalised_weights(run, model)
    term = penalty_term(run, model)
    if term is not None:
        value = float(term())
    else:
        decay = float(run.hyperparameters.get("weight_decay", 0.0))
        value = decay / 2 * sum(float(weight.square().sum()) for weight in weights)
    num_small = sum(int((weight.abs() < SPARSITY_THRESHOLD).sum()) for weight in weights)
    return value, num_small / sum(weight.numel() for weight in weights)


def _penalised_weights(run: RunSpec, model: nn.Module) -> list[torch.Tensor]:
    layers = run.scenario_info.penalised_layers
    if layers:
        return [model.get_parameter(f"{layer}.weight") for layer in layers]
    return list(model.parameters())
