"""Looks into a training between two of its steps, on a model of its own: nothing of the training is touched, or drawn from.

copy the weights; dropout is off, BatchNorm normalises by the batch as in training
on a fixed batch, the same in every X-ray of every run on this data:
    gradients of its parts     → norm of each layer, gradient noise scale, angle to the momentum
    products with the Hessian  → sharpness, by Lanczos from a fixed start
from the weights before and after the step, and the optimizer's state: update ratio of each layer, effective rates
"""

import math
from collections.abc import Callable, Collection, Sequence

import torch
from torch import nn
from torch.nn.modules.dropout import _DropoutNd

from tui_optim.engine.batches import Batch
from tui_optim.engine.counters import Counters
from tui_optim.engine.data import Split
from tui_optim.engine.diagnostics import rounded_norm
from tui_optim.engine.inner_state import effective_rates, momentum_of
from tui_optim.engine.lanczos import largest_eigenvalue
from tui_optim.engine.layers import layers_of
from tui_optim.engine.objective import Objective
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.own_model import model_and_criterion
from tui_optim.engine.penalties import penalty_term
from tui_optim.spec.run import RunSpec
from tui_optim.spec.xray import LayerXRay, XRay

WHOLE_EXAMPLES = 1000
"""A training set of at most so many examples is the fixed batch itself."""
BATCH_EXAMPLES = 128
"""Of a larger one so many, at equal distances."""
NUM_PARTS = 8
"""The batch in so many parts of equal size for the noise scale."""
START_SEED = 0x78726179
QUANTILES = (0.05, 0.5, 0.95)


class Tube:
    """The model, the fixed batch and the start vector of all X-rays of an attempt."""

    def __init__(self, run: RunSpec, data: Split, device: torch.device, *, l2: float) -> None:
        """`data` is the training set, on `device`; `l2` is λ of the methods that have it in the objective."""
        self._run = run
        self._model, criterion = model_and_criterion(run, data, device)
        for module in self._model.modules():
            if isinstance(module, _DropoutNd):
                module.eval()
        self._objective = Objective(
            self._model,
            Batch(data.inputs, data.labels),
            counters=Counters(),
            criterion=criterion,
            penalty=penalty_term(run, self._model),
            l2=l2,
        )
        self.batch, self._parts = _fixed_batch(data, smallest_part=2 if run.scenario_info.has_batchnorm else 1)
        self._layers = layers_of(self._model)
        like = self._objective.point
        generator = torch.Generator().manual_seed(START_SEED)
        self._start = torch.randn(like.numel(), generator=generator).to(like)

    def look(
        self,
        model: nn.Module,
        before: Sequence[torch.Tensor],
        method: Method,
        *,
        step: int,
        train_time_s: float,
        effective_epochs: float,
        has_sharpness: bool,
        clock: Callable[[], float],
    ) -> XRay:
        """What `model` is like after the step that began at the weights `before`; `clock` says what it took."""
        self._take_over(model)
        gradient, noise_scale = self.gradient()
        ratios = _ratios(before, list(model.parameters()), self._layers.values())
        norms = _norms(self._objective.parts(gradient), self._layers.values())
        momentum = momentum_of(method, list(model.parameters()))
        rates = effective_rates(self._run.optimizer, method)
        return XRay(
            step=step,
            lr=float(method.param_groups[0]["lr"]),
            train_time_s=train_time_s,
            effective_epochs=effective_epochs,
            layers=tuple(
                LayerXRay(name=name, grad_norm=norm, update_ratio=ratio)
                for name, norm, ratio in zip(self._layers, norms, ratios, strict=True)
            ),
            effective_rate=None if rates is None else quantiles(rates),
            momentum_angle=None if momentum is None else angle(momentum, gradient),
            noise_scale=noise_scale,
            sharpness=self._sharpness(gradient) if has_sharpness else None,
            seconds=clock(),
        )

    @torch.no_grad()
    def _take_over(self, model: nn.Module) -> None:
        mine = [*self._model.parameters(), *self._model.buffers()]
        theirs = [*model.parameters(), *model.buffers()]
        for own, other in zip(mine, theirs, strict=True):
            own.copy_(other)

    def gradient(self) -> tuple[torch.Tensor, float | None]:
        """∇F on the fixed batch as the mean over its parts, shape [d], and the noise scale, at the weights taken over."""
        total = torch.zeros_like(self._start)
        squares: list[torch.Tensor] = []
        for part in self._parts:
            one, _ = self._objective.gradient(part)
            total += one
            squares.append(_square(one))
        gradient = total / len(self._parts)
        if len(self._parts) < 2:
            return gradient, None
        size = len(self._parts[0].labels)
        small, big = float(torch.stack(squares).mean()), float(_square(gradient))
        return gradient, noise_scale(small=small, big=big, size=size, num_parts=len(self._parts))

    def _sharpness(self, gradient: torch.Tensor) -> float | None:
        if not torch.isfinite(gradient).all():
            return math.nan
        try:
            return rounded_norm(largest_eigenvalue(self._objective.hessian(self.batch), self._start))
        except (RuntimeError, MemoryError):  # a user's loss may have no second derivative, a large model no room for it
            return None


