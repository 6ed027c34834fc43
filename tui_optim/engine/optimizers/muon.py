"""Muon on the 2-D weights with AdamW on everything else (Jordan et al. 2024): torch's Muon takes 2-D parameters only."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Build from the hyper-parameters of `spec.optimizers`."""
    numbers: dict[str, Any] = dict(values)
    muon = torch.optim.Muon(
        [p for p in model.parameters() if p.ndim == 2],
        lr=numbers["lr"],
        weight_decay=numbers["weight_decay"],
        momentum=numbers["momentum"],
        nesterov=numbers["nesterov"],
        ns_steps=numbers["ns_steps"],
    )
    adamw = torch.optim.AdamW(
        [p for p in model.parameters() if p.ndim != 2],
        lr=numbers["adamw_lr"],
        betas=(numbers["beta1"], numbers["beta2"]),
        eps=numbers["eps"],
        weight_decay=numbers["weight_decay"],
    )
    return GradientStep(MuonWithAdamW(muon, adamw))


class MuonWithAdamW:
    """Two optimizers over disjoint parameters, stepped together."""

    def __init__(self, muon: torch.optim.Optimizer, adamw: torch.optim.Optimizer) -> None:
        """The schedule scales both rates through `param_groups`."""
        self._parts = {"muon": muon, "adamw": adamw}

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Muon's group first: its rate is the one that charts show."""
        return [group for part in self._parts.values() for group in part.param_groups]

    def step(self) -> None:
        """One step of each."""
        for part in self._parts.values():
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """State of both, by name."""
        return {name: part.state_dict() for name, part in self._parts.items()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        for name, part in self._parts.items():
            part.load_state_dict(state_dict[name])
