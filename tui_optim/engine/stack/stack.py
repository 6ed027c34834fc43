"""A stack of models in training: its parameters, the rule that moves them, and what each member has come to."""

import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Any, Protocol

import torch
from torch.nn.utils import parameters_to_vector

from tui_optim.engine.batches import MAX_READ_BATCHES, read_size
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.commands import Leave
from tui_optim.engine.control import Control, Emit
from tui_optim.engine.counters import Counters
from tui_optim.engine.data import PRECISIONS, Split, Splits
from tui_optim.engine.diagnostics import rounded_norm
from tui_optim.engine.draws import open_loader
from tui_optim.engine.film import Camera
from tui_optim.engine.hand_written import Stackable
from tui_optim.engine.learning_rate import LearningRate
from tui_optim.engine.losses import EXAMPLE_LOSSES, Criterion, two_class_losses
from tui_optim.engine.memory import MemoryMeter
from tui_optim.engine.models import MODELS
from tui_optim.engine.optimizers import build_method
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.stack.layout import Layout
from tui_optim.engine.stack.orders import Orders, Stream
from tui_optim.engine.stack.rule import Rule
from tui_optim.engine.stack.rules import RULES
from tui_optim.engine.training import MAX_MEASURED
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import Scenario
from tui_optim.spec.schedules import RunLength

MAX_REPORTS = 200
"""Reports of a run over its length, where it has fewer epochs than that; else it has one in each epoch."""


class MemberControl(Control, Protocol):
    """How the stack hears and keeps for one member."""

    def poll(self) -> Leave | None:
        """Whether somebody wants this member to end, or to leave the stack, now."""

    def keep_best(self, checkpoint: bytes) -> None:
        """Keep the state of the lowest validation loss so far, which is older than what `keep` gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A run of a stack, and whom it speaks with."""

    run: RunSpec
    emit: Emit
    control: MemberControl
    checkpoint: bytes | None = None
    """What `control.keep` received from an earlier attempt, in a stack or alone."""

    @staticmethod
    def standing(checkpoint: bytes | None) -> tuple[Any, ...]:
        """The place that a checkpoint is of: only members that stand at the same place go on together. Raises DataError."""
        if checkpoint is None:
            return ()
        state = from_bytes(checkpoint)
        return (*state["counters"], state["num_epochs"], state["batches"]["position"], state["means"][1])


