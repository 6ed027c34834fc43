"""Training a stack: `train_stack(members, data=…, device=…)`.

    for each distinct seed: draw initial weights and orders as a run alone does
    until the epochs are done:
        batched steps for all members: gradients [K, d], then the rule with each member's own numbers
        members leave: diverged, stopped, paused
        at the end of an epoch: one batched evaluation for all

Bins of steps are longer than those of a run alone, so that reports do not cost more than the steps. Where members diverge within
a bin, it is taken again for them in the bins that they would have had alone: they end at the same step with the same figures.
That begins from a copy; the others never notice.
"""

from collections.abc import Sequence
from functools import partial

import torch

from tui_optim.engine.announcement import started
from tui_optim.engine.autopsy import autopsy
from tui_optim.engine.data import Splits
from tui_optim.engine.devices import make_deterministic
from tui_optim.engine.judge import is_better, is_finite, judged_loss
from tui_optim.engine.loop import COMMANDS
from tui_optim.engine.stack.beginning import begin
from tui_optim.engine.stack.checkpoints import checkpoint
from tui_optim.engine.stack.member import Member, Row
from tui_optim.engine.stack.results import places_of, results_of
from tui_optim.engine.stack.stack import Stack
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Examined, Notice, Progress, RunState
from tui_optim.spec.evidence import Evidence
from tui_optim.spec.results import EpochResult

EXAMINED_UP_TO = 500
"""A member that dies at a later step is not examined: hundredths of a second for each are what a sweep of hundreds has."""


def train_stack(members: Sequence[Member], *, data: Splits, device: torch.device, note: str = "") -> None:
    """Train runs to their ends, their divergences, or commands; each hears its own events, in order.

    Args:
        members: runs with the same `stack_key` that stand at the same place.
        data: their splits, on `device`.
        device: where to compute.
        note: a sentence for each member's log, told when it has started.

    Raises:
        DataError: a checkpoint is damaged.
    """
    make_deterministic()
    stack = begin(members, data, device)
    _announce(stack, note)
    if stack.setting.scenario.quadratic:
        _report_untrained(stack)
    if stack.num_epochs >= stack.setting.epochs:  # its last attempt died between the last checkpoint and the end
        _end(stack, "finished", [""] * len(stack.rows))
        return
    _train(stack)


def _train(stack: Stack | None) -> None:
    while stack is not None:
        if not stack.is_epoch_over:
            before = stack.mark() if stack.is_coarse else None
            losses = stack.take_bin()
            is_sound = torch.isfinite(losses).all(1).tolist()
            diverged = [index for index, is_one in enumerate(is_sound) if not is_one]
            sound = [index for index, is_one in enumerate(is_sound) if is_one]
            if diverged and before is not None:
                _train(stack.back_at(before, diverged, bin_work=stack.setting.fine_work))
                if not sound:
                    return
                stack, losses, diverged = stack.select(sound), losses[sound], []
            _report_bin(stack, losses)
            _report_untrained(stack)
            if diverged:
                _end_diverged(stack.select(diverged), losses[diverged])
                if not sound:
                    return
                stack = stack.select(sound)
        stack = _without_leaving(stack)
        if stack is not None and stack.is_epoch_over:
            _end_epoch(stack)
            if stack.num_epochs >= stack.setting.epochs:
                _keep(stack)
                _end(stack, "finished", [""] * len(stack.rows))
                return
            if any(row.member.control.wants_checkpoint() for row in stack.rows):
                _keep(stack)


def _announce(stack: Stack, note: str) -> None:
    """Tell each member where and on what this attempt runs."""
    setting = stack.setting
    event = started(
        stack.rows[0].member.run,
        setting.data,
        setting.device,
        steps_per_epoch=setting.length.steps_per_epoch,
        from_step=stack.num_steps,
    )
    for row in stack.rows:
        row.member.emit(event)
        if note:
            row.member.emit(Notice(text=note))


def _report_untrained(stack: Stack) -> None:
    """Epoch 0, evaluated after the first bin; before it where every step is measured against the minimum."""
    if stack.untrained is None:
        return
    results = results_of(stack, at=stack.untrained)
    stack.untrained = None
    for row, result in zip(stack.rows, results, strict=True):
        row.member.emit(EpochEnded(result=result))


def _report_bin(stack: Stack, losses: torch.Tensor) -> None:
    means: list[float] = losses.mean(1).tolist()
    effective_epochs = stack.effective_epochs
    for row, mean, place in zip(stack.rows, means, places_of(stack, stack.parameters), strict=True):
        row.member.emit(
            Progress(
                step=stack.num_steps,
                epoch=stack.num_epochs + 1,
                loss=place.loss if place else mean,
                lr=row.rate.current,
                train_time_s=row.train_time_s,
                effective_epochs=effective_epochs,
                gap=place.gap if place else None,
                point=place.point if place else None,
                grad_norm=row.gradient_norm,
            )
        )


