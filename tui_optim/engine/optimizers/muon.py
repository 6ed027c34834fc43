"""Muon on the 2-D weights with AdamW on everything else (Jordan et al. 2024): torch's Muon takes 2-D parameters only.

    M ← μ M + (1 − μ) g
    X ← g + μ (M − g)  (Nesterov), else M;  X ← X / ‖X‖
    k times:  A ← X Xᵀ;  X ← a X + (b A + c A²) X
    W ← (1 − η λ) W − η √max(1, rows / columns) X

torch computes the iteration in bfloat16. On a CPU with AVX2 alone that takes 34 to 62 times as long as in float32 for the larger
matrices of LeNet-5 (ten epochs took eleven minutes where Adam's took two): on a CPU without AVX-512 it is done in float32.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Build from the hyper-parameters of `spec.optimizers`."""
    numbers: dict[str, Any] = dict(values)
    muon = _muon_of(model)(
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


def has_bfloat16(device: torch.device) -> bool:
    """Whether products of matrices in bfloat16 are taken to be fast on a device: not on a CPU without AVX-512."""
    return device.type != "cpu" or torch.backends.cpu.get_cpu_capability().startswith("AVX512")


class Float32Muon(torch.optim.Muon):
    """torch's Muon but for the iteration, which is not rounded to bfloat16."""

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # returns no loss
        """Take p.grad of every weight."""
        assert closure is None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, group)

    def _move(self, weight: torch.Tensor, group: dict[str, Any]) -> None:
        gradient, state, momentum = weight.grad, self.state[weight], group["momentum"]
        assert gradient is not None
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(gradient)
        mean = state["momentum_buffer"].lerp_(gradient, 1 - momentum)
        direction = gradient.lerp(mean, momentum) if group["nesterov"] else mean
        rows, columns = weight.shape
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        step = orthogonalised(direction, group["ns_coefficients"], group["ns_steps"], group["eps"])
        weight.add_(step, alpha=-group["lr"] * math.sqrt(max(1, rows / columns)))


def orthogonalised(
    matrix: torch.Tensor, coefficients: tuple[float, float, float], steps: int, eps: float
) -> torch.Tensor:
    """U V' of the matrix U Σ V', about: the quintic Newton–Schulz iteration, in the matrix's own precision."""
    a, b, c = coefficients
    is_tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if is_tall else matrix
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if is_tall else x


def _muon_of(model: nn.Module) -> type[torch.optim.Muon]:
    return torch.optim.Muon if has_bfloat16(next(model.parameters()).device) else Float32Muon


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
