"""Rules of stacks without scaling: SGD by hand, torch's SGD, momentum in EMA form."""

from collections.abc import Sequence
from typing import Any

import torch

from tui_optim.engine.stack.rule import Rule


class ByHandRule(Rule):
    """SGD by hand: θ ← θ − η g."""

    def _prepare(self) -> None:
        pass

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """θ ← θ − η g."""
        self.num_steps += 1
        parameters.addcmul_(gradient, self._minus_rates)

    def export(self, row: int, method_state: dict[str, Any]) -> dict[str, Any]:
        """Nothing is remembered but the rate."""
        del row
        return method_state


class SGDRule(Rule):
    """`torch.optim.SGD`: plain, heavy ball with dampening, Nesterov."""

    counts_steps = False

    def _prepare(self) -> None:
        self._prepare_decay()
        first = self._values[0]
        self._has_momentum, self._is_nesterov = first["momentum"] != 0, first["nesterov"]
        self._momenta = self._spread(self._each("momentum"))
        self._shares = self._spread([1 - one for one in self._each("dampening")])

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """v ← μ v + (1 − τ)(g + λ θ), v₁ = g + λ θ; θ ← θ − η v."""
        self.num_steps += 1
        gradient = self._decayed(parameters, gradient)
        if self._has_momentum:
            if self.num_steps == 1:
                self.state["momentum_buffer"] = gradient.clone()
            else:
                self.state["momentum_buffer"].mul_(self._momenta).addcmul_(gradient, self._shares)
            buffer = self.state["momentum_buffer"]
            gradient = gradient.addcmul_(buffer, self._momenta) if self._is_nesterov else buffer
        parameters.addcmul_(gradient, self._minus_rates)

    def _names(self) -> list[str]:
        return ["momentum_buffer"] if self._has_momentum else []


class MomentumEMARule(Rule):
    """`MomentumEMA`: the running mean of gradients from zero."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        return {"mean": self._zeros()}

    def _prepare(self) -> None:
        self._prepare_decay()
        self._shares = self._spread([1 - beta for beta in self._each("beta")])

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """m ← β m + (1 − β) g; θ ← θ − η m."""
        self.num_steps += 1
        self.state["mean"].lerp_(self._decayed(parameters, gradient), self._shares)
        parameters.add_(self.state["mean"] * self._minus_rates)

    def export(self, row: int, method_state: dict[str, Any]) -> dict[str, Any]:
        """The mean as one vector."""
        if not self.num_steps:
            return method_state
        return {**method_state, "mean": self._layout.rows(self.state["mean"])[row].clone()}

    def load(self, states: Sequence[dict[str, Any]], *, num_steps: int) -> None:
        """Inverse of `export`."""
        self.num_steps = num_steps
        if num_steps:
            self.state["mean"] = self._layout.vector(torch.stack([state["mean"] for state in states]))
