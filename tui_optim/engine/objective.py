"""The training loss F as a function of the parameters θ, on any examples; counts what it computes.

F(θ) = mean over examples of the scenario's loss + the scenario's penalty + λ/2 ‖θ‖² for the methods written here (torch's own
optimizers add their weight decay themselves). Methods that reason about whole vectors use `point` and flat gradients of shape
[d]; plain gradient steps use `backward`, which leaves p.grad as torch does.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.utils import parameters_to_vector

from tui_optim.engine import curvature
from tui_optim.engine.batches import Batch
from tui_optim.engine.counters import Counters
from tui_optim.engine.curvature import Product, flat
from tui_optim.engine.hand_written import Differentiated
from tui_optim.engine.losses import Criterion
from tui_optim.engine.penalties import Penalty
from tui_optim.engine.pieces import is_one_pass, pieces


class Seen(NamedTuple):
    """What a step saw of its batch before it moved; all detached."""

    loss: torch.Tensor
    """Mean loss without penalties, shape []."""
    outputs: torch.Tensor
    """Class scores, shape [n, classes], or residuals."""
    labels: torch.Tensor
    """Shape [n]."""


class Objective:
    """F, its gradients and its curvature products; every call adds its cost to `counters`."""

    def __init__(
        self,
        model: nn.Module,
        whole: Batch,
        *,
        counters: Counters,
        criterion: Criterion = nn.functional.cross_entropy,
        penalty: Penalty | None = None,
        l2: float = 0.0,
        num_epochs: float = math.inf,
    ) -> None:
        """`whole` is the training set; `l2` is λ; `num_epochs` the length of the run in epochs' worth of work."""
        self.model, self.whole, self.counters = model, whole, counters
        self.parameters = list(model.parameters())
        self._buffers = list(model.buffers())
        self.l2 = l2
        self.is_only_looking = False
        """Whether the user has asked for a look that training must not feel."""
        self._num_epochs = num_epochs
        self.criterion = criterion
        """The mean loss of a batch, without any penalty."""
        self._penalty = penalty

    @property
    def num_examples(self) -> int:
        """Size n of the training set."""
        return len(self.whole.labels)

    @property
    def progress(self) -> float:
        """Share of the run's work that is done; 0 in a run without an end."""
        return self.counters.gradient_evaluations / self.num_examples / self._num_epochs

    @contextmanager
    def only_looking(self) -> Iterator[None]:
        """Inside the block nothing is counted, and nothing that was found is kept for later."""
        counters, self.counters, self.is_only_looking = self.counters, replace(self.counters), True
        try:
            yield
        finally:
            self.counters, self.is_only_looking = counters, False

    @property
    def point(self) -> torch.Tensor:
        """A copy of θ, shape [d]; assign to move there."""
        return parameters_to_vector(self.parameters).detach()

    @point.setter
    def point(self, vector: torch.Tensor) -> None:
        with torch.no_grad():  # into the same memory: views of the vector would be aligned otherwise, and sum otherwise
            for parameter, part in zip(self.parameters, self.parts(vector), strict=True):
                parameter.copy_(part)

    def backward(self, batch: Batch) -> Seen:
        """Set p.grad to the gradient on a batch (without λ θ: a torch optimizer adds its own)."""
        inputs, labels = batch
        size = len(labels)
        self.counters.examples_forward_backward += size
        for parameter in self.parameters:
            parameter.grad = None  # an optimizer's own zero_grad costs 19 µs more: 4 % of a step of the MLP
        if not is_one_pass(size):
            return self._backward_in_pieces(batch)
        outputs = self.model(inputs)
        loss = self.criterion(outputs, labels)
        self._penalised(loss).backward()
        return Seen(loss.detach(), outputs.detach(), labels)

    def by_hand(
        self, batch: Batch, differentiate: Callable[[torch.Tensor, torch.Tensor], Differentiated]
    ) -> tuple[Seen, tuple[torch.Tensor, ...]]:
        """What was seen of a batch, and the gradient of each parameter, by formulas written out instead of autograd."""
        self.counters.examples_forward_backward += len(batch.labels)
        with torch.no_grad():
            loss, outputs, gradients = differentiate(batch.inputs, batch.labels)
        return Seen(loss, outputs, batch.labels), gradients

    def backward_with_product(self, batch: Batch, vector: torch.Tensor) -> tuple[Seen, torch.Tensor]:
        """As `backward`, and with it ∇²F v on the same batch (without λ v), shape [d]: one graph serves both."""
        size = len(batch.labels)
        self.counters.examples_forward_backward += size
        self.counters.hessian_products += size
        gradient, product, total = torch.zeros_like(vector), torch.zeros_like(vector), vector.new_zeros(())
        outputs: list[torch.Tensor] = []
        for x, y in pieces(batch):
            scores = self.model(x)
            loss = self.criterion(scores, y)
            share = self._penalised(loss) * (len(y) / size)
            slopes = torch.autograd.grad(share, self.parameters, create_graph=True)
            curved = torch.autograd.grad(
                slopes, self.parameters, grad_outputs=self.parts(vector), materialize_grads=True
            )
            gradient += flat(slopes).detach()
            product += flat(curved).detach()
            total += loss.detach() * (len(y) / size)
            outputs.append(scores.detach())
        for parameter, part in zip(self.parameters, self.parts(gradient), strict=True):
            parameter.grad = part
        return Seen(total, torch.cat(outputs), batch.labels), product

    def parts(self, vector: torch.Tensor) -> list[torch.Tensor]:
        """A vector [d] cut into the shapes of the parameters."""
        parts = vector.split([parameter.numel() for parameter in self.parameters])
        return [part.view_as(parameter) for part, parameter in zip(parts, self.parameters, strict=True)]

    def gradient(self, batch: Batch) -> tuple[torch.Tensor, Seen]:
        """∇F on a batch, shape [d]."""
        seen = self.backward(batch)
        return self._flat_gradient(), seen

    def part_gradient(self, part: Batch) -> tuple[torch.Tensor, Seen]:
        """∇F on a part of the examples, for a method that keeps it apart from those of other parts, shape [d].

        On a part of one example this is a per-example gradient, and counted as such; it costs one gradient either way.
        """
        gradient, seen = self.gradient(part)
        if len(part.labels) == 1:
            self.counters.examples_forward_backward -= 1
            self.counters.per_example_gradients += 1
        return gradient, seen

    def gradient_at(self, point: torch.Tensor, batch: Batch) -> torch.Tensor:
        """∇F on a batch at another point; θ stays."""
        with self.moved_to(point):
            return self.gradient(batch)[0]

    def full_gradient(self) -> torch.Tensor:
        """∇F over the whole training set, shape [d]; costs n."""
        return self.gradient(self.whole)[0]

    @torch.no_grad()
    def value(self, batch: Batch) -> float:
        """F on a batch, by a forward pass alone; costs ⅓ of a gradient per example."""
        self.counters.examples_forward += len(batch.labels)
        total = sum(float(self.criterion(self.model(x), y)) * len(y) for x, y in pieces(batch)) / len(batch.labels)
        return total + self._penalties()

    def value_at(self, point: torch.Tensor, batch: Batch) -> float:
        """F on a batch at another point, as a line search asks for; θ stays."""
        self.counters.line_search_evaluations += 1
        with self.moved_to(point):
            return self.value(batch)

    def loss_of(self, seen: Seen) -> float:
        """F on the batch of `seen` at the same θ, without another pass."""
        with torch.no_grad():
            return float(seen.loss) + self._penalties()

    def hessian(self, batch: Batch) -> Product:
        """v ↦ ∇²F v on a batch, while θ stays; a product costs 3 gradients per example (Pearlmutter 1994)."""
        data_term = curvature.hessian(batch, self._penalised_loss, self.parameters)

        def product(vector: torch.Tensor) -> torch.Tensor:
            self.counters.hessian_products += len(batch.labels)
            return data_term(vector) + self.l2 * vector

        return product

    def gauss_newton(self, batch: Batch) -> Product:
        """v ↦ (JᵀHJ + λI) v on a batch, while θ stays, H the loss's Hessian in the outputs; a product costs 2 gradients.

        Schraudolph 2002; positive semi-definite wherever the loss is convex in the outputs. The penalty does not enter.
        """
        data_term = curvature.gauss_newton(batch, self.model, self.criterion, self.parameters)

        def product(vector: torch.Tensor) -> torch.Tensor:
            self.counters.gauss_newton_products += len(batch.labels)
            return data_term(vector) + self.l2 * vector

        return product

    @contextmanager
    def moved_to(self, point: torch.Tensor) -> Iterator[None]:
        """θ is `point` inside the block; what BatchNorm's running statistics see there they forget."""
        here = self.point
        with self.statistics_kept():
            self.point = point
            try:
                yield
            finally:
                self.point = here

    @contextmanager
    def statistics_kept(self) -> Iterator[None]:
        """BatchNorm's running statistics, which belong to the weights of training, are the same after the block as before it."""
        before = [buffer.clone() for buffer in self._buffers]
        try:
            yield
        finally:
            for buffer, kept in zip(self._buffers, before, strict=True):
                buffer.copy_(kept)

    def _penalised_loss(self, batch: Batch) -> torch.Tensor:
        """The criterion with the penalty, without λ, shape []; with its graph."""
        return self._penalised(self.criterion(self.model(batch.inputs), batch.labels))

    def _penalised(self, loss: torch.Tensor) -> torch.Tensor:
        return loss if self._penalty is None else loss + self._penalty()

    def _backward_in_pieces(self, batch: Batch) -> Seen:
        total = self.parameters[0].new_zeros(())
        outputs: list[torch.Tensor] = []
        for x, y in pieces(batch):
            scores = self.model(x)
            share = self.criterion(scores, y) * (len(y) / len(batch.labels))
            share.backward()
            total += share.detach()
            outputs.append(scores.detach())
        if self._penalty is not None:
            self._penalty().backward()
        return Seen(total, torch.cat(outputs), batch.labels)

    def _flat_gradient(self) -> torch.Tensor:
        gradient = flat(torch.zeros_like(p) if p.grad is None else p.grad for p in self.parameters)
        return gradient if self.l2 == 0 else gradient.add_(self.point, alpha=self.l2)

    def _penalties(self) -> float:
        penalty = 0.0 if self._penalty is None else float(self._penalty())
        return penalty if self.l2 == 0 else penalty + self.l2 / 2 * float(self.point.square().sum())