@dataclass(slots=True)
class Row:
    """What belongs to one member alone."""

    member: Member
    method: Method
    """Its optimizer, as if alone: it holds the rate, and gives the state the form that a run alone reads."""
    rate: LearningRate
    camera: Camera | None = None
    """Where its scenario has a film."""
    loss_sum: float = 0.0
    num_correct: int = 0
    """Sums over the mini-batches since the last evaluation."""
    train_time_s: float = 0.0
    """Its share of the seconds in steps."""
    elapsed_before_s: float = 0.0
    gradient_norm: float | None = None
    """Of the last gradient of the latest bin; None before the first."""
    best: EpochResult | None = None
    best_kept: "tuple[Stack, int] | None" = None
    """The stack at the best epoch, with the row there; None once that has been kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all members share."""

    scenario: Scenario
    data: Splits
    device: torch.device
    model: Stackable
    """For its formulas; its own parameters are nobody's."""
    targets: torch.Tensor
    """What gradients want of the training labels, [n, …]."""
    criterion: Criterion
    """Losses of examples, as autograd takes them."""
    evaluated: Criterion
    """The same, as evaluations take them."""
    is_by_hand: bool
    has_replacement: bool
    batch_size: int
    steps_per_epoch: int
    epochs: int
    epochs_per_result: int
    fine_work: int
    """Gradient evaluations in a bin of a run alone."""
    bin_work: int
    """The same for the stack."""
    memory: MemoryMeter
    """Of all members together."""

    @classmethod
    def of(cls, run: RunSpec, data: Splits, device: torch.device, model: Stackable) -> "Setting":
        """That of a run and all like it."""
        scenario, num_train = run.scenario_info, len(data.train)
        batch_size, is_by_hand = run.examples_per_step(num_train), run.optimizer == "sgd-by-hand"
        fine_work = read_size(num_train, batch_size) * batch_size
        if scenario.quadratic:
            fine_work = max(batch_size, -(-run.epochs * num_train // MAX_MEASURED))
        coarse_work = -(-num_train // max(1, MAX_REPORTS // run.epochs))
        return cls(
            scenario=scenario,
            data=data,
            device=device,
            model=model,
            targets=model.targets(data.train.labels[None])[0] if is_by_hand else data.train.labels,
            criterion=EXAMPLE_LOSSES[scenario.loss],
            evaluated=two_class_losses if data.num_classes == 2 else EXAMPLE_LOSSES[scenario.loss],
            is_by_hand=is_by_hand,
            has_replacement=bool(run.hyperparameters.get("replacement")),
            batch_size=batch_size,
            steps_per_epoch=-(-num_train // batch_size),
            epochs=run.epochs,
            epochs_per_result=-(-run.epochs // MAX_MEASURED) if scenario.quadratic else 1,
            fine_work=fine_work,
            bin_work=fine_work if scenario.quadratic else max(fine_work, coarse_work),
            memory=MemoryMeter(device),
        )


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
    _gradient: torch.Tensor = field(init=False)
    _parts: list[torch.Tensor] = field(init=False)
    _gradient_parts: list[torch.Tensor] = field(init=False)
    _leaves: list[torch.Tensor] = field(init=False)
    _differentiate: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = field(init=False)
    """Sets the gradient to that of each member's mean loss on its batch; returns the outputs."""

    def __post_init__(self) -> None:
        """Views of parameters and gradients in the model's shapes, each [K, …]."""
        self._gradient = torch.zeros_like(self.parameters)
        blocks = self.layout.blocks
        self._parts, self._gradient_parts = blocks(self.parameters), blocks(self._gradient)
        by_hand = self.setting.model.differentiator(self._parts, self._gradient_parts)
        self._differentiate = by_hand if self.setting.is_by_hand else self._by_autograd
        self._leaves = [part.detach().requires_grad_() for part in self._parts]

    @classmethod
    def begin(cls, members: Sequence[Member], data: Splits, device: torch.device) -> "Stack":
        """Draw what each seed's run alone draws, or take up where the checkpoints are. Raises DataError."""
        runs = [member.run for member in members]
        scenario = runs[0].scenario_info
        seeds = list(dict.fromkeys(run.seed for run in runs))
        starts: dict[int, torch.Tensor] = {}
        streams: list[Stream] = []
        for seed in seeds:
            torch.manual_seed(seed)
            open_loader()
            model = MODELS[scenario.model]().to(device, PRECISIONS[scenario.precision])
            starts[seed] = parameters_to_vector(model.parameters()).detach()
            streams.append(Stream.after_start(seed, torch.get_rng_state(), len(data.train)))
        assert isinstance(model, Stackable)
        setting = Setting.of(runs[0], data, device, model)
        length = RunLength(num_steps=setting.steps_per_epoch * setting.epochs, steps_per_epoch=setting.steps_per_epoch)
        methods = [build_method(run, model) for run in runs]
        layout = Layout(tuple(parameter.shape for parameter in model.parameters()), len(runs))
        parameters = layout.vector(torch.stack([starts[run.seed] for run in runs]))
        stream_of = [seeds.index(run.seed) for run in runs]
        stack = cls(
            setting,
            rows=[
                Row(member, method, LearningRate(member.run, method, length, num_train=len(data.train)))
                for member, method in zip(members, methods, strict=True)
            ],
            parameters=parameters,
            layout=layout,
            rule=RULES[runs[0].optimizer]([run.hyperparameters for run in runs], parameters, layout),
            orders=Orders(streams, stream_of, has_replacement=setting.has_replacement),
            bin_work=setting.bin_work,
        )
        if scenario.picture == "boundary":
            for row, weights in zip(stack.rows, layout.rows(parameters).tolist(), strict=True):
                row.camera = Camera()
                row.camera.take(0, 0, weights)
        states = [from_bytes(member.checkpoint) for member in members if member.checkpoint is not None]
        if states:
            stack._restore(states)
        else:
            stack.untrained = parameters.clone()
        stack.rule.set_rates([row.rate.current for row in stack.rows])
        return stack

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
            outputs.append(self._differentiate(x, y))
            if number == last:
                self._measure_gradients()
            self.rule.step(self.parameters, self._gradient)
            self.counters.examples_forward_backward += x.shape[1]
            self.counters.optimizer_steps += 1
        losses = self._losses(torch.cat(outputs, 1), labels, targets, sizes)
        share_s = (time.perf_counter() - started) / len(self.rows)
        for row in self.rows:
            row.train_time_s += share_s
        return losses

    def rates_after_epoch(self, losses: Sequence[float]) -> None:
        """Let schedules that look at results see those of the epoch."""
        for row, loss in zip(self.rows, losses, strict=True):
            row.rate.after_epoch(loss)
        self.rule.set_rates([row.rate.current for row in self.rows])

    @torch.no_grad()
    def evaluate(self, split: Split, parameters: torch.Tensor | None = None) -> list[tuple[float, float]]:
        """Mean loss and accuracy of each member; at other parameters than its own where they are given."""
        parts = self._parts if parameters is None else self.layout.blocks(parameters)
        labels = split.labels.expand(len(parts[0]), -1)
        outputs = self.setting.model.common_outputs(parts, split.inputs)
        losses = self.setting.evaluated(outputs, labels).mean(1).tolist()
        num_correct, num_examples = self._num_correct(outputs, labels), len(split)
        return [(loss, count / num_examples) for loss, count in zip(losses, num_correct, strict=True)]

    def checkpoint(self, index: int) -> bytes:
        """Everything that decides the rest of a member's run, in a stack or alone."""
        row, stream, setting = self.rows[index], self.orders.of(index), self.setting
        names = [name for name, _ in setting.model.named_parameters()]
        values = self.layout.pieces(self.parameters, index)
        return to_bytes(
            {
                "model": {**setting.model.state_dict(), **dict(zip(names, values, strict=True))},
                "method": self.rule.export(index, row.method.state_dict()),
                "rate": row.rate.state_dict(),
                "batches": stream.state_dict(setting.batch_size),
                "random": stream.generator.get_state(),
                "counters": list(astuple(self.counters)),
                "train_time_s": row.train_time_s,
                "elapsed_s": self.elapsed_s(row),
                "num_epochs": self.num_epochs,
                "best": row.best.to_json() if row.best else None,
                "means": [row.loss_sum, self.num_seen, row.num_correct],
                "camera": row.camera.state_dict() if row.camera else None,
            }
        )

    def elapsed_s(self, row: Row) -> float:
        """Seconds of a member's run so far."""
        return row.elapsed_before_s + time.perf_counter() - self.started_at

    def _restore(self, states: list[dict[str, Any]]) -> None:
        names = [name for name, _ in self.setting.model.named_parameters()]
        rows = [torch.cat([state["model"][name].reshape(-1) for name in names]) for state in states]
        self.parameters.copy_(self.layout.vector(torch.stack(rows)))
        first = states[0]
        self.counters.restore(first["counters"])
        self.num_epochs, self.num_seen = first["num_epochs"], first["means"][1]
        self.rule.load([state["method"] for state in states], num_steps=self.num_steps)
        for index, (row, state) in enumerate(zip(self.rows, states, strict=True)):
            row.method.load_state_dict(state["method"])
            row.rate.load_state_dict(state["rate"], row.method)
            self.orders.of(index).load_state_dict(state["batches"], state["random"])
            row.loss_sum, row.num_correct = state["means"][0], state["means"][2]
            row.train_time_s, row.elapsed_before_s = state["train_time_s"], state["elapsed_s"]
            row.best = EpochResult.from_json(state["best"]) if state["best"] else None
            if row.camera is not None and state.get("camera"):
                row.camera.load_state_dict(state["camera"])

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

    def _by_autograd(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        setting = self.setting
        with torch.enable_grad():
            outputs: torch.Tensor = setting.model.stacked_outputs(self._leaves, inputs)
            total = setting.criterion(outputs, targets).mean(1).sum()  # the gradient of a sum is each member's own
            gradients = torch.autograd.grad(total, self._leaves)
        for part, gradient in zip(self._gradient_parts, gradients, strict=True):
            part.copy_(gradient)
        return outputs.detach()

    def _measure_gradients(self) -> None:
        """Take down the norms of the gradients as they are now: the rule may overwrite them."""
        norms: list[float] = torch.linalg.vector_norm(self.layout.rows(self._gradient), dim=1).tolist()
        for row, norm in zip(self.rows, norms, strict=True):
            row.gradient_norm = rounded_norm(norm)

    def _losses(
        self, outputs: torch.Tensor, labels: torch.Tensor, targets: torch.Tensor, sizes: list[int]
    ) -> torch.Tensor:
        """Mean losses of the steps of a bin, which also join the running means."""
        setting = self.setting
        losses = (
            setting.model.stacked_losses(outputs, targets) if setting.is_by_hand else setting.criterion(outputs, labels)
        )
        num_full = sum(size == sizes[0] for size in sizes)
        whole, rest = losses.split([num_full * sizes[0], losses.shape[1] - num_full * sizes[0]], 1)
        means = whole.unflatten(1, (num_full, sizes[0])).mean(-1)
        if rest.shape[1]:
            means = torch.cat([means, rest.mean(1, keepdim=True)], 1)
        steps: torch.Tensor = means.double()
        sums = (steps * torch.tensor(sizes, dtype=torch.float64)).sum(1).tolist()
        counts = self._num_correct(outputs, labels)
        for row, loss_sum, num_correct in zip(self.rows, sums, counts, strict=True):
            row.loss_sum += loss_sum
            row.num_correct += num_correct
        self.num_seen += sum(sizes)
        return steps

    def _num_correct(self, outputs: torch.Tensor, labels: torch.Tensor) -> list[int]:
        """How many examples [K, n] each member's highest score is right for."""
        is_pair = self.setting.data.num_classes == 2  # argmax is slow on rows of two
        taken = (outputs[..., 1] > outputs[..., 0]).to(labels.dtype) if is_pair else outputs.argmax(-1)
        counts: list[int] = (taken == labels).sum(1).tolist()
        return counts

    def _set_scheduled_rates(self) -> None:
        for row in self.rows:
            if not row.rate.is_constant:
                row.rate.set_after(self.counters.gradient_evaluations)
        self.rule.set_rates([row.rate.current for row in self.rows])
