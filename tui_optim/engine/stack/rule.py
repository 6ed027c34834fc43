"""The update rule of an elementwise optimizer for a stack: parameters, gradients and hyper-parameters are vectors in one layout.

Each rule makes the operations of the optimizer that a run alone has (torch's own, or the one written here) in the same order, so
that a member of a stack gets the same bits; its state is exported in that optimizer's form. Members have the same structure:
momentum or none, Nesterov or not, AMSGrad or not (`spec.stacking`).
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from tui_optim.engine.stack.layout import Layout
from tui_optim.spec.hyperparameters import Value


class Rule(ABC):
    """The update of all members of a stack; all have taken the same number of steps."""

    counts_steps = True
    """Whether torch's state has the number of steps in it."""

    def __init__(
        self, hyperparameters: Sequence[Mapping[str, Value]], parameters: torch.Tensor, layout: Layout
    ) -> None:
        """One set of hyper-parameters for each member; `parameters` are there to know their type."""
        self._values: list[Mapping[str, Any]] = list(hyperparameters)
        self._like, self._layout = parameters, layout
        self._members = layout.members(parameters.device)
        self.num_steps = 0
        self.state: dict[str, torch.Tensor] = self._initial_state()
        """Vectors in the layout, by the names that torch gives them."""
        self.numbers: dict[str, torch.Tensor] = self._initial_numbers()
        """One number for each member, [K], where torch keeps one with each of its parameters."""
        self._rates: list[float] = []
        self._prepare()

    @abstractmethod
    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """θ ← update(θ, g), in place; `gradient` may be overwritten."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        return {}

    def _initial_numbers(self) -> dict[str, torch.Tensor]:
        return {}

    @abstractmethod
    def _prepare(self) -> None:
        """Spread the numbers that stay the same from step to step."""

    def set_rates(self, rates: Sequence[float]) -> None:
        """The rate of each member from now on."""
        self._rates = list(rates)
        self._minus_rates = self._spread([-rate for rate in rates])

    def select(self, rows: Sequence[int]) -> "Rule":
        """A copy for these members alone."""
        layout = self._layout.of(len(rows))
        chosen = type(self)([self._values[row] for row in rows], self._like, layout)
        chosen.num_steps = self.num_steps
        chosen.state = {
            name: layout.vector(self._layout.rows(vector)[list(rows)]) for name, vector in self.state.items()
        }
        chosen.numbers = {name: numbers[list(rows)] for name, numbers in self.numbers.items()}
        chosen.set_rates([self._rates[row] for row in rows])
        return chosen

    def copied(self) -> "Rule":
        """The same rule, with copies of all that a step changes."""
        other = copy.copy(self)
        other.state = {name: vector.clone() for name, vector in self.state.items()}
        other.numbers = {name: numbers.clone() for name, numbers in self.numbers.items()}
        return other

    def export(self, row: int, method_state: dict[str, Any]) -> dict[str, Any]:
        """The state of one member as its own optimizer's `state_dict`, of which `method_state` has the rest."""
        if not self.num_steps:
            return method_state
        by_parameter: dict[int, dict[str, torch.Tensor]] = {}
        for name, vector in self.state.items():
            for index, piece in enumerate(self._layout.pieces(vector, row)):
                by_parameter.setdefault(index, {})[name] = piece
        for pieces in by_parameter.values():
            pieces |= {name: numbers[row].clone() for name, numbers in self.numbers.items()}
            if self.counts_steps:
                pieces["step"] = torch.tensor(float(self.num_steps))
        return {**method_state, "state": by_parameter}

    def load(self, states: Sequence[dict[str, Any]], *, num_steps: int) -> None:
        """Inverse of `export` for all members, each after `num_steps` steps."""
        self.num_steps = num_steps
        if not num_steps:
            return
        for name in self._names():
            rows = [torch.cat([one[name].reshape(-1) for one in state["state"].values()]) for state in states]
            self.state[name] = self._layout.vector(torch.stack(rows))
        for name in self.numbers:
            self.numbers[name] = torch.stack([next(iter(state["state"].values()))[name] for state in states])

    def _names(self) -> list[str]:
        """Names of the state that members have after their first step."""
        return list(self.state)

    def _spread(self, values: Sequence[float]) -> torch.Tensor:
        """A vector that has one number for all parameters of a member."""
        column = torch.tensor(values, dtype=self._like.dtype, device=self._like.device)
        return column.index_select(0, self._members)

    def _each(self, name: str) -> list[Any]:
        return [values[name] for values in self._values]

    def _zeros(self) -> torch.Tensor:
        return self._spread([0.0] * len(self._values))

    def _prepare_decay(self) -> None:
        decays = self._each("weight_decay")
        self._decays = self._spread(decays) if any(decays) else None

    def _decayed(self, parameters: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        """g + λ θ."""
        return gradient if self._decays is None else gradient.addcmul_(parameters, self._decays)

    def _corrected_minus_rates(self) -> torch.Tensor:
        """−η / (1 − β₁ᵗ) of each member."""
        t = float(self.num_steps)
        pairs = zip(self._rates, self._each("beta1"), strict=True)
        return self._spread([-(rate / (1 - beta**t)) for rate, beta in pairs])
