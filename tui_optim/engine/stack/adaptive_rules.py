"""Rules of stacks that scale each weight by the gradients it has seen: Adagrad, Adadelta, RMSProp, Rprop."""

import torch

from tui_optim.engine.stack.rule import Rule


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


class AdadeltaRule(Rule):
    """`torch.optim.Adadelta`."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        return {"square_avg": self._zeros(), "acc_delta": self._zeros()}

    def _prepare(self) -> None:
        self._prepare_decay()
        self._rhos = self._spread(self._each("rho"))
        self._shares = self._spread([1 - rho for rho in self._each("rho")])
        self._eps = self._spread(self._each("eps"))

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """v ← ρ v + (1 − ρ) g²; Δ = √(u + ε) / √(v + ε) g; u ← ρ u + (1 − ρ) Δ²; θ ← θ − η Δ."""
        self.num_steps += 1
        gradient = self._decayed(parameters, gradient)
        squares = self.state["square_avg"].mul_(self._rhos).addcmul_(gradient * self._shares, gradient)
        moves = self.state["acc_delta"]
        delta = (moves + self._eps).sqrt_().div_((squares + self._eps).sqrt_()).mul_(gradient)
        moves.mul_(self._rhos).addcmul_(delta * self._shares, delta)
        parameters.addcmul_(delta, self._minus_rates)


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


class RpropRule(Rule):
    """`RpropWithDecay`: torch's Rprop after g ← g + λ θ."""

    def _initial_state(self) -> dict[str, torch.Tensor]:
        return {"prev": self._zeros(), "step_size": self._zeros()}

    def _prepare(self) -> None:
        self._prepare_decay()
        self._shrinks, self._grows = self._spread(self._each("eta_minus")), self._spread(self._each("eta_plus"))
        self._least, self._most = self._spread(self._each("min_step")), self._spread(self._each("max_step"))

    def step(self, parameters: torch.Tensor, gradient: torch.Tensor) -> None:
        """Δ ← η⁺ Δ or η⁻ Δ by the signs of g and the last g, which is forgotten where it turned; θ ← θ − Δ sign(g)."""
        self.num_steps += 1
        gradient = self._decayed(parameters, gradient)
        if self.num_steps == 1:
            self.state["step_size"] = -self._minus_rates
        agreement = (gradient * self.state["prev"]).sign_()
        is_turned = agreement < 0
        factors = torch.where(is_turned, self._shrinks, agreement + 1)  # 1 where there is no sign, NaN where it is none
        factors = torch.where(agreement > 0, self._grows, factors)
        sizes = self.state["step_size"].mul_(factors).clamp_(self._least, self._most)
        gradient = gradient.masked_fill_(is_turned, 0)
        parameters.addcmul_(gradient.sign(), sizes, value=-1)
        self.state["prev"].copy_(gradient)