def _end_diverged(stack: Stack, losses: torch.Tensor) -> None:
    """All members of this stack have diverged within their last bin."""
    before = stack.num_steps - losses.shape[1]
    first_bad = (~torch.isfinite(losses)).int().argmax(1).tolist()
    bad_steps = [before + bad + 1 for bad in first_bad]
    _end(stack, "diverged", [f"the training loss is not finite from step {bad} on" for bad in bad_steps], bad_steps)


def _without_leaving(stack: Stack) -> Stack | None:
    """The stack without those members that somebody wants to end now; they keep a checkpoint. None where nobody stays."""
    wanted = [row.member.control.poll() for row in stack.rows]
    leaving = [index for index, one in enumerate(wanted) if one is not None]
    if not leaving:
        return stack
    gone = stack.select(leaving)
    _keep(gone)
    _show(gone, range(len(leaving)))
    for row, leave in zip(gone.rows, (one for one in wanted if one is not None), strict=True):
        row.member.emit(CommandSeen(command=COMMANDS.get(leave.state, leave.state), step=gone.num_steps))
        row.member.emit(Ended(state=leave.state, reason=leave.reason, best=row.best))
    staying = [index for index, one in enumerate(wanted) if one is None]
    return stack.select(staying) if staying else None


def _end_epoch(stack: Stack) -> None:
    """Evaluate all members once an epoch's work is done, and report it."""
    stack.orders.open_loaders()
    stack.num_epochs = int(stack.counters.gradient_evaluations // stack.num_train)
    losses = [row.loss_sum / stack.num_seen for row in stack.rows]
    accuracies = [row.num_correct / stack.num_seen for row in stack.rows]
    results = results_of(stack, train=list(zip(losses, accuracies, strict=True)))
    for row in stack.rows:
        row.loss_sum, row.num_correct = 0.0, 0
    stack.num_seen = 0
    stack.rates_after_epoch([judged_loss(result) for result in results])
    _remember_best(stack, results)
    for row, result in zip(stack.rows, results, strict=True):
        row.member.emit(EpochEnded(result=result))
    _take_pictures(stack)


def _take_pictures(stack: Stack) -> None:
    """A frame of each member's film where one is due, and the film where somebody may want to see it."""
    cameras = [row.camera for row in stack.rows if row.camera is not None]
    if cameras and cameras[0].wants(stack.num_epochs):
        for camera, weights in zip(cameras, stack.layout.rows(stack.parameters).tolist(), strict=True):
            camera.take(stack.num_epochs, stack.num_steps, weights)
    _show(stack, [index for index, row in enumerate(stack.rows) if row.camera and row.member.control.wants_picture()])


def _show(stack: Stack, indices: Sequence[int]) -> None:
    for index in indices:
        row = stack.rows[index]
        if row.camera is not None:
            weights = torch.cat([piece.reshape(-1) for piece in stack.layout.pieces(stack.parameters, index)]).tolist()
            row.member.control.show(row.camera.film(stack.num_epochs, stack.num_steps, weights))


def _remember_best(stack: Stack, results: Sequence[EpochResult]) -> None:
    """Keep a copy of the members whose validation loss is their lowest so far."""
    better = [index for index, result in enumerate(results) if is_better(result, stack.rows[index].best)]
    for index in better:
        stack.rows[index].best = results[index]
    if better:
        copied = stack.select(better)
        for number, index in enumerate(better):
            stack.rows[index].best_checkpoint = partial(checkpoint, copied, number)


def _keep(stack: Stack) -> None:
    """A checkpoint of each member, and of its best epoch where that is news."""
    for index, row in enumerate(stack.rows):
        if row.best_checkpoint is not None:
            row.member.control.keep_best(row.best_checkpoint())
            row.best_checkpoint = None
        row.member.control.keep(checkpoint(stack, index))


def _end(stack: Stack, state: RunState, reasons: Sequence[str], bad_steps: Sequence[int] = ()) -> None:
    """The end of all members of a stack: the whole training set is evaluated once."""
    _show(stack, range(len(stack.rows)))
    finals = results_of(stack, train=stack.evaluate(stack.setting.data.train))
    for index, (row, final, reason) in enumerate(zip(stack.rows, finals, reasons, strict=True)):
        ended = Ended(state=state, reason=reason, final=final, best=row.best)
        if state == "finished" and not is_finite(final):
            text = f"the loss is not finite after epoch {stack.num_epochs}"
            ended = Ended(state="diverged", reason=text, final=final, best=row.best)
        if bad_steps and (evidence := _examined(stack, row, bad_steps[index])):
            row.member.emit(Examined(evidence=evidence))
        row.member.emit(ended)


def _examined(stack: Stack, row: Row, bad_step: int) -> Evidence | None:
    """What a copy alone shows of a member's death, where it came early: many may die, and the others wait for it."""
    if bad_step > EXAMINED_UP_TO:
        return None
    setting = stack.setting
    return autopsy(
        row.member.run,
        setting.data,
        setting.device,
        bad_step=bad_step,
        work=stack.counters.gradient_evaluations,
        memory=setting.memory,
    )
