"""SGD whose batch grows when its gradient is too noisy: the norm test (Byrd, Chin, Nocedal & Wu 2012; Bottou, Curtis &
Nocedal 2018, eqs. 5.11-5.12), with geometric growth as back-up (ibid.).

    g ← mean gradient of n examples, computed in m parts of sizes s_j with mean gradients g_j
    σ² ← Σ_j s_j ‖g_j − g‖² / (m − 1)
    θ ← SGD step with g
    if σ²/n > ϑ² ‖g‖²:                        n ← ⌈σ² / (ϑ² ‖g‖²)⌉
    else if n has not grown for p steps:      n ← ⌈τ n⌉

σ² is the trace of the covariance of one example's gradient. Byrd et al. estimate it from the gradients of single examples,
which cost about twice a plain pass. The mean gradient of s examples varies s times less than that of one, so s_j ‖g_j − g‖²
estimates the same σ², and the parts cost nothing extra: their sum is g. With as many parts as examples the estimate is
that of Byrd et al. Parts do lose the speed of one large pass; therefore not every step is tested.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batch, Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.spec.hyperparameters import Value

_OWN = ("theta", "parts", "test_every", "patience", "growth", "max_batch_size")


def build(model: nn.Module, values: Mapping[str, Value]) -> "NormTest":
    """Build from the hyper-parameters of `spec.optimizers`."""
    sgd: dict[str, Any] = dict(values)
    own = {name: sgd.pop(name) for name in _OWN}
    return NormTest(torch.optim.SGD(model.parameters(), **sgd), **own)


class NormTest(GradientStep):
    """Sets the size of the batch after a step whose gradient failed the test; the run's batch size is the first."""

    def __init__(
        self,
        optimizer: torch.optim.SGD,
        *,
        theta: float,
        parts: int,
        test_every: int,
        patience: int,
        growth: float,
        max_batch_size: int,
    ) -> None:
        """`theta` is ϑ, `parts` m, `patience` p (0: no back-up), `growth` τ; a larger first batch keeps its size."""
        super().__init__(optimizer)
        self._theta, self._parts, self._test_every = theta, parts, test_every
        self._patience, self._growth, self._max_batch_size = patience, growth, max_batch_size
        self._since_test = 0
        self._since_growth = 0

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """One SGD step; afterwards the batch may grow."""
        size = batches.batch_size
        largest = max(size, min(self._max_batch_size, objective.num_examples))
        batch = batches.next()
        self._since_test += 1
        self._since_growth += 1
        wanted = 0.0
        # the short batch that ends a pass is not what is judged: the test waits for the next one
        if self._since_test >= self._test_every and 1 < len(batch.labels) == size < largest:
            self._since_test = 0
            variance, square, seen = self._gradient_in_parts(objective, batch)
            if variance / size > self._theta**2 * square:
                wanted = variance / (self._theta**2 * square) if square > 0 else math.inf
        else:
            seen = objective.backward(batch)
        self._optimizer.step()
        if wanted == 0 and self._patience and self._since_growth >= self._patience:
            wanted = self._growth * size
        if wanted > size:
            batches.batch_size = math.ceil(min(wanted, largest))
            self._since_growth = 0
        return seen

    def state_dict(self) -> dict[str, Any]:
        """State of SGD and the steps since the last test and growth."""
        own = {"since_test": self._since_test, "since_growth": self._since_growth}
        return {"optimizer": super().state_dict(), **own}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        super().load_state_dict(state_dict["optimizer"])
        self._since_test, self._since_growth = state_dict["since_test"], state_dict["since_growth"]

    def _gradient_in_parts(self, objective: Objective, batch: Batch) -> tuple[float, float, Seen]:
        """Leave g in p.grad as `backward` does; returns σ², ‖g + λθ‖² and what was seen."""
        num_examples = len(batch.labels)
        parts = _split(batch, min(self._parts, num_examples))
        gradients, seen = zip(*(objective.part_gradient(part) for part in parts), strict=True)
        each = torch.stack(gradients)
        sizes = torch.tensor([len(part.labels) for part in parts], dtype=each.dtype, device=each.device)
        mean = sizes @ each / num_examples
        lengths = [parameter.numel() for parameter in objective.parameters]
        for parameter, part in zip(objective.parameters, mean.split(lengths), strict=True):
            parameter.grad = part.view_as(parameter)
        # weight decay is SGD's own, yet λθ belongs to ∇F; it has no noise
        decayed = mean.add(objective.point, alpha=self.param_groups[0]["weight_decay"])
        loss = torch.stack([one.loss for one in seen]).to(sizes) @ sizes / num_examples
        outputs = torch.cat([one.outputs for one in seen])
        return example_variance(each, sizes), float(decayed.square().sum()), Seen(loss, outputs, batch.labels)


def example_variance(gradients: torch.Tensor, sizes: torch.Tensor) -> float:
    """σ² from the mean gradients of m parts, shape [m, d], and their numbers of examples, shape [m]; without bias."""
    mean = sizes @ gradients / sizes.sum()
    return float(sizes @ (gradients - mean).square().sum(1)) / (len(sizes) - 1)


def _split(batch: Batch, count: int) -> list[Batch]:
    """Parts of equal size, or of two sizes that differ by one."""
    return [
        Batch(inputs, labels)
        for inputs, labels in zip(batch.inputs.tensor_split(count), batch.labels.tensor_split(count), strict=True)
    ]
