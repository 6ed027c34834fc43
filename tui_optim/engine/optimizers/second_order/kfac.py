"""K-FAC: natural-gradient steps with a Kronecker-factored Fisher matrix (Martens & Grosse 2015; Grosse & Martens 2016).

A layer maps rows ā = (a, 1) to rows s = W̄ ā, W̄ = (W, b); g is the gradient of an example's loss with respect to s. A convolution
does so at every location t of its output, with the patch below t as a (KFC: the sum over t is expanded, Grosse & Martens
2016). The layer's block of the Fisher matrix is taken as A ⊗ G:

every `statistics_every` steps:  A ← ε A + (1 − ε) mean over examples of Σₜ ā āᵀ
                                 G ← ε G + (1 − ε) mean over examples and t of g gᵀ,   ε = min(1 − 1/k, `factor_decay`) at the kth
every `inverse_every` steps:     π² = (tr A / dim A) / (tr G / dim G),   γ² = `damping` + λ
                                 A⁻¹, G⁻¹ ← (A + π γ I)⁻¹, (G + γ/π I)⁻¹
U = G⁻¹ ∇W̄ A⁻¹ for these layers, the gradient itself for all other parameters
U ← U · min(1, √(2 κ / (η² Σ U·∇W̄)))  over these layers: −η U moves the model's distribution by a KL divergence of κ at most
v ← μ v + U;  θ ← θ − η v

With `fisher = sampled` the labels of the statistics are drawn from the model's own distribution (softmax of the outputs), which
makes A ⊗ G an estimate of the true Fisher matrix; it takes a forward and a backward pass of its own over the batch of the step,
counted as one gradient per example. With `fisher = empirical` the gradient's own pass serves, with the data's labels, at no
count. Products and inverses of factors are work per layer, not per example, and enter the time but no count.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from itertools import accumulate
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batch, Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.engine.pieces import pieces
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "KFAC":
    """Build from the hyper-parameters of `spec.optimizers`."""
    numbers: dict[str, Any] = dict(values)
    return KFAC(
        model,
        lr=numbers["lr"],
        l2=numbers["weight_decay"],
        momentum=numbers["momentum"],
        damping=numbers["damping"],
        kl_clip=numbers["kl_clip"],
        is_sampled=numbers["fisher"] == "sampled",
        factor_decay=numbers["factor_decay"],
        statistics_every=numbers["statistics_every"],
        inverse_every=numbers["inverse_every"],
    )


class KFAC(VectorMethod):
    """Gradient steps preconditioned layer by layer with the inverse of A ⊗ G."""

    remembered = ("num_steps", "velocity")

    def __init__(
        self,
        model: nn.Module,
        *,
        lr: float,
        l2: float,
        momentum: float,
        damping: float,
        kl_clip: float,
        is_sampled: bool,
        factor_decay: float,
        statistics_every: int,
        inverse_every: int,
    ) -> None:
        """The layers of `model` are listened to while statistics are taken, and at no other time."""
        super().__init__(lr=lr, l2=l2)
        self._momentum, self._damping, self._kl_clip = momentum, damping, kl_clip
        self._is_sampled, self._factor_decay = is_sampled, factor_decay
        self._statistics_every, self._inverse_every = statistics_every, inverse_every
        self.blocks = list(_blocks(model))
        self.num_steps = 0
        self.velocity: torch.Tensor | None = None

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """One preconditioned step on the next mini-batch."""
        batch = batches.next()
        is_due = self.num_steps % self._statistics_every == 0
        if is_due and self._is_sampled:
            self._pass_with_sampled_labels(objective, batch, batches.generator)
        with self._listening(len(batch.labels)) if is_due and not self._is_sampled else nullcontext():
            gradient, seen = objective.gradient(batch)
        if self.num_steps % self._inverse_every == 0:
            for block in self.blocks:
                block.invert(self._damping + self.l2)
        direction = self._natural(gradient)
        self.velocity = direction if self.velocity is None else self._momentum * self.velocity + direction
        objective.point = objective.point - self.lr * self.velocity
        self.num_steps += 1
        return seen

    def state_dict(self) -> dict[str, Any]:
        """The rate, the velocity, and the factors with their inverses."""
        return {**super().state_dict(), "blocks": [block.state_dict() for block in self.blocks]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        super().load_state_dict(state_dict)
        for block, state in zip(self.blocks, state_dict["blocks"], strict=True):
            block.load_state_dict(state)

    def _natural(self, gradient: torch.Tensor) -> torch.Tensor:
        """U, shape [d]."""
        slopes = [block.matrix_of(gradient) for block in self.blocks]
        naturals = [block.natural(slope) for block, slope in zip(self.blocks, slopes, strict=True)]
        scale = self._clipping(slopes, naturals)
        direction = gradient.clone()
        for block, natural in zip(self.blocks, naturals, strict=True):
            block.write(scale * natural, direction)
        return direction

    def _clipping(self, slopes: list[torch.Tensor], naturals: list[torch.Tensor]) -> torch.Tensor | float:
        """The factor on U: ½ η² Uᵀ (A ⊗ G) U ≈ ½ η² U·∇ is the divergence (Ba, Grosse & Martens 2017)."""
        if self._kl_clip == 0 or not naturals:
            return 1.0
        inner = torch.stack([(u * slope).sum() for u, slope in zip(naturals, slopes, strict=True)]).sum()
        return (2 * self._kl_clip / (self.lr**2 * inner)).sqrt().clamp(max=1.0)

    def _pass_with_sampled_labels(self, objective: Objective, batch: Batch, generator: torch.Generator) -> None:
        """Statistics on labels drawn from softmax: forward, and backward as far as the layers' outputs; p.grad stays."""
        size = len(batch.labels)
        objective.counters.examples_forward_backward += size
        with self._listening(size) as outputs:
            for piece in pieces(batch):
                scores = objective.model(piece.inputs)
                labels = _draw_labels(scores.detach().softmax(1), generator)
                loss = nn.functional.cross_entropy(scores, labels, reduction="sum") / size
                torch.autograd.grad(loss, outputs)
                outputs.clear()

    @contextmanager
    def _listening(self, size: int) -> Iterator[list[torch.Tensor]]:
        """Passes inside the block, together over `size` examples, add to the statistics; the factors take them in at its end.

        Yields the layers' outputs, which gather there. Outside of the block the layers have no hooks.
        """
        outputs: list[torch.Tensor] = []

        def listen(block: "Block", arguments: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
            block.add_inputs(arguments[0].detach(), size)
            output.register_hook(lambda gradient: block.add_gradients(gradient, size))
            outputs.append(output)

        hooks = [
            block.layer.register_forward_hook(
                lambda _, arguments, output, block=block: listen(block, arguments, output)
            )
            for block in self.blocks
        ]
        try:
            yield outputs
        finally:
            for hook in hooks:
                hook.remove()
        decay = min(1 - 1 / (self.num_steps // self._statistics_every + 1), self._factor_decay)
        for block in self.blocks:
            block.take_in(decay)


class Block:
    """A layer with its factors A [columns, columns] and G [rows, rows], W̄ being [rows, columns]."""

    def __init__(self, layer: nn.Linear | nn.Conv2d, starts: Mapping[torch.Tensor, int]) -> None:
        """`starts` says where a parameter begins in a flat vector [d]."""
        weight, bias = layer.weight, layer.bias
        self.layer = layer
        self._rows = len(weight)
        self._weight = slice(starts[weight], starts[weight] + weight.numel())
        self._bias = None if bias is None else slice(starts[bias], starts[bias] + len(bias))
        self._num_inputs = weight[0].numel()
        columns = self._num_inputs + (bias is not None)
        self.a, self.g = weight.new_zeros(columns, columns), weight.new_zeros(self._rows, self._rows)
        self.a_inverse, self.g_inverse = torch.eye(columns).to(weight), torch.eye(self._rows).to(weight)
        self._new_a, self._new_g = torch.zeros_like(self.a), torch.zeros_like(self.g)

    def add_inputs(self, inputs: torch.Tensor, size: int) -> None:
        """Add these examples' share of the mean over `size` examples of Σₜ ā āᵀ."""
        patches = _patches(self.layer, inputs) if isinstance(self.layer, nn.Conv2d) else inputs.movedim(-1, 0)
        # where there is a bias the last row stays 1
        columns = patches.new_ones(len(self.a), patches.numel() // self._num_inputs)
        columns[: self._num_inputs].view(patches.shape).copy_(patches)
        self._new_a.addmm_(columns, columns.T, alpha=1 / size)

    def add_gradients(self, gradients: torch.Tensor, size: int) -> None:
        """Add these examples' share of the mean over `size` examples and all t of g gᵀ, g being `size` times a gradient here."""
        locations = gradients[0].numel() // self._rows
        columns = gradients.movedim(1 if isinstance(self.layer, nn.Conv2d) else -1, 0).flatten(1)
        self._new_g.addmm_(columns, columns.T, alpha=size / locations)

    def take_in(self, decay: float) -> None:
        """Move the factors towards what was added since the last call."""
        for factor, new in ((self.a, self._new_a), (self.g, self._new_g)):
            factor.lerp_(new, 1 - decay)
            new.zero_()

    def invert(self, damping: float) -> None:
        """Damp and invert both factors (Martens & Grosse 2015, section 6.3, π by the traces)."""
        tiny = torch.finfo(self.a.dtype).tiny
        mean_a, mean_g = (factor.diagonal().mean().clamp_min(tiny) for factor in (self.a, self.g))
        pi, gamma = (mean_a / mean_g).sqrt(), damping**0.5
        self.a_inverse = _inverse(self.a, pi * gamma, instead=self.a_inverse)
        self.g_inverse = _inverse(self.g, gamma / pi, instead=self.g_inverse)

    def natural(self, slope: torch.Tensor) -> torch.Tensor:
        """G⁻¹ ∇W̄ A⁻¹."""
        return self.g_inverse @ slope @ self.a_inverse

    def matrix_of(self, flat: torch.Tensor) -> torch.Tensor:
        """This layer's part of a vector [d] as W̄ is laid out."""
        weight = flat[self._weight].view(self._rows, -1)
        return weight if self._bias is None else torch.cat([weight, flat[self._bias, None]], 1)

    def write(self, matrix: torch.Tensor, flat: torch.Tensor) -> None:
        """Inverse of `matrix_of`, into `flat`."""
        if self._bias is not None:
            flat[self._bias] = matrix[:, -1]
            matrix = matrix[:, :-1]
        flat[self._weight].view(self._rows, -1).copy_(matrix)

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Factors and inverses."""
        return {name: getattr(self, name) for name in _REMEMBERED}

    def load_state_dict(self, state: Mapping[str, torch.Tensor]) -> None:
        """Inverse of `state_dict`."""
        for name in _REMEMBERED:
            getattr(self, name).copy_(state[name])


_REMEMBERED = ("a", "g", "a_inverse", "g_inverse")


def _blocks(model: nn.Module) -> Iterator[Block]:
    """One for each Linear and each plain Conv2d."""
    sizes = [parameter.numel() for parameter in model.parameters()]
    starts: dict[torch.Tensor, int] = dict(zip(model.parameters(), accumulate(sizes, initial=0), strict=False))
    for layer in model.modules():
        if isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and _is_plain(layer)):
            yield Block(layer, starts)


def _patches(layer: nn.Conv2d, inputs: torch.Tensor) -> torch.Tensor:
    """The patches below the outputs, shape [channels, height, width of a patch, n, height, width of the output]; a view.

    `unfold` of `nn.functional` would copy them in an order that the product has to copy once more.
    """
    assert not isinstance(layer.padding, str)
    across, along = layer.padding[1], layer.padding[0]
    windows = nn.functional.pad(inputs, (across, across, along, along))
    for axis, size, dilation, stride in zip((2, 3), layer.kernel_size, layer.dilation, layer.stride, strict=True):
        windows = windows.unfold(axis, dilation * (size - 1) + 1, stride)[..., ::dilation]
    return windows.permute(1, 4, 5, 0, 2, 3)


def _is_plain(layer: nn.Conv2d) -> bool:
    """Whether `_patches` gives what its weights multiply."""
    return layer.groups == 1 and layer.padding_mode == "zeros" and not isinstance(layer.padding, str)


def _draw_labels(probabilities: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """One label per row of `probabilities` [n, classes]; every device draws the same ones."""
    levels = torch.rand(len(probabilities), 1, generator=generator).to(probabilities)
    labels = torch.searchsorted(probabilities.cumsum(1), levels)[:, 0]
    return labels.clamp_(max=probabilities.shape[1] - 1)  # the last sum may be a little below 1


def _inverse(factor: torch.Tensor, damping: torch.Tensor, *, instead: torch.Tensor) -> torch.Tensor:
    """(factor + damping I)⁻¹; `instead` where rounding has left it not positive definite, or it is not finite.

    Laid out by rows as a loaded one is: products round by layout.
    """
    damped = factor + torch.diag(damping.expand(len(factor)))
    lower, failure = torch.linalg.cholesky_ex(damped)
    return torch.cholesky_inverse(lower).contiguous() if int(failure) == 0 else instead
