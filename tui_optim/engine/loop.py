"""The training loop: `train(run, emit, control)`.

    seed the generator; build the model, the method and the schedule
    until the budget of epochs is spent:
        η ← schedule(work done)
        the method takes a step: it draws its batches, asks for gradients, moves θ
        whenever another epoch's worth of work is done: evaluate on validation and test data, off the clock

An epoch is n gradient evaluations (forward and backward of one example), n the size of the training set: for plain mini-batch
methods that is one pass over the data; for others it is what costs as much, so that runs of equal length are runs of equal
cost. A step that costs more than an epoch ends several at once.

Steps are taken in bins. Only between bins does the loop look at losses (a look makes an accelerator wait), report progress,
notice divergence and obey commands (`engine.commands`): what happens inside a bin is what a bare loop would do.

Where the minimum of the objective is known (problems of one or two parameters), every step is a bin and is measured against
it, off the clock; so long a run that this would be more than `MAX_MEASURED` measurements is measured at equal distances.
"""

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from tui_optim.engine.announcement import started
from tui_optim.engine.averaging import averaged
from tui_optim.engine.batches import MAX_READ_BATCHES, Batches, read_size
from tui_optim.engine.blame import blamed
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.commands import Commands, Leave, without_a_trace
from tui_optim.engine.counters import Clock, Counters
from tui_optim.engine.data import Split, Splits
from tui_optim.engine.devices import make_deterministic, synchronize
from tui_optim.engine.diagnostics import gradient_norm
from tui_optim.engine.draws import open_loader
from tui_optim.engine.evaluation import HANDOUT_BATCH_SIZE, LARGE_BATCH_SIZE, Evaluation, evaluate, predictions_of
from tui_optim.engine.film import Camera, weights_of
from tui_optim.engine.learning_rate import LearningRate
from tui_optim.engine.memory import MemoryMeter
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers import build_method
from tui_optim.engine.own_model import model_and_criterion
from tui_optim.engine.penalties import penalty_and_sparsity, penalty_term
from tui_optim.engine.place import Place, place_of
from tui_optim.spec.commands import Order
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Event, Progress, RunState
from tui_optim.spec.pictures import Film, Picture
from tui_optim.spec.plugin_file import complaint
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec

Emit = Callable[[Event], None]
MAX_MEASURED = 10_000


class Control(Protocol):
    """How the loop hears and keeps; it knows neither files nor processes."""

    def poll(self) -> Leave | Order | None:
        """What somebody wants of this run now: that it ends, or does something and goes on; one thing at a time."""

    def wants_checkpoint(self) -> bool:
        """Whether so much time has passed since the last checkpoint that losing it would hurt; asked at the ends of epochs."""

    def keep(self, checkpoint: bytes, *, is_best: bool) -> None:
        """Keep a checkpoint; `is_best` marks the lowest validation loss so far."""

    def wants_picture(self) -> bool:
        """Whether somebody may want to see how a run looks now; asked at the ends of epochs."""

    def show(self, picture: Picture) -> None:
        """Take a picture of the run in place of the one before it of its kind."""


@dataclass(slots=True)
class RunningMeans:
    """Loss and accuracy over the mini-batches since the last evaluation."""

    loss_sum: float = 0.0
    num_examples: int = 0
    num_correct: int = 0
    has_classes: bool = True
    """Whether anything can be correct."""
    uncounted: list[tuple[Seen, float]] = field(default_factory=list)
    """Batches, each with its mean loss, that the sums do not cover yet: many are counted at once, off the clock."""

    def add(self, seen: list[Seen], losses: list[float]) -> None:
        """Take in the batches of a bin."""
        self.uncounted.extend(zip(seen, losses, strict=True))
        if len(self.uncounted) >= MAX_READ_BATCHES:
            self.count()

    def count(self) -> "RunningMeans":
        """Bring the sums up to date."""
        if self.uncounted:
            if self.has_classes:
                labels = torch.cat([one.labels for one, _ in self.uncounted])
                outputs = torch.cat([one.outputs for one, _ in self.uncounted])
                self.num_correct += int((outputs.max(1).indices == labels).sum())
            self.num_examples += sum(len(one.labels) for one, _ in self.uncounted)
            for one, loss in self.uncounted:  # one by one: the sum is the same wherever a checkpoint parts it
                self.loss_sum += loss * len(one.labels)
            self.uncounted = []
        return self


