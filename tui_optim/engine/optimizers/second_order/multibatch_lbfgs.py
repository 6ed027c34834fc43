"""L-BFGS whose consecutive batches overlap (Berahas, Nocedal & Takáč 2016).

    S_k is O_{k−1}, the examples kept from the last batch, and fresh ones, the last of which are O_k
    g_k ← ∇F on S_k;  y ← ∇F on O_{k−1} at θ_k minus the same at θ_{k−1};  s ← θ_k − θ_{k−1}
    θ_{k+1} ← θ_k − η H g_k, H from the last `memory` pairs (the identity before there is one)

Both gradients of a y are on the same examples, so their difference is curvature and not noise. They are parts of the
gradients of two steps: a pair costs nothing more.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batch, Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.engine.optimizers.second_order.two_loop import Pair, inverse_hessian_times, with_pair
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "MultiBatchLBFGS":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return MultiBatchLBFGS(
        lr=numbers["lr"],
        l2=numbers["weight_decay"],
        overlap=numbers["overlap"],
        memory=numbers["memory"],
        min_curvature=numbers["min_curvature"],
    )


class MultiBatchLBFGS(VectorMethod):
    """Limited-memory quasi-Newton steps with gradient differences on the overlap of two batches."""

    remembered = ("pairs", "batch_size", "kept_inputs", "kept_labels", "kept_gradient", "last_point")

    def __init__(self, *, lr: float, l2: float, overlap: float, memory: int, min_curvature: float) -> None:
        """`overlap` is |O_k| ÷ |S_k|, at most ½; the rest as in `spec.optimizers`."""
        super().__init__(lr=lr, l2=l2)
        self._overlap, self._memory, self._min_curvature = overlap, memory, min_curvature
        self.pairs: list[Pair] = []
        self.batch_size: int | None = None
        """|S_k|: the run's batch size."""
        self.kept_inputs: torch.Tensor | None = None
        self.kept_labels: torch.Tensor | None = None
        self.kept_gradient: torch.Tensor | None = None
        """∇F on the kept examples at `last_point`."""
        self.last_point: torch.Tensor | None = None

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """One quasi-Newton step on kept and fresh examples together."""
        here = objective.point
        parts = self._parts(batches)
        gradients, views = zip(*(objective.gradient(part) for part in parts), strict=True)
        if self.last_point is not None:
            self.pairs = with_pair(
                self.pairs,
                here - self.last_point,
                gradients[0] - self.kept_gradient,
                memory=self._memory,
                min_curvature=self._min_curvature,
            )
        self.kept_inputs, self.kept_labels = parts[-1].inputs.clone(), parts[-1].labels.clone()
        self.kept_gradient, self.last_point = gradients[-1], here
        sizes = [len(part.labels) for part in parts]
        objective.point = here - self.lr * inverse_hessian_times(_mean(gradients, sizes), self.pairs)
        return Seen(
            _mean(tuple(seen.loss for seen in views), sizes),
            torch.cat([seen.outputs for seen in views]),
            torch.cat([seen.labels for seen in views]),
        )

    def _parts(self, batches: Batches) -> list[Batch]:
        """O_{k−1} (none in the first step), the examples that only this step sees (if any), and O_k."""
        if self.batch_size is None:
            self.batch_size = batches.batch_size
        num_kept = max(1, round(self._overlap * self.batch_size))
        kept: list[Batch] = []
        if self.kept_inputs is not None and self.kept_labels is not None:
            # a resumed run has the labels, whole numbers, still on the CPU
            kept = [Batch(self.kept_inputs, self.kept_labels.to(self.kept_inputs.device))]
            batches.batch_size = max(num_kept, self.batch_size - num_kept)
        fresh = batches.next()
        num_own = max(0, len(fresh.labels) - num_kept)
        own = [Batch(fresh.inputs[:num_own], fresh.labels[:num_own])] if num_own else []
        return [*kept, *own, Batch(fresh.inputs[num_own:], fresh.labels[num_own:])]


def _mean(values: tuple[torch.Tensor, ...], sizes: list[int]) -> torch.Tensor:
    """Mean over all examples from the means over parts of these sizes."""
    stacked = torch.stack(values, dim=-1)
    return stacked @ stacked.new_tensor(sizes) / sum(sizes)
