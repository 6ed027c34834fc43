"""One attempt at a run: the model, the method and the counts, and the steps that the loop takes with them."""

import copy
import math
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from tui_optim.engine.averaging import averaged
from tui_optim.engine.batches import MAX_READ_BATCHES, Batches
from tui_optim.engine.bins import bin_work, epochs_per_result
from tui_optim.engine.checkpoint import to_bytes
from tui_optim.engine.commands import without_a_trace
from tui_optim.engine.control import Control, Emit
from tui_optim.engine.counters import Clock, Counters
from tui_optim.engine.data import Splits
from tui_optim.engine.devices import synchronize
from tui_optim.engine.diagnostics import gradient_norm
from tui_optim.engine.draws import open_loader
from tui_optim.engine.evaluation import predictions_of
from tui_optim.engine.film import Camera, weights_of
from tui_optim.engine.judge import Judge, Spent, is_better, is_finite, judged_loss
from tui_optim.engine.learning_rate import LearningRate
from tui_optim.engine.memory import MemoryMeter
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers import build_method
from tui_optim.engine.own_model import model_and_criterion
from tui_optim.engine.patience import Patience
from tui_optim.engine.penalties import penalty_term
from tui_optim.engine.place import Place, place_of
from tui_optim.engine.running_means import RunningMeans
from tui_optim.engine.training_state import state_of
from tui_optim.engine.xrays import XRays
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import Ended, EpochEnded, Progress, RunState
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Film
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec


