"""A stack of models in training: its parameters, the rule that moves them, and what each member has come to."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch

from tui_optim.engine.batches import MAX_READ_BATCHES
from tui_optim.engine.counters import Counters
from tui_optim.engine.data import Split
from tui_optim.engine.diagnostics import rounded_norm
from tui_optim.engine.stack.layout import Layout
from tui_optim.engine.stack.member import Row
from tui_optim.engine.stack.models import Models
from tui_optim.engine.stack.orders import Orders
from tui_optim.engine.stack.rule import Rule
from tui_optim.engine.stack.setting import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a bin of steps changes, as it was before it."""

    parameters: torch.Tensor
    rule: Rule
    orders: Orders
    counters: Counters
    num_seen: int
    sums: list[tuple[float, int, float]]
    """Of each member: loss, right answers, seconds."""


@dataclass(slots=True)
class Stack:
    """Members that stand at the same place."""

    setting: Setting
    rows: list[Row]
    parameters: torch.Tensor
    """One vector for all members."""
    layout: Layout
    rule: Rule
    orders: Orders
    counters: Counters = field(default_factory=Counters)
    """Of each member: all have done the same work."""
    num_epochs: int = 0
    num_seen: int = 0
    """Examples since the last evaluation."""
    started_at: float = field(default_factory=time.perf_counter)
    untrained: torch.Tensor | None = None
    """The initial parameters until they have been reported."""
    bin_work: int = 0
    models: Models = field(init=False)

    def __post_init__(self) -> None:
        """Let the models read their parameters from the vector."""
        self.models = Models(self.setting, self.layout, self.parameters)

    @property
    def num_train(self) -> int:
        """Size n of the training set."""
        return len(self.setting.data.train)

    @property
    def num_steps(self) -> int:
        """Steps that each member has taken."""
        return self.counters.optimizer_steps

    @property
    def effective_epochs(self) -> float:
        """Gradient evaluations ÷ n."""
        return self.counters.gradient_evaluations / self.num_train

    @property
    def is_epoch_over(self) -> bool:
        """Whether the work of another epoch is done."""
        return self.counters.gradient_evaluations >= self._epoch_end

    @property
    def is_coarse(self) -> bool:
        """Whether its bins are longer than those of a run alone."""
        return self.bin_work > self.setting.fine_work

    @property
    def _epoch_end(self) -> int:
        return min(self.num_epochs + self.setting.epochs_per_result, self.setting.epochs) * self.num_train

    def select(self, chosen: Sequence[int], *, bin_work: int | None = None) -> "Stack":
        """A copy for these members alone, with bins of its own."""
        indices, layout = list(chosen), self.layout.of(len(chosen))
        untrained = None if self.untrained is None else layout.vector(self.layout.rows(self.untrained)[indices])
        return Stack(
            self.setting,
            rows=[replace(self.rows[index]) for index in indices],
            parameters=layout.vector(self.layout.rows(self.parameters)[indices]),
            layout=layout,
            rule=self.rule.select(indices),
            orders=self.orders.select(indices),
            counters=replace(self.counters),
            num_epochs=self.num_epochs,
            num_seen=self.num_seen,
            started_at=self.started_at,
            untrained=untrained,
            bin_work=bin_work or self.bin_work,
        )

    def mark(self) -> "Mark":
        """Remember where all stand, to go back there for some of them."""
        return Mark(
            parameters=self.parameters.clone(),
            rule=self.rule.copied(),
            orders=self.orders.select(range(len(self.rows))),
            counters=replace(self.counters),
            num_seen=self.num_seen,
            sums=[(row.loss_sum, row.num_correct, row.train_time_s) for row in self.rows],
        )

    def back_at(self, mark: "Mark", chosen: Sequence[int], *, bin_work: int) -> "Stack":
        """A copy of these members as they stood, with bins of its own. Nobody has left since, and no epoch has ended."""
        rows = [
            replace(row, loss_sum=loss_sum, num_correct=num_correct, train_time_s=train_time_s)
            for row, (loss_sum, num_correct, train_time_s) in zip(self.rows, mark.sums, strict=True)
        ]
        whole = replace(
            self,
            rows=rows,
            parameters=mark.parameters,
            rule=mark.rule,
            orders=mark.orders,
            counters=mark.counters,
            num_seen=mark.num_seen,
        )
        return whole.select(chosen, bin_work=bin_work)

    @torch.no_grad()
    def take_bin(self) -> torch.Tensor:
        """Take a bin of steps; returns each member's mean loss at each step, [K, steps], float64."""
        started = time.perf_counter()
        sizes = self._batch_sizes()
        inputs, labels, targets = self._batches(sizes)
        outputs: list[torch.Tensor] = []
        is_constant = all(row.rate.is_constant for row in self.rows)
        last = len(sizes) - 1
        for number, (x, y) in enumerate(zip(inputs.split(sizes, 1), targets.split(sizes, 1), strict=True)):
            if not is_constant:
                self._set_scheduled_rates()
            outputs.append(self.models.differentiate(x, y))
            if number == last:
                self._measure_gradients()
            self.rule.step(self.parameters, self.models.gradient)
            self.counters.examples_forward_backward += x.shape[1]
            self.counters.optimizer_steps += 1
        losses = self._losses(torch.cat(outputs, 1), labels, targets, sizes)
        share_s = (time.perf_counter() - started) / len(self.rows)
        for row in self.rows:
            row.train_time_s += share_s
        return losses

    @torch.no_grad()
    def evaluate(self, split: Split, parameters: torch.Tensor | None = None) -> list[tuple[float, float]]:
        """Mean loss and accuracy of each member; at other parameters than its own where they are given."""
        return self.models.evaluate(split, parameters)

    def rates_after_epoch(self, losses: Sequence[float]) -> None:
        """Let schedules that look at results see those of the epoch."""
        for row, loss in zip(self.rows, losses, strict=True):
            row.rate.after_epoch(loss)
        self.rule.set_rates([row.rate.current for row in self.rows])

    def elapsed_s(self, row: Row) -> float:
        """Seconds of a member's run so far."""
        return row.elapsed_before_s + time.perf_counter() - self.started_at

    def _batch_sizes(self) -> list[int]:
        """Those of the next bin."""
        work, num_train = self.counters.gradient_evaluations, self.num_train
        end = min(work + self.bin_work, self._epoch_end)
        sizes: list[int] = []
        position, size = int(work) % num_train, self.setting.batch_size
        while work < end and len(sizes) < MAX_READ_BATCHES:
            sizes.append(size if self.setting.has_replacement else min(size, num_train - position))
            work += sizes[-1]
            position = (position + sizes[-1]) % num_train
        return sizes

    def _batches(self, sizes: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Inputs [K, n, …], labels [K, n] and what gradients want of these, of all batches of a bin one after the other."""
        train, gather = self.setting.data.train, self.orders.gather
        rows = self.orders.rows(sizes)
        return gather(train.inputs, rows), gather(train.labels, rows), gather(self.setting.targets, rows)

    def _measure_gradients(self) -> None:
        """Take down the norms of the gradients as they are now: the rule may overwrite them."""
        norms: list[float] = torch.linalg.vector_norm(self.layout.rows(self.models.gradient), dim=1).tolist()
        for row, norm in zip(self.rows, norms, strict=True):
            row.gradient_norm = rounded_norm(norm)

    def _losses(
        self, outputs: torch.Tensor, labels: torch.Tensor, targets: torch.Tensor, sizes: list[int]
    ) -> torch.Tensor:
        """Mean losses of the steps of a bin, which also join the running means."""
        losses = self.models.losses(outputs, labels, targets)
        num_full = sum(size == sizes[0] for size in sizes)
        whole, rest = losses.split([num_full * sizes[0], losses.shape[1] - num_full * sizes[0]], 1)
        means = whole.unflatten(1, (num_full, sizes[0])).mean(-1)
        if rest.shape[1]:
            means = torch.cat([means, rest.mean(1, keepdim=True)], 1)
        steps: torch.Tensor = means.double()
        sums = (steps * torch.tensor(sizes, dtype=torch.float64)).sum(1).tolist()
        counts = self.models.num_correct(outputs, labels)
        for row, loss_sum, num_correct in zip(self.rows, sums, counts, strict=True):
            row.loss_sum += loss_sum
            row.num_correct += num_correct
        self.num_seen += sum(sizes)
        return steps

    def _set_scheduled_rates(self) -> None:
        for row in self.rows:
            if not row.rate.is_constant:
                row.rate.set_after(self.counters.gradient_evaluations)
        self.rule.set_rates([row.rate.current for row in self.rows])