def train(
    run: RunSpec,
    emit: Emit,
    control: Control,
    *,
    data: Splits,
    device: torch.device,
    checkpoint: bytes | None = None,
    commands: Sequence[CommandSeen] = (),
) -> Ended:
    """Train one run to its end, its divergence, or a command; emits events and returns the last of them.

    Args:
        run: what to train.
        emit: receives every event, in order.
        control: asked between bins whether to end early; receives checkpoints.
        data: the run's splits, on `device`.
        device: where to compute.
        checkpoint: what `control.keep` received from an earlier attempt; training goes on there in the same bits.
        commands: what earlier attempts were told; those that the checkpoint does not have are done again at their steps.

    Raises:
        DataError: the checkpoint is damaged.
        UsageError: the method cannot be built, or its steps count no work; a user's file does not do what is expected of it.
        torch.OutOfMemoryError: the batch does not fit the device.
    """
    with blamed(run.scenario_info):
        return _train(run, emit, control, data=data, device=device, checkpoint=checkpoint, earlier=commands)


def _train(
    run: RunSpec,
    emit: Emit,
    control: Control,
    *,
    data: Splits,
    device: torch.device,
    checkpoint: bytes | None,
    earlier: Sequence[CommandSeen],
) -> Ended:
    make_deterministic()
    torch.manual_seed(run.seed)
    open_loader()  # the assignment's script looks at one test batch before it builds the model
    training = _Training(run, emit, control, data, device)
    if checkpoint is not None:
        training.restore(from_bytes(checkpoint))
    commands = Commands(training, earlier)
    emit(started(data, device, steps_per_epoch=training.length.steps_per_epoch, from_step=training.num_steps))
    training.report_start()
    commands.repeat()
    while training.num_epochs < training.epochs:
        if not training.is_epoch_over:  # it is when the run was interrupted after the last bin of an epoch
            bad_step = training.take_bin()
            if bad_step is not None:
                return training.end("diverged", f"the training loss is not finite from step {bad_step} on")
        commands.repeat()
        wanted = control.poll()
        if isinstance(wanted, Order):
            commands.obey(wanted)
        elif wanted is not None:
            training.keep(is_best=False)
            emit(CommandSeen(command=COMMANDS.get(wanted.state, wanted.state), step=training.num_steps))
            return training.end(wanted.state, wanted.reason)
        if training.is_epoch_over:
            result = training.end_epoch()
            is_best = training.is_best(result)
            emit(EpochEnded(result=result))
            if training.camera is not None and control.wants_picture():
                control.show(training.film())
            if is_best or training.num_epochs >= training.epochs or control.wants_checkpoint():
                training.keep(is_best=is_best)
    return training.end("finished", "")


COMMANDS: dict[RunState, str] = {"paused": "pause", "stopped": "stop", "interrupted": "leave"}
"""What the log calls the command that leads to a state."""


