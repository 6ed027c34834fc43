"""The training loop: `train(run, emit, control)`.

    seed the generator; build the model, the optimizer and the schedule
    for each epoch:
        draw a permutation of the training examples
        for each mini-batch in it:
            g ← gradient of the loss at θ;  η ← schedule(step);  θ ← update rule(θ, g, η)
        evaluate on validation and test data, off the clock

Steps are taken in bins of a fixed number. Only between bins does the loop look at losses (a look makes an accelerator wait),
report progress, notice divergence and obey commands: what happens inside a bin is what a bare loop would do.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any, Protocol

import torch
from torch import nn

from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.counters import Clock, Counters
from tui_optim.engine.data import Splits
from tui_optim.engine.devices import device_name, make_deterministic, peak_memory_mib, synchronize
from tui_optim.engine.draws import epoch_order, open_loader, open_shuffling_loader
from tui_optim.engine.evaluation import HANDOUT_BATCH_SIZE, LARGE_BATCH_SIZE, evaluate
from tui_optim.engine.learning_rate import LearningRate
from tui_optim.engine.models import MODELS
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.penalties import penalty_and_sparsity, penalty_term
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Event, Progress, RunState, Started
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.schedules import RunLength

BINS_PER_EPOCH = 25
MAX_BIN_STEPS = 1000
MAX_PASS_EXAMPLES = 4096
"""A larger batch is passed through the model in pieces whose gradients add up: memory stays bounded."""

Emit = Callable[[Event], None]


class Control(Protocol):
    """How the loop hears and keeps; it knows neither files nor processes."""

    def poll(self) -> RunState | None:
        """The state that somebody wants this run to end in now ('paused', 'stopped', 'interrupted'), or None."""

    def keep(self, checkpoint: bytes, *, is_best: bool) -> None:
        """Keep a checkpoint; `is_best` marks the lowest validation loss so far."""


@dataclass(slots=True)
class EpochProgress:
    """Where an epoch stands: its order, its next step, and running sums over its mini-batches."""

    order_seed: int
    step: int = 0
    num_examples: int = 0
    loss_sum: float = 0.0
    num_correct: int = 0
    num_counted: int = 0
    """Examples that `num_correct` covers; the rest is counted when somebody asks, many at once."""


def train(
    run: RunSpec, emit: Emit, control: Control, *, data: Splits, device: torch.device, checkpoint: bytes | None = None
) -> Ended:
    """Train one run to its end, its divergence, or a command; emits events and returns the last of them.

    Args:
        run: what to train.
        emit: receives every event, in order.
        control: asked between bins whether to end early; receives checkpoints.
        data: the run's splits, on `device`.
        device: where to compute.
        checkpoint: what `control.keep` received from an earlier attempt; training goes on there in the same bits.

    Raises:
        DataError: the checkpoint is damaged.
        torch.OutOfMemoryError: the batch does not fit the device.
    """
    make_deterministic()
    torch.manual_seed(run.seed)
    open_loader()  # the assignment's script looks at one test batch before it builds the model
    training = _Training(run, emit, data, device)
    if checkpoint is not None:
        training.restore(from_bytes(checkpoint))
    training.announce()
    while training.num_epochs < run.epochs:
        epoch = training.open_epoch()
        while epoch.step < training.length.steps_per_epoch:
            bad_step = training.take_bin(epoch)
            if bad_step is not None:
                return training.end("diverged", f"the training loss is not finite from step {bad_step} on")
            wanted = control.poll()
            if wanted is not None:
                control.keep(training.checkpoint(), is_best=False)
                emit(CommandSeen(command=_COMMANDS.get(wanted, wanted), step=training.num_steps))
                return training.end(wanted, "")
        result = training.end_epoch(epoch)
        is_best = training.is_best(result)
        emit(EpochEnded(result=result))
        control.keep(training.checkpoint(), is_best=is_best)
    return training.end("finished", "")


_COMMANDS: dict[RunState, str] = {"paused": "pause", "stopped": "stop", "interrupted": "leave"}


class _Training:
    """Model, update rule and counts of one attempt; its methods are the steps of `train`."""

    def __init__(self, run: RunSpec, emit: Emit, data: Splits, device: torch.device) -> None:
        self.run, self.emit, self.data, self.device = run, emit, data, device
        self.scenario = run.scenario_info
        self.batch_size = run.examples_per_step(len(data.train))
        steps_per_epoch = -(-len(data.train) // self.batch_size)
        self.length = RunLength(num_steps=steps_per_epoch * run.epochs, steps_per_epoch=steps_per_epoch)
        self.bin_steps = max(1, min(MAX_BIN_STEPS, steps_per_epoch // BINS_PER_EPOCH))
        self.model = MODELS[self.scenario.model]().to(device)
        self.parameters = list(self.model.parameters())
        self.rule = BUILDERS[run.optimizer](self.model, run.hyperparameters)
        self.rate = LearningRate(run, self.rule, self.length)
        self.penalty = penalty_term(run, self.model)
        self.counters, self.clock = Counters(), Clock()
        self.num_epochs = 0
        self.epoch: EpochProgress | None = None
        self.order = torch.empty(0, dtype=torch.int64)
        self.labels = data.train.labels  # in the epoch's order
        self.scores = torch.empty(len(data.train), data.num_classes, device=device)
        bin_size = min(self.bin_steps * self.batch_size, len(data.train))
        self.gathered = torch.empty_like(data.train.inputs[:bin_size])  # reused: fresh pages cost more than the copy
        self.best: EpochResult | None = None
        self.untrained: nn.Module | None = copy.deepcopy(self.model)
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)

    @property
    def num_steps(self) -> int:
        """Optimizer steps taken."""
        return self.counters.optimizer_steps

    @property
    def effective_epochs(self) -> float:
        """Gradient evaluations ÷ number of training examples."""
        return self.counters.cost().gradient_evaluations / len(self.data.train)

    def announce(self) -> None:
        """Emit where and on what this attempt runs."""
        self.emit(
            Started(
                device=self.device.type,
                device_name=device_name(self.device),
                threads=torch.get_num_threads(),
                num_train=len(self.data.train),
                num_val=len(self.data.val) if self.data.val else 0,
                num_test=len(self.data.test) if self.data.test else 0,
                steps_per_epoch=self.length.steps_per_epoch,
                split_hash=self.data.split_hash,
                versions={"torch": str(torch.__version__)},
                from_step=self.num_steps,
            )
        )

    def open_epoch(self) -> EpochProgress:
        """Begin an epoch, or go on with the one that a checkpoint left unfinished."""
        if self.epoch is None:
            self.epoch = EpochProgress(order_seed=open_shuffling_loader())
        self.order = epoch_order(self.epoch.order_seed, len(self.data.train)).to(self.device)
        self.labels = self.data.train.labels[self.order]
        return self.epoch

    def take_bin(self, epoch: EpochProgress) -> int | None:
        """Train one bin of steps and report it; returns the first step (from 1) with a non-finite loss, if any."""
        started = time.perf_counter()
        first = epoch.step * self.batch_size
        last = min(first + self.bin_steps * self.batch_size, len(self.data.train))
        labels = self.labels[first:last]
        inputs = torch.index_select(
            self.data.train.inputs, 0, self.order[first:last], out=self.gathered[: last - first]
        )
        losses: list[torch.Tensor] = []
        outputs: list[torch.Tensor] = []
        gradient = self._gradient if self.batch_size <= MAX_PASS_EXAMPLES else self._gradient_in_pieces
        for x, y in zip(inputs.split(self.batch_size), labels.split(self.batch_size), strict=True):
            self.rate.set_for(self.num_steps)
            for parameter in self.parameters:
                parameter.grad = None  # an optimizer's own zero_grad costs 19 µs more: 4 % of a step of the MLP
            loss, logits = gradient(x, y)
            self.rule.step()
            self.counters.optimizer_steps += 1
            losses.append(loss)
            outputs.append(logits)
        values: list[float] = torch.stack(losses).tolist()
        torch.cat(outputs, out=self.scores[first:last])
        synchronize(self.device)
        self.clock.train_time_s += time.perf_counter() - started
        self.counters.examples_forward_backward += last - first
        self._sum_up(epoch, values, last - first)
        self._report_untrained()
        finite = [value == value and abs(value) != float("inf") for value in values]
        return None if all(finite) else self.num_steps - len(values) + finite.index(False) + 1

    def end_epoch(self, epoch: EpochProgress) -> EpochResult:
        """Evaluate after the last step of an epoch."""
        open_loader()  # the script iterates its test loader here
        self._count_correct(epoch)
        self.num_epochs += 1
        self.epoch = None
        result = self._evaluate(
            self.model, self.num_epochs, epoch.loss_sum / epoch.num_examples, epoch.num_correct / epoch.num_examples
        )
        self.rate.after_epoch(_first_of(result.val_loss, result.train_loss))
        return result

    def is_best(self, result: EpochResult) -> bool:
        """Whether this is the lowest validation loss so far; remembers it."""
        if result.val_loss is None or (self.best is not None and not result.val_loss < _first_of(self.best.val_loss)):
            return False
        self.best = result
        return True

    def end(self, state: RunState, reason: str) -> Ended:
        """Emit the end of this attempt; a run that is over evaluates its whole training set once."""
        final = None
        if state in ("finished", "diverged"):
            whole = evaluate(self.model, self.data.train, batch_size=LARGE_BATCH_SIZE)
            final = self._evaluate(self.model, self.num_epochs, whole.loss, whole.accuracy)
            if state == "finished" and not _is_finite(final):
                state, reason = "diverged", f"the loss is not finite after epoch {self.num_epochs}"
        ended = Ended(state=state, reason=reason, final=final, best=self.best)
        self.emit(ended)
        return ended

    def checkpoint(self) -> bytes:
        """Everything that decides the rest of the run."""
        epoch = self.epoch
        if epoch is not None:
            self._count_correct(epoch)
        return to_bytes(
            {
                "model": self.model.state_dict(),
                "rule": self.rule.state_dict(),
                "rate": self.rate.state_dict(),
                "generator": torch.get_rng_state(),
                "examples_forward_backward": self.counters.examples_forward_backward,
                "optimizer_steps": self.counters.optimizer_steps,
                "train_time_s": self.clock.train_time_s,
                "elapsed_s": self.clock.elapsed_s,
                "num_epochs": self.num_epochs,
                "best": self.best.to_json() if self.best else None,
                "epoch": list(astuple(epoch)) if epoch else None,
            }
        )

    def restore(self, state: dict[str, Any]) -> None:
        """Inverse of `checkpoint`."""
        self.model.load_state_dict(state["model"])
        self.rule.load_state_dict(state["rule"])
        self.rate.load_state_dict(state["rate"], self.rule)
        torch.set_rng_state(state["generator"])
        self.counters.examples_forward_backward = state["examples_forward_backward"]
        self.counters.optimizer_steps = state["optimizer_steps"]
        self.clock.train_time_s, self.clock.elapsed_before_s = state["train_time_s"], state["elapsed_s"]
        self.num_epochs = state["num_epochs"]
        self.best = EpochResult.from_json(state["best"]) if state["best"] else None
        self.epoch = EpochProgress(*state["epoch"]) if state["epoch"] else None
        self.untrained = None

    def _gradient(self, inputs: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Set p.grad to the gradient of the penalised mean loss; returns the bare loss and the class scores, detached."""
        logits = self.model(inputs)
        loss = nn.functional.cross_entropy(logits, labels)
        objective = loss if self.penalty is None else loss + self.penalty()
        objective.backward()
        return loss.detach(), logits.detach()

    def _gradient_in_pieces(self, inputs: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        total = torch.zeros((), device=self.device)
        outputs: list[torch.Tensor] = []
        for x, y in zip(inputs.split(MAX_PASS_EXAMPLES), labels.split(MAX_PASS_EXAMPLES), strict=True):
            logits = self.model(x)
            share = nn.functional.cross_entropy(logits, y, reduction="sum") / len(labels)
            share.backward()
            total += share.detach()
            outputs.append(logits.detach())
        if self.penalty is not None:
            self.penalty().backward()
        return total, torch.cat(outputs)

    def _count_correct(self, epoch: EpochProgress) -> None:
        rows = slice(epoch.num_counted, epoch.num_examples)
        epoch.num_correct += int((self.scores[rows].max(1).indices == self.labels[rows]).sum())
        epoch.num_counted = epoch.num_examples

    def _sum_up(self, epoch: EpochProgress, losses: list[float], num_examples: int) -> None:
        first_step = epoch.step
        for offset, loss in enumerate(losses):
            start = (first_step + offset) * self.batch_size
            epoch.loss_sum += loss * min(self.batch_size, len(self.data.train) - start)
        epoch.step += len(losses)
        epoch.num_examples += num_examples
        self.emit(
            Progress(
                step=self.num_steps,
                epoch=self.num_epochs + 1,
                loss=sum(losses) / len(losses),
                lr=self.rate.current,
                train_time_s=self.clock.train_time_s,
                effective_epochs=self.effective_epochs,
            )
        )

    def _report_untrained(self) -> None:
        """Epoch 0, evaluated after the first bin so that a run starts to train at once."""
        if self.untrained is None:
            return
        result = self._evaluate(self.untrained, 0, None, None)
        self.untrained = None
        self.emit(EpochEnded(result=result))

    def _evaluate(
        self, model: nn.Module, epoch: int, train_loss: float | None, train_accuracy: float | None
    ) -> EpochResult:
        batch_size = HANDOUT_BATCH_SIZE if self.scenario.has_handout_loss else LARGE_BATCH_SIZE
        val = evaluate(model, self.data.val, batch_size=LARGE_BATCH_SIZE) if self.data.val else None
        test = evaluate(model, self.data.test, batch_size=batch_size) if self.data.test else None
        penalty, sparsity = penalty_and_sparsity(self.run, model)
        is_untrained = epoch == 0 and model is not self.model
        return EpochResult(
            epoch=epoch,
            step=0 if is_untrained else self.num_steps,
            elapsed_s=0.0 if is_untrained else self.clock.elapsed_s,
            train_time_s=0.0 if is_untrained else self.clock.train_time_s,
            lr=self.rate.current,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            val_loss=val.loss if val else None,
            val_accuracy=val.accuracy if val else None,
            test_loss=test.loss if test else None,
            test_accuracy=test.accuracy if test else None,
            handout_loss=test.handout_loss if test and self.scenario.has_handout_loss else None,
            penalty=penalty,
            sparsity=sparsity,
            effective_epochs=0.0 if is_untrained else self.effective_epochs,
            peak_memory_mib=peak_memory_mib(self.device),
            **({} if is_untrained else {"cost": self.counters.cost()}),
        )


def _first_of(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _is_finite(result: EpochResult) -> bool:
    losses = (result.train_loss, result.val_loss, result.test_loss)
    return all(loss is None or abs(loss) < float("inf") for loss in losses)
