"""Rules of stacks of the Adam family: Adam and AMSGrad, AdamW, Adamax, NAdam, RAdam."""

import torch

from tui_optim.engine.stack.rule import Rule


class _Means(Rule):
    """What the numbers of Adam's family are spread to."""

    def _prepare(self) -> None:
        self._prepare_decay()
        self._shares1 = self._spread([1 - beta for beta in self._each("beta1")])
        self._betas2 = self._spread(self._each("beta2"))
        self._eps = self._spread(self._each("eps"))


class _TwoMeans(_Means):
    """Adam's running means of gradients and of their squares, as all of its family but Adamax keep them."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        return {"exp_avg": self._zeros(), "exp_avg_sq": self._zeros()}

    def _prepare(self) -> None:
        super()._prepare()
        self._shares2 = self._spread([1 - beta for beta in self._each("beta2")])

    def _means(self, gradient: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g², both in place."""
        mean = self.state["exp_avg"].lerp_(gradient, self._shares1)
        squares = self.state["exp_avg_sq"].mul_(self._betas2).addcmul_(gradient * self._shares2, gradient)
        return mean, squares


class AdamRule(_TwoMeans):
    """`torch.optim.Adam`, and AMSGrad."""

    is_decoupled = False
    """AdamW: the decay does not go through the moments."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        largest = {"max_exp_avg_sq": self._zeros()} if self._values[0]["amsgrad"] else {}
        return super()._initial_state() | largest

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; θ ← θ − η m̂ / (√v̂ + ε)."""
        self.num_steps += 1
        if not self.is_decoupled:
            gradient = self._decayed(parameters, gradient)
        elif self._decays is not None:
            pairs = zip(self._rates, self._each("weight_decay"), strict=True)
            parameters.mul_(self._spread([1 - rate * decay for rate, decay in pairs]))
        mean, squares = self._means(gradient)
        if "max_exp_avg_sq" in self.state:
            squares = torch.maximum(self.state["max_exp_avg_sq"], squares, out=self.state["max_exp_avg_sq"])
        t = float(self.num_steps)
        roots = self._spread([(1 - beta**t) ** 0.5 for beta in self._each("beta2")])
        sizes = self._corrected_minus_rates()
        parameters.add_((mean * sizes).div_((squares.sqrt() / roots).add_(self._eps)))


class AdamWRule(AdamRule):
    """`torch.optim.AdamW`."""

    is_decoupled = True


class AdamaxRule(_Means):
    """`torch.optim.Adamax`."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        return {"exp_avg": self._zeros(), "exp_inf": self._zeros()}

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """m ← β₁ m + (1 − β₁) g; u ← max(β₂ u, |g| + ε); θ ← θ − η m̂ / u."""
        self.num_steps += 1
        gradient = self._decayed(parameters, gradient)
        mean = self.state["exp_avg"].lerp_(gradient, self._shares1)
        largest = self.state["exp_inf"].mul_(self._betas2)
        torch.maximum(largest, gradient.abs().add_(self._eps), out=largest)
        parameters.add_((mean * self._corrected_minus_rates()).div_(largest))


class NAdamRule(_TwoMeans):
    """`torch.optim.NAdam`."""

    def _initial_numbers(self) -> dict[str, torch.Tensor]:
        return {"mu_product": torch.ones(len(self._values))}

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """Adam's means; m̂ = μₜ₊₁ m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ) g / (1 − μ₁⋯μₜ)."""
        self.num_steps += 1
        t = float(self.num_steps)
        gradient = self._decayed(parameters, gradient)
        mus, next_mus = self._mus(t), self._mus(t + 1)
        products: list[float] = self.numbers["mu_product"].mul_(torch.tensor(mus)).tolist()
        mean, squares = self._means(gradient)
        scale = (squares / self._spread([1 - beta**t for beta in self._each("beta2")])).sqrt_().add_(self._eps)
        rows = zip(self._rates, mus, next_mus, products, strict=True)
        of_gradient, of_mean = [], []
        for rate, mu, next_mu, product in rows:
            of_gradient.append(-rate * (1.0 - mu) / (1.0 - product))
            of_mean.append((-rate * next_mu) / (1.0 - product * next_mu))
        parameters.add_(gradient.mul_(self._spread(of_gradient)).div_(scale))
        parameters.add_((mean * self._spread(of_mean)).div_(scale))

    def _mus(self, t: float) -> list[float]:
        """μₜ of each member."""
        pairs = zip(self._each("beta1"), self._each("momentum_decay"), strict=True)
        return [beta * (1.0 - 0.5 * (0.96 ** (t * decay))) for beta, decay in pairs]


class RAdamRule(_TwoMeans):
    """`torch.optim.RAdam`."""

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """Adam's means; θ ← θ − η rₜ m̂ / (√v̂ + ε) for members that have seen enough gradients, else θ ← θ − η m̂."""
        self.num_steps += 1
        t = float(self.num_steps)
        gradient = self._decayed(parameters, gradient)
        mean, squares = self._means(gradient)
        moves = mean / self._spread([1 - beta**t for beta in self._each("beta1")])
        moves.mul_(self._spread(self._rates))
        rectified = [_rectification(beta, t) for beta in self._each("beta2")]
        if any(factor is not None for factor in rectified):
            roots = self._spread([(1 - beta**t) ** 0.5 for beta in self._each("beta2")])
            factors = self._spread([1.0 if factor is None else factor for factor in rectified])
            scaled = moves * (squares.sqrt().add_(self._eps)).reciprocal_().mul_(roots) * factors
            is_rectified = self._spread([factor is not None for factor in rectified]) != 0
            moves = torch.where(is_rectified, scaled, moves)
        parameters.sub_(moves)


def _rectification(beta2: float, t: float) -> float | None:
    """rₜ; None where too few gradients have been seen."""
    most = 2 / (1 - beta2) - 1
    length = most - 2 * t * (beta2**t) / (1 - beta2**t)
    if not length > 5.0:
        return None
    ratio: float = ((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)) ** 0.5
    return ratio