class _Training:
    """Model, method and counts of one attempt; its methods are the steps of `train`."""

    def __init__(self, run: RunSpec, emit: Emit, control: Control, data: Splits, device: torch.device) -> None:
        self.run, self.emit, self.control, self.data, self.device = run, emit, control, data, device
        self.scenario = run.scenario_info
        batch_size = run.examples_per_step(len(data.train))
        self.length, self.epochs, self.num_commands = run.length(len(data.train)), run.epochs, 0
        self.batch_size = batch_size
        self.epochs_per_result = 1
        self.bin_work = read_size(len(data.train), batch_size) * batch_size
        if self.scenario.quadratic:
            self.epochs_per_result = -(-run.epochs // MAX_MEASURED)
            self.bin_work = max(batch_size, -(-run.epochs * len(data.train) // MAX_MEASURED))
        self.model, self.criterion = model_and_criterion(run, data.train, device)
        self.method = averaged(build_method(run, self.model), run)
        self.rate = LearningRate(run, self.method, self.length, num_train=len(data.train))
        self.batches = Batches(data.train, batch_size, seed=run.seed)
        self.counters, self.clock = Counters(), Clock()
        self.objective = Objective(
            self.model,
            self.batches.whole,
            counters=self.counters,
            criterion=self.criterion,
            penalty=penalty_term(run, self.model),
            l2=self.method.l2,
            num_epochs=run.epochs,
        )
        self.num_epochs = 0
        self.means = RunningMeans(has_classes=self.scenario.has_accuracy)
        self.best: EpochResult | None = None
        self.untrained: nn.Module | None = copy.deepcopy(self.model)
        self.camera = Camera() if self.scenario.picture == "boundary" else None
        if self.camera is not None:
            self.camera.take(0, 0, weights_of(self.model))
        self.memory = MemoryMeter(device)

    @property
    def num_steps(self) -> int:
        """Optimizer steps taken."""
        return self.counters.optimizer_steps

    @property
    def effective_epochs(self) -> float:
        """Gradient evaluations ÷ number of training examples."""
        return self.counters.gradient_evaluations / len(self.data.train)

    @property
    def epoch_end(self) -> int:
        """Gradient evaluations after which the next epoch that is evaluated is over."""
        planned_end = self.run.epochs if self.num_epochs < self.run.epochs else self.epochs
        return min(self.num_epochs + self.epochs_per_result, planned_end) * len(self.data.train)

    @property
    def is_epoch_over(self) -> bool:
        """Whether the work of another epoch is done."""
        return self.counters.gradient_evaluations >= self.epoch_end

    def report_start(self) -> None:
        """Report the start where every step is measured against the minimum: curves begin there."""
        if self.scenario.quadratic:
            self._report_untrained()

    def take_bin(self) -> int | None:
        """Train one bin of steps and report it; returns the first step (from 1) with a non-finite loss, if any."""
        started = time.perf_counter()
        bin_ends = min(self.counters.gradient_evaluations + self.bin_work, self.epoch_end)
        work_before = self.counters.gradient_evaluations
        seen: list[Seen] = []
        while self.counters.gradient_evaluations < bin_ends and len(seen) < MAX_READ_BATCHES:
            if not self.rate.is_constant:
                self.rate.set_after(self.counters.gradient_evaluations)
            seen.append(self.method.step(self.objective, self.batches))
            self.counters.optimizer_steps += 1
        if self.counters.gradient_evaluations == work_before:
            raise UsageError(
                f"{self.run.optimizer}: its steps ask the objective for no gradient and no value, so an epoch would never end"
            )
        losses: list[float] = torch.stack([one.loss for one in seen]).tolist()
        self.means.add(seen, losses)
        synchronize(self.device)
        self.clock.train_time_s += time.perf_counter() - started
        place = self._place()
        self.emit(
            Progress(
                step=self.num_steps,
                epoch=self.num_epochs + 1,
                loss=place.loss if place else sum(losses) / len(losses),
                lr=self.rate.current,
                train_time_s=self.clock.train_time_s,
                effective_epochs=self.effective_epochs,
                gap=place.gap if place else None,
                point=place.point if place else None,
                grad_norm=gradient_norm(self.objective.parameters),
            )
        )
        self._report_untrained()
        finite = [loss == loss and abs(loss) != float("inf") for loss in losses]
        return None if all(finite) else self.num_steps - len(losses) + finite.index(False) + 1

    def end_epoch(self) -> EpochResult:
        """Evaluate once an epoch's work is done."""
        open_loader()  # the script iterates its test loader here
        means, self.means = self.means.count(), RunningMeans(has_classes=self.scenario.has_accuracy)
        with self.method.evaluation_weights(self.objective):
            # counted inside: these weights may have cost work (BatchNorm's statistics at an average)
            self.num_epochs = int(self.counters.gradient_evaluations // len(self.data.train))
            result = self._evaluate(
                self.model, self.num_epochs, means.loss_sum / means.num_examples, means.num_correct / means.num_examples
            )
            if self.camera is not None and self.camera.wants(self.num_epochs):
                self.camera.take(self.num_epochs, self.num_steps, weights_of(self.model))
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
        if self.camera is not None:
            self.control.show(self.film())
        if state in ("finished", "diverged"):
            outputs: list[torch.Tensor] = []
            with self.method.evaluation_weights(self.objective):
                whole = self._on(self.data.train, self.model)
                final = self._evaluate(self.model, self.num_epochs, whole.loss, whole.accuracy, outputs=outputs)
            if self.scenario.picture == "gallery" and outputs:
                self.control.show(predictions_of(self.data, torch.cat(outputs)))
            if state == "finished" and not _is_finite(final):
                state, reason = "diverged", f"the loss is not finite after epoch {self.num_epochs}"
        if state == "diverged" and self.run.optimizer_origin:
            reason += f"; try a smaller lr, or look at the steps of {Path(self.run.optimizer_origin).name}"
        ended = Ended(state=state, reason=reason, final=final, best=self.best)
        self.emit(ended)
        return ended

    def look(self) -> EpochResult:
        """Evaluate as at the end of an epoch, while the training feels nothing of it."""
        means = self.means.count()
        with (
            without_a_trace(self.device),
            self.objective.only_looking(),
            self.method.evaluation_weights(self.objective),
        ):
            seen = (means.loss_sum / n, means.num_correct / n) if (n := means.num_examples) else (None, None)
            return self._evaluate(self.model, self.num_epochs, *seen)

    def keep(self, *, is_best: bool) -> None:
        """Keep a checkpoint."""
        self.control.keep(self.checkpoint(), is_best=is_best)

    def film(self) -> Film:
        """The weights that the run has been judged by at a few of its epochs, and those by which it would be now."""
        assert self.camera is not None
        with self.method.evaluation_weights(self.objective):
            return self.camera.film(self.num_epochs, self.num_steps, weights_of(self.model))

    def checkpoint(self) -> bytes:
        """Everything that decides the rest of the run."""
        means = self.means.count()
        return to_bytes(
            {
                "model": self.model.state_dict(),
                "method": self.method.state_dict(),
                "rate": self.rate.state_dict(),
                "batches": self.batches.state_dict(),
                "random": torch.get_rng_state(),
                "counters": list(astuple(self.counters)),
                "train_time_s": self.clock.train_time_s,
                "elapsed_s": self.clock.elapsed_s,
                "num_epochs": self.num_epochs,
                "epochs": self.epochs,
                "num_commands": self.num_commands,
                "best": self.best.to_json() if self.best else None,
                "data": self.data.digest,
                "means": [means.loss_sum, means.num_examples, means.num_correct],
                "camera": self.camera.state_dict() if self.camera else None,
            }
        )

    def restore(self, state: dict[str, Any]) -> None:
        """Inverse of `checkpoint`. Raises UsageError where a user's file loads other data than before."""
        if state.get("data", "") != self.data.digest:
            raise complaint(self.scenario.origin, "load_data returns other data than when this run began")
        self.model.load_state_dict(state["model"])
        self.method.load_state_dict(_moved(state["method"], self.device))
        self.rate.load_state_dict(state["rate"], self.method)
        self.batches.load_state_dict(state["batches"])
        torch.set_rng_state(state["random"])
        self.counters.restore(state["counters"])
        self.clock.train_time_s, self.clock.elapsed_before_s = state["train_time_s"], state["elapsed_s"]
        self.num_epochs = state["num_epochs"]
        self.epochs, self.num_commands = state.get("epochs", self.epochs), state.get("num_commands", 0)
        self.best = EpochResult.from_json(state["best"]) if state["best"] else None
        self.means = RunningMeans(*state["means"])
        self.means.has_classes = self.scenario.has_accuracy
        if self.camera is not None and state.get("camera"):  # checkpoints of earlier versions have none
            self.camera.load_state_dict(state["camera"])
        self.untrained = None

    def _report_untrained(self) -> None:
        """Epoch 0, evaluated after the first bin so that a run starts to train at once."""
        if self.untrained is None:
            return
        result = self._evaluate(self.untrained, 0, None, None)
        self.untrained = None
        self.emit(EpochEnded(result=result))

    def _place(self) -> Place | None:
        """Where the weights are that the run is judged by; None where the minimum is not known."""
        if self.scenario.quadratic is None:
            return None
        with self.method.evaluation_weights(self.objective):
            return place_of(self.model, self.scenario.quadratic)

    def _on(
        self,
        split: Split,
        model: nn.Module,
        *,
        batch_size: int = LARGE_BATCH_SIZE,
        outputs: list[torch.Tensor] | None = None,
    ) -> Evaluation:
        return evaluate(
            model,
            split,
            batch_size=batch_size,
            criterion=self.criterion,
            has_classes=self.scenario.has_accuracy,
            outputs=outputs,
        )

    def _evaluate(
        self,
        model: nn.Module,
        epoch: int,
        train_loss: float | None,
        train_accuracy: float | None,
        *,
        outputs: list[torch.Tensor] | None = None,
    ) -> EpochResult:
        """`outputs` receives those on test data, or where the run has none on validation data."""
        batch_size = HANDOUT_BATCH_SIZE if self.scenario.has_handout_loss else LARGE_BATCH_SIZE
        val_outputs = None if self.data.test else outputs
        val = self._on(self.data.val, model, outputs=val_outputs) if self.data.val else None
        test = self._on(self.data.test, model, batch_size=batch_size, outputs=outputs) if self.data.test else None
        place = place_of(model, self.scenario.quadratic) if self.scenario.quadratic else None
        penalty, sparsity = penalty_and_sparsity(self.run, model)
        is_untrained = epoch == 0 and model is not self.model
        return EpochResult(
            epoch=epoch,
            step=0 if is_untrained else self.num_steps,
            elapsed_s=0.0 if is_untrained else self.clock.elapsed_s,
            train_time_s=0.0 if is_untrained else self.clock.train_time_s,
            lr=self.rate.current,
            train_loss=place.loss if place else train_loss,
            train_accuracy=train_accuracy if self.scenario.has_accuracy else None,
            val_loss=val.loss if val else None,
            val_accuracy=val.accuracy if val and self.scenario.has_accuracy else None,
            test_loss=test.loss if test else None,
            test_accuracy=test.accuracy if test and self.scenario.has_accuracy else None,
            handout_loss=test.handout_loss if test and self.scenario.has_handout_loss else None,
            gap=place.gap if place else None,
            penalty=penalty,
            sparsity=sparsity,
            effective_epochs=0.0 if is_untrained else self.effective_epochs,
            peak_memory_mib=self.memory.peak_mib(),
            **({} if is_untrained else {"cost": self.counters.cost()}),
        )


def _moved(state: Any, device: torch.device) -> Any:
    """A state with its vectors on `device`: a checkpoint is read on the CPU. Counters and generators of torch stay there."""
    if isinstance(state, torch.Tensor):
        return state.to(device) if state.is_floating_point() and state.ndim else state
    if isinstance(state, dict):
        return {name: _moved(value, device) for name, value in state.items()}
    if isinstance(state, list | tuple):
        return type(state)(_moved(value, device) for value in state)
    return state


def _first_of(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _is_finite(result: EpochResult) -> bool:
    losses = (result.train_loss, result.val_loss, result.test_loss)
    return all(loss is None or abs(loss) < float("inf") for loss in losses)