class Training:
    """Model, method and counts of one attempt; its methods are the steps of `train`."""

    def __init__(
        self,
        run: RunSpec,
        emit: Emit,
        control: Control,
        data: Splits,
        device: torch.device,
        *,
        memory: MemoryMeter | None = None,
    ) -> None:
        self.run, self.emit, self.control, self.data, self.device = run, emit, control, data, device
        self.scenario = run.scenario_info
        num_train = len(data.train)
        self.batch_size, self.length = run.examples_per_step(num_train), run.length(num_train)
        self.epochs, self.num_commands = run.epochs, 0
        self.epochs_per_result, self.bin_work = epochs_per_result(run), bin_work(run, num_train)
        self.model, criterion = model_and_criterion(run, data.train, device)
        self.judge = Judge(run, data, device, criterion, memory)
        self.method = averaged(build_method(run, self.model), run)
        self.rate = LearningRate(run, self.method, self.length, num_train=num_train)
        self.batches = Batches(data.train, self.batch_size, seed=run.seed)
        self.counters, self.clock = Counters(), Clock()
        self.objective = Objective(
            self.model,
            self.batches.whole,
            counters=self.counters,
            criterion=criterion,
            penalty=penalty_term(run, self.model),
            l2=self.method.l2,
            num_epochs=run.epochs,
        )
        self.num_epochs = 0
        self.means = RunningMeans(has_classes=self.scenario.has_accuracy)
        self.best: EpochResult | None = None
        self.patience = Patience(run.keeping)
        self.has_come_to_keep = False
        """Whether the epochs that ended last are those after which a checkpoint stays."""
        self.kept: bytes | None = None
        """The latest checkpoint."""
        self.branch: bytes | None = None
        """Of a fork that begins here, its parent's checkpoint."""
        self.xrays = XRays(run, data.train, device)
        self.untrained: nn.Module | None = copy.deepcopy(self.model)
        self.camera = Camera() if self.scenario.picture == "boundary" else None
        if self.camera is not None:
            self.camera.take(0, 0, weights_of(self.model))

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
    def is_over(self) -> bool:
        """Whether all of its epochs are done, or its patience is."""
        return self.num_epochs >= self.epochs or self.patience.is_over

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
        started, xrayed_s = time.perf_counter(), self.xrays.seconds
        bin_ends = min(self.counters.gradient_evaluations + self.bin_work, self.epoch_end)
        work_before = self.counters.gradient_evaluations
        seen: list[Seen] = []
        is_xrayed = self.xrays.is_on
        while self.counters.gradient_evaluations < bin_ends and len(seen) < MAX_READ_BATCHES:
            if is_xrayed and self.xrays.is_due(self.num_steps + 1):
                seen.append(self.xrays.step_of(self, clock=lambda: self._train_time_s(started, xrayed_s)))
            else:
                seen.append(self.take_step())
        if self.counters.gradient_evaluations == work_before:
            raise UsageError(
                f"{self.run.optimizer}: its steps ask the objective for no gradient and no value, so an epoch would never end"
            )
        losses: list[float] = torch.stack([one.loss for one in seen]).tolist()
        self.means.add(seen, losses)
        synchronize(self.device)
        self.clock.train_time_s = self._train_time_s(started, xrayed_s)
        self._report_bin(losses)
        self._report_untrained()
        finite = [math.isfinite(loss) for loss in losses]
        return None if all(finite) else self.num_steps - len(losses) + finite.index(False) + 1

    def take_step(self) -> Seen:
        """One step of the method at the rate of its place."""
        if not self.rate.is_constant:
            self.rate.set_after(self.counters.gradient_evaluations)
        seen = self.method.step(self.objective, self.batches)
        self.counters.optimizer_steps += 1
        return seen

    def end_epoch(self) -> EpochResult:
        """Evaluate once an epoch's work is done."""
        open_loader()  # the script iterates its test loader here
        means, self.means = self.means.count(), RunningMeans(has_classes=self.scenario.has_accuracy)
        num_before = self.num_epochs
        with self.method.evaluation_weights(self.objective):
            # counted inside: these weights may have cost work (BatchNorm's statistics at an average)
            self.num_epochs = int(self.counters.gradient_evaluations // len(self.data.train))
            result = self._result(*means.values())
            if self.camera is not None and self.camera.wants(self.num_epochs):
                self.camera.take(self.num_epochs, self.num_steps, weights_of(self.model))
        self.rate.after_epoch(judged_loss(result))
        self.patience.hear(result)
        every = self.run.keeping.every
        self.has_come_to_keep = every is not None and self.num_epochs // every > num_before // every
        return result

    def is_best(self, result: EpochResult) -> bool:
        """Whether this is the lowest validation loss so far; remembers it."""
        is_best = is_better(result, self.best)
        self.best = result if is_best else self.best
        return is_best

    def end(self, state: RunState, reason: str) -> Ended:
        """Emit the end of this attempt."""
        ended = self.conclude(state, reason)
        self.emit(ended)
        return ended

    def conclude(self, state: RunState, reason: str) -> Ended:
        """The end of this attempt; a run that is over evaluates its whole training set once."""
        final = None
        if self.camera is not None:
            self.control.show(self.film())
        if state in ("finished", "diverged"):
            outputs: list[torch.Tensor] = []
            with self.method.evaluation_weights(self.objective):
                whole = self.judge.on(self.data.train, self.model)
                final = self._result(whole.loss, whole.accuracy, outputs=outputs, is_end=True)
            if self.scenario.picture == "gallery" and outputs:
                self.control.show(predictions_of(self.data, torch.cat(outputs)))
            if state == "finished" and not is_finite(final):
                state, reason = "diverged", f"the loss is not finite after epoch {self.num_epochs}"
        if state == "diverged" and self.run.optimizer_origin:
            reason += f"; try a smaller lr, or look at the steps of {Path(self.run.optimizer_origin).name}"
        return Ended(state=state, reason=reason, final=final, best=self.best)

    def look(self) -> EpochResult:
        """Evaluate as at the end of an epoch, while the training feels nothing of it."""
        means = self.means.count()
        with (
            without_a_trace(self.device),
            self.objective.only_looking(),
            self.method.evaluation_weights(self.objective),
        ):
            return self._result(*means.values())

    def want_xray(self) -> None:
        """Let the next step be X-rayed."""
        self.xrays.is_wanted = True

    def keep(self, *, is_best: bool = False, stays: bool = False) -> None:
        """Keep a checkpoint."""
        self.kept = to_bytes(state_of(self))
        self.control.keep(
            Kept(content=self.kept, step=self.num_steps, epoch=self.num_epochs, is_best=is_best, stays=stays)
        )

    def film(self) -> Film:
        """The weights that the run has been judged by at a few of its epochs, and those by which it would be now."""
        assert self.camera is not None
        with self.method.evaluation_weights(self.objective):
            return self.camera.film(self.num_epochs, self.num_steps, weights_of(self.model))

    def _train_time_s(self, bin_started: float, xrayed_s: float) -> float:
        """Seconds of training now, within a bin that began then, when X-rays had taken so long."""
        return self.clock.train_time_s + time.perf_counter() - bin_started - (self.xrays.seconds - xrayed_s)

    def _report_bin(self, losses: Sequence[float]) -> None:
        """Progress after a bin of steps with these losses."""
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

    def _report_untrained(self) -> None:
        """Epoch 0, evaluated after the first bin so that a run starts to train at once."""
        if self.untrained is None:
            return
        result = self.judge.result(self.untrained, 0, lr=self.rate.current, spent=Spent())
        self.untrained = None
        self.emit(EpochEnded(result=result))

    def _result(
        self,
        train_loss: float | None,
        train_accuracy: float | None,
        *,
        outputs: list[torch.Tensor] | None = None,
        is_end: bool = False,
    ) -> EpochResult:
        """Where the run stands, by the weights that the model has now."""
        clock = self.clock
        return self.judge.result(
            self.model,
            self.num_epochs,
            lr=self.rate.current,
            spent=Spent(cost=self.counters.cost(), elapsed_s=clock.elapsed_s, train_time_s=clock.train_time_s),
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            outputs=outputs,
            is_end=is_end,
        )

    def _place(self) -> Place | None:
        """Where the weights are that the run is judged by; None where the minimum is not known."""
        if self.scenario.quadratic is None:
            return None
        with self.method.evaluation_weights(self.objective):
            return place_of(self.model, self.scenario.quadratic)
