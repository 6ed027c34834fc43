"""Update rules of elementwise optimizers for a stack: parameters, gradients and hyper-parameters are vectors in one layout.

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
        self.num_steps = 0
        self.state: dict[str, torch.Tensor] = self._initial_state()
        """Vectors in the layout, by the names that torch gives them."""
        self._rates: list[float] = []
        self._prepare()

    @abstractmethod
    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """θ ← update(θ, g), in place; `gradient` may be overwritten."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
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
        chosen.set_rates([self._rates[row] for row in rows])
        return chosen

    def copied_state(self) -> tuple[int, dict[str, torch.Tensor]]:
        """What a step changes: the number of steps and the vectors, as copies."""
        return self.num_steps, {name: vector.clone() for name, vector in self.state.items()}

    def at(self, state: tuple[int, dict[str, torch.Tensor]]) -> "Rule":
        """The same rule where `copied_state` was taken."""
        other = copy.copy(self)
        other.num_steps, other.state = state
        return other

    def export(self, row: int, method_state: dict[str, Any]) -> dict[str, Any]:
        """The state of one member as its own optimizer's `state_dict`, of which `method_state` has the rest."""
        if not self.num_steps:
            return method_state
        by_parameter: dict[int, dict[str, torch.Tensor]] = {}
        for name, vector in self.state.items():
            for index, piece in enumerate(self._layout.pieces(vector, row)):
                by_parameter.setdefault(index, {})[name] = piece
        if self.counts_steps:
            for pieces in by_parameter.values():
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

    def _names(self) -> list[str]:
        """Names of the state that members have after their first step."""
        return list(self.state)

    def _spread(self, values: Sequence[float]) -> torch.Tensor:
        return self._layout.spread(values, self._like)

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


class AdagradRule(Rule):
    """`torch.optim.Adagrad`."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        return {"sum": self._zeros() + self._spread(self._each("initial_accumulator_value"))}

    def _prepare(self) -> None:
        self._prepare_decay()
        self._eps = self._spread(self._each("eps"))
        self._rate_decays = self._each("lr_decay")

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """G ← G + g²; θ ← θ − η_t g / (√G + ε), η_t = η / (1 + (t − 1) d)."""
        self.num_steps += 1
        gradient = self._decayed(parameters, gradient)
        total = self.state["sum"].addcmul_(gradient, gradient)
        rates = self._minus_rates
        if any(self._rate_decays):
            pairs = zip(self._rates, self._rate_decays, strict=True)
            rates = self._spread([-rate / (1 + (self.num_steps - 1) * decay) for rate, decay in pairs])
        parameters.add_(gradient.mul_(rates).div_(total.sqrt().add_(self._eps)))


class RMSPropRule(Rule):
    """`torch.optim.RMSprop`, with momentum and centred where members have it."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        first = self._values[0]
        names = ["square_avg"]
        names += ["momentum_buffer"] if first["momentum"] > 0 else []
        names += ["grad_avg"] if first["centered"] else []
        return {name: self._zeros() for name in names}

    def _prepare(self) -> None:
        self._prepare_decay()
        self._alphas = self._spread(self._each("alpha"))
        self._shares = self._spread([1 - alpha for alpha in self._each("alpha")])
        self._eps = self._spread(self._each("eps"))
        self._momenta = self._spread(self._each("momentum"))

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """v ← α v + (1 − α) g²; θ ← θ − η g / (√v + ε)."""
        self.num_steps += 1
        gradient = self._decayed(parameters, gradient)
        squares = self.state["square_avg"].mul_(self._alphas).addcmul_(gradient * self._shares, gradient)
        mean = self.state.get("grad_avg")
        if mean is None:
            scale = squares.sqrt()
        else:
            mean.lerp_(gradient, self._shares)
            scale = squares.addcmul(mean, mean, value=-1).sqrt_()
        scale.add_(self._eps)
        buffer = self.state.get("momentum_buffer")
        if buffer is None:
            parameters.add_(gradient.mul_(self._minus_rates).div_(scale))
        else:
            parameters.addcmul_(buffer.mul_(self._momenta).addcdiv_(gradient, scale), self._minus_rates)


class AdamRule(Rule):
    """`torch.optim.Adam`, and AMSGrad."""

    is_decoupled = False
    """AdamW: the decay does not go through the moments."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        names = ["exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if self._values[0]["amsgrad"] else [])]
        return {name: self._zeros() for name in names}

    def _prepare(self) -> None:
        self._prepare_decay()
        self._shares1 = self._spread([1 - beta for beta in self._each("beta1")])
        self._betas2 = self._spread(self._each("beta2"))
        self._shares2 = self._spread([1 - beta for beta in self._each("beta2")])
        self._eps = self._spread(self._each("eps"))

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; θ ← θ − η m̂ / (√v̂ + ε)."""
        self.num_steps += 1
        if not self.is_decoupled:
            gradient = self._decayed(parameters, gradient)
        elif self._decays is not None:
            pairs = zip(self._rates, self._each("weight_decay"), strict=True)
            parameters.mul_(self._spread([1 - rate * decay for rate, decay in pairs]))
        mean = self.state["exp_avg"].lerp_(gradient, self._shares1)
        squares = self.state["exp_avg_sq"].mul_(self._betas2).addcmul_(gradient * self._shares2, gradient)
        if "max_exp_avg_sq" in self.state:
            squares = torch.maximum(self.state["max_exp_avg_sq"], squares, out=self.state["max_exp_avg_sq"])
        t = float(self.num_steps)
        roots = self._spread([(1 - beta**t) ** 0.5 for beta in self._each("beta2")])
        pairs = zip(self._rates, self._each("beta1"), strict=True)
        sizes = self._spread([-(rate / (1 - beta**t)) for rate, beta in pairs])
        parameters.add_((mean * sizes).div_((squares.sqrt() / roots).add_(self._eps)))


class AdamWRule(AdamRule):
    """`torch.optim.AdamW`."""

    is_decoupled = True


RULES: dict[str, type[Rule]] = {
    "sgd-by-hand": ByHandRule,
    "sgd": SGDRule,
    "momentum-ema": MomentumEMARule,
    "adagrad": AdagradRule,
    "rmsprop": RMSPropRule,
    "adam": AdamRule,
    "adamw": AdamWRule,
}
"""By optimizer; a test keeps them and `spec.stacking` equal."""