def noise_scale(*, small: float, big: float, size: int, num_parts: int) -> float:
    """B_simple = tr Σ / |G|², in examples; infinite where |G|² cannot be told from noise.

    By the unbiased estimates of both from gradients on two batch sizes (McCandlish et al. 2018, arXiv 1812.06162, eq. 2.9
    and appendix A.1): the mean of `num_parts` squared norms on `size` examples each, `small`, and that of their mean, `big`.
    """
    whole = size * num_parts
    true_square = (whole * big - size * small) / (whole - size)
    trace = (small - big) / (1 / size - 1 / whole)
    if math.isnan(trace + true_square):
        return math.nan
    return rounded_norm(max(trace, 0.0) / true_square) if true_square > 0.0 else math.inf


def angle(one: torch.Tensor, other: torch.Tensor) -> float | None:
    """Degrees between two vectors; None where one of them is 0."""
    one, other = one.double(), other.double()
    lengths = torch.linalg.vector_norm(one) * torch.linalg.vector_norm(other)
    if float(lengths) == 0.0:
        return None
    cosine = float(torch.dot(one, other) / lengths)
    return math.nan if math.isnan(cosine) else rounded_norm(math.degrees(math.acos(max(-1.0, min(1.0, cosine)))))


def _fixed_batch(data: Split, *, smallest_part: int) -> tuple[Batch, list[Batch]]:
    """Examples at equal distances over the training set, and the same in parts of equal size."""
    total = len(data.labels)
    size = total if total <= WHOLE_EXAMPLES else BATCH_EXAMPLES
    num_parts = max(1, min(NUM_PARTS, size // smallest_part))
    size -= size % num_parts
    rows = (torch.arange(size, device=data.labels.device) * total).div(size, rounding_mode="floor")
    batch = Batch(data.inputs.index_select(0, rows), data.labels.index_select(0, rows))
    length = size // num_parts
    parts = zip(batch.inputs.split(length), batch.labels.split(length), strict=True)
    return batch, [Batch(x, y) for x, y in parts]


def _norms(vectors: Sequence[torch.Tensor], layers: Collection[list[int]]) -> list[float]:
    """‖·‖₂ of each layer."""
    norms = torch.stack(torch._foreach_norm(list(vectors))).double().tolist()
    return [rounded_norm(math.hypot(*(norms[number] for number in numbers))) for numbers in layers]


@torch.no_grad()
def _ratios(
    before: Sequence[torch.Tensor], after: Sequence[torch.Tensor], layers: Collection[list[int]]
) -> list[float | None]:
    """‖after − before‖ / ‖before‖ of each layer."""
    moved = _norms(torch._foreach_sub(list(after), list(before)), layers)
    lengths = _norms(before, layers)
    return [rounded_norm(step / length) if length > 0.0 else None for step, length in zip(moved, lengths, strict=True)]


def quantiles(values: torch.Tensor) -> tuple[float, float, float]:
    """5, 50 and 95 %, interpolated between neighbours."""
    ordered = values.double().sort().values
    found: list[float] = []
    for share in QUANTILES:
        place = share * (len(ordered) - 1)
        low = int(place)
        below, above = float(ordered[low]), float(ordered[min(low + 1, len(ordered) - 1)])
        found.append(rounded_norm(below + (place - low) * (above - below)))
    return found[0], found[1], found[2]


def _square(vector: torch.Tensor) -> torch.Tensor:
    norm: torch.Tensor = torch.linalg.vector_norm(vector, dtype=torch.float64)
    return norm.square()
