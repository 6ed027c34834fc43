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

from tui_optim.engine.batches import Batch
from tui_optim.engine.counters import Counters
from tui_optim.engine.hand_written import Differentiated
from tui_optim.engine.losses import Criterion
from tui_optim.engine.penalties import Penalty

MAX_PASS_EXAMPLES = 4096
"""A larger batch is passed through the model in pieces whose sums add up: memory stays bounded."""
CPU_PIECE_EXAMPLES = 512
"""Size of these pieces on a CPU. The maps of 4096 images fill so much memory that the allocator returns it to the system after
every pass: an example of LeNet-5 takes 1.6 to 1.8 times as long."""

Product = Callable[[torch.Tensor], torch.Tensor]
"""Maps a vector [d] to a matrix times that vector, [d]."""


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
        self._criterion, self._penalty = criterion, penalty

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
        if size > MAX_PASS_EXAMPLES:
            return self._backward_in_pieces(batch)
        outputs = self.model(inputs)
        loss = self._criterion(outputs, labels)
        total = loss if self._penalty is None else loss + self._penalty()
        total.backward()
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
            loss = self._criterion(scores, y)
            value = (loss if self._penalty is None else loss + self._penalty()) * (len(y) / size)
            slopes = torch.autograd.grad(value, self.parameters, create_graph=True)
            curved = torch.autograd.grad(
                slopes, self.parameters, grad_outputs=self.parts(vector), materialize_grads=True
            )
            gradient += _flat(slopes)
            product += _flat(curved)
            total += loss.detach() * (len(y) / size)
            outputs.append(scores.detach())
        for parameter, part in zip(self.parameters, self.parts(gradient), strict=True):
            parameter.grad = part
        return Seen(total, torch.cat(outputs), batch.labels), product

    def parts(self, vector: torch.Tensor) -> list[torch.Tensor]:
        """A vector [d] cut into the shapes of the parameters."""
        pieces = vector.split([parameter.numel() for parameter in self.parameters])
        return [piece.view_as(parameter) for piece, parameter in zip(pieces, self.parameters, strict=True)]

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
        total = sum(float(self._criterion(self.model(x), y)) * len(y) for x, y in pieces(batch)) / len(batch.labels)
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
        data_term = _mean_over_pieces(batch, self._hessian_of)

        def product(vector: torch.Tensor) -> torch.Tensor:
            self.counters.hessian_products += len(batch.labels)
            return data_term(vector) + self.l2 * vector

        return product

    def gauss_newton(self, batch: Batch) -> Product:
        """v ↦ (JᵀHJ + λI) v on a batch, while θ stays, H the loss's Hessian in the outputs; a product costs 2 gradients.

        Schraudolph 2002; positive semi-definite wherever the loss is convex in the outputs. The penalty does not enter.
        """
        data_term = _mean_over_pieces(batch, self._gauss_newton_of)

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

    def _hessian_of(self, piece: Batch) -> Product:
        inputs, labels = piece
        loss = self._criterion(self.model(inputs), labels)
        loss = loss if self._penalty is None else loss + self._penalty()
        slope = torch.cat([p.reshape(-1) for p in torch.autograd.grad(loss, self.parameters, create_graph=True)])

        def product(vector: torch.Tensor) -> torch.Tensor:
            curved = torch.autograd.grad(
                slope, self.parameters, grad_outputs=vector, retain_graph=True, materialize_grads=True
            )
            return _flat(curved)

        return product

    def _gauss_newton_of(self, piece: Batch) -> Product:
        inputs, labels = piece
        outputs = self.model(inputs)
        dummy = torch.zeros_like(outputs, requires_grad=True)
        back = torch.autograd.grad(outputs, self.parameters, grad_outputs=dummy, create_graph=True)
        pulled_back = torch.cat([p.reshape(-1) for p in back])

        def product(vector: torch.Tensor) -> torch.Tensor:
            # Jᵀu is linear in u: its derivative in u applied to v is J v
            (pushed,) = torch.autograd.grad(pulled_back, dummy, grad_outputs=vector, retain_graph=True)
            curved = self._output_hessian(outputs.detach(), labels, pushed)
            pulled = torch.autograd.grad(outputs, self.parameters, grad_outputs=curved, retain_graph=True)
            return _flat(pulled)

        return product

    def _output_hessian(self, outputs: torch.Tensor, labels: torch.Tensor, vector: torch.Tensor) -> torch.Tensor:
        with torch.enable_grad():
            free = outputs.clone().requires_grad_()
            (slope,) = torch.autograd.grad(self._criterion(free, labels), free, create_graph=True)
            (curved,) = torch.autograd.grad(slope, free, grad_outputs=vector)
        return curved

    def _backward_in_pieces(self, batch: Batch) -> Seen:
        total = self.parameters[0].new_zeros(())
        outputs: list[torch.Tensor] = []
        for x, y in pieces(batch):
            scores = self.model(x)
            share = self._criterion(scores, y) * (len(y) / len(batch.labels))
            share.backward()
            total += share.detach()
            outputs.append(scores.detach())
        if self._penalty is not None:
            self._penalty().backward()
        return Seen(total, torch.cat(outputs), batch.labels)

    def _flat_gradient(self) -> torch.Tensor:
        flat = torch.cat([torch.zeros_like(p).view(-1) if p.grad is None else p.grad.view(-1) for p in self.parameters])
        return flat if self.l2 == 0 else flat.add_(parameters_to_vector(self.parameters).detach(), alpha=self.l2)

    def _penalties(self) -> float:
        penalty = 0.0 if self._penalty is None else float(self._penalty())
        return penalty if self.l2 == 0 else penalty + self.l2 / 2 * float(self.point.square().sum())


def pieces(batch: Batch) -> Iterator[Batch]:
    """The batch itself where one pass takes it, else slices of it."""
    size = MAX_PASS_EXAMPLES
    if len(batch.labels) > size and batch.labels.device.type == "cpu":
        size = min(size, CPU_PIECE_EXAMPLES)
    for x, y in zip(batch.inputs.split(size), batch.labels.split(size), strict=True):
        yield Batch(x, y)


def _mean_over_pieces(batch: Batch, product_on: Callable[[Batch], Product]) -> Product:
    """The product on a batch from those on its pieces.

    One piece keeps its graph from product to product. Those of many would fill the memory: they are made again every time.
    """
    parts = list(pieces(batch))
    if len(parts) > 1:
        return lambda vector: sum(
            (product_on(part)(vector) * (len(part.labels) / len(batch.labels)) for part in parts),
            start=torch.zeros_like(vector),
        )
    kept: list[Product] = []

    def product(vector: torch.Tensor) -> torch.Tensor:
        if not kept:
            kept.append(product_on(batch))
        return kept[0](vector)

    return product


def _flat(parts: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return torch.cat([part.detach().reshape(-1) for part in parts])
