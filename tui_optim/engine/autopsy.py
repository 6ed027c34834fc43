"""Why the loss of a run stopped being finite: found once it has, so that a run that lives costs nothing more.

    take the steps since the last checkpoint again, one by one, until the loss is not finite
    say where the first number that is not finite stood: in a step, a gradient, a layer, the loss itself
    take the beginning of the run again with one thing changed, the narrowest change first, until one lives

The copies that take these steps report nothing and keep nothing.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn

from tui_optim.engine.batches import Batch
from tui_optim.engine.blame import blamed
from tui_optim.engine.commands import without_a_trace
from tui_optim.engine.copies import Copies, Watched, step_of
from tui_optim.engine.data import Splits
from tui_optim.engine.diagnostics import rounded_norm
from tui_optim.engine.first_bad import Scale, first_bad, scale_of, worst_gradient
from tui_optim.engine.memory import MemoryMeter
from tui_optim.engine.training import Training
from tui_optim.spec.errors import DataError, UsageError
from tui_optim.spec.evidence import Evidence, Trial
from tui_optim.spec.remedies import Remedy, changed_run, remedies
from tui_optim.spec.run import RunSpec

REPLAYED_STEPS = 20_000
"""Since the last checkpoint: so many are worth taking again."""
TRIED_STEPS = 500
"""Before the death: a trial takes twice as many."""
MOST_WORK = 4e9
"""Gradient evaluations × parameters that either may take, whatever the number of steps: seconds on any machine."""
MORE_STEPS = 10
"""How far a trial goes beyond twice the bad step; and how much later a copy may die than the run did."""
NUM_MEAN = 10
"""Batches whose mean loss is taken at either end of a trial."""
NOT_GROWN = 1.5
"""A trial whose last loss is at most so many times that of the untrained model has lived."""

LEARNT = 0.9
"""The same where it has to have learnt something: a net that is dead lives too."""


def autopsy(
    run: RunSpec,
    data: Splits,
    device: torch.device,
    *,
    bad_step: int,
    work: float,
    memory: MemoryMeter,
    kept: bytes | None = None,
    branch: bytes | None = None,
    rate_factor: float = 1.0,
) -> Evidence | None:
    """What the steps around the first bad one show; None where they cannot be taken again, or do not die again.

    Args:
        run: what died.
        data: its splits, on `device`.
        device: where to compute.
        bad_step: the first step whose loss is not finite, from 1.
        work: gradient evaluations before it died.
        memory: the meter that measures the run: a new one would make it forget its peak.
        kept: the checkpoint to begin from; the start of the run where there is none.
        branch: where a fork began, known to its first attempt; what became of a later one is not looked at.
        rate_factor: what commands had made of its rate.
    """
    if run.parent is not None and branch is None:
        return None
    copies = Copies(run, data, device, memory, branch)
    try:
        with without_a_trace(device), blamed(run.scenario_info):
            start = _start_of(copies)
            copy = copies.make(run, kept)  # after that: it draws from the same generator
            size = run.scenario_info.num_parameters
            is_long = (
                bad_step - copy.num_steps > REPLAYED_STEPS
                or (work - copy.counters.gradient_evaluations) * size > MOST_WORK
            )
            if is_long or copy.rate.commanded != rate_factor:
                return None
            found = _replayed(copy, bad_step, start)
    except _FAILURES:
        return None
    if found is None:
        return None
    is_long = found.step - copies.first_step > TRIED_STEPS or work * size > MOST_WORK
    if reason := _why_untried(found, is_long=is_long, is_told=rate_factor != 1.0):
        return replace(found, untried=reason)
    try:
        with without_a_trace(device), blamed(run.scenario_info):
            return replace(found, trials=_tried(copies, found))
    except _FAILURES:
        return replace(found, untried="the same run failed with other values")


_FAILURES = (UsageError, DataError, RuntimeError, ArithmeticError, ValueError)
"""Of user's code, of torch, of linear algebra: what fails in a copy must not take the result of the run with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A step that was taken again."""

    loss: float
    lr: float
    grad_norm: float | None
    weight_norm: float
    """Of the weights before it."""
    bad_gradient: str
    """The layer in which the backward pass began to be not finite; '' where it was."""
    largest_input: float


@dataclass(frozen=True, slots=True)
class _Start:
    """A run before its first step; a fork at its branch."""

    loss: float
    weight_norm: float
    scale: Scale


def _start_of(copies: Copies) -> _Start:
    copy = copies.make(copies.run)
    with torch.no_grad():  # one by one: a batch is gone once the next ones have been read
        losses = [_loss_on(copy, copy.batches.next()) for _ in range(min(NUM_MEAN, copy.batches.steps_per_pass))]
    return _Start(_mean(losses), _norm(copy.objective.point), scale_of(copies.data.train.inputs))


def _loss_on(copy: Training, batch: Batch) -> float:
    return float(copy.objective.criterion(copy.model(batch.inputs), batch.labels))


def _grad_norm(parameters: Sequence[nn.Parameter]) -> float | None:
    """As the step has left it; None where it has left none."""
    gradients = [one.grad.reshape(-1) for one in parameters if one.grad is not None]
    return _norm(torch.cat(gradients)) if gradients else None


def _norm(vector: torch.Tensor) -> float:
    """In double precision: squares of large numbers overflow."""
    return rounded_norm(float(torch.linalg.vector_norm(vector.double())))


def _replayed(copy: Training, bad_step: int, start: _Start) -> Evidence | None:
    """Take steps until the loss is not finite; then go back to before that step and look where it comes from."""
    objective, trail = copy.objective, deque[_Step](maxlen=2)
    scale = start.scale
    while copy.num_steps < bad_step + MORE_STEPS and copy.num_epochs < copy.epochs:
        before = objective.point
        seen, loss = step_of(copy)
        assert isinstance(copy.batches, Watched)
        batch = copy.batches.latest
        largest_input = float(batch.inputs.abs().max())
        if not _is_finite(loss):
            last = trail[-1] if trail else None
            objective.point = before
            place, layer, largest_output, bad_rows = first_bad(copy.model, objective, batch)
            if place == "weights" and last is not None and last.bad_gradient:
                place, layer = "gradient", last.bad_gradient
            in_sight = max(largest_input, last.largest_input if last else 0.0)
            return Evidence(
                step=copy.num_steps,
                place=place,
                layer=layer,
                first_loss=start.loss,
                first_weight_norm=start.weight_norm,
                last_loss=last.loss if last else None,
                last_lr=last.lr if last else None,
                last_grad_norm=last.grad_norm if last else None,
                last_weight_norm=last.weight_norm if last else None,
                largest_output=largest_output,
                bad_rows=bad_rows,
                batch_size=len(seen.labels),
                input_rms=scale.rms,
                largest_row=scale.largest_row,
                largest_input=scale.largest,
                typical_input=scale.typical,
                had_largest_row=in_sight == scale.largest,
            )
        trail.append(
            _Step(
                loss=loss,
                lr=copy.rate.current,
                grad_norm=_grad_norm(objective.parameters),
                weight_norm=_norm(before),
                bad_gradient=worst_gradient(copy.model),
                largest_input=largest_input,
            )
        )
    return None


def _why_untried(found: Evidence, *, is_long: bool, is_told: bool) -> str:
    if found.step == 1:
        return "its first step was bad already, before any setting could matter"
    if found.is_of_gradient or found.is_of_row or found.is_of_loss:
        return "no setting mends that"
    if is_told:
        return "its rate was changed while it trained"
    if is_long:
        return f"it died at step {found.step:,}, and to come as far again with other values takes too long"
    return ""


def _tried(copies: Copies, found: Evidence) -> tuple[Trial, ...]:
    """Trials up to the first that lives."""
    trials: list[Trial] = []
    run, num_train = copies.run, len(copies.data.train)
    num_steps = run.length(num_train).num_steps
    bad_step = found.step - copies.first_step
    for remedy in remedies(run, input_rms=found.input_rms, bad_step=bad_step, num_steps=num_steps):
        trials.append(_trial(copies, remedy, found))
        if trials[-1].has_lived:
            break
    return tuple(trials)


def _trial(copies: Copies, remedy: Remedy, found: Evidence) -> Trial:
    copy = copies.make(changed_run(copies.run, remedy.changes))
    losses: list[float] = []
    num_steps = copies.first_step + max(2 * (found.step - copies.first_step) + MORE_STEPS, remedy.steps)
    while copy.num_steps < num_steps and copy.num_epochs < copy.epochs:
        losses.append(step_of(copy)[1])
        if not _is_finite(losses[-1]):
            break
    last_loss = _mean(losses[-NUM_MEAN:])
    return Trial(
        cause=remedy.cause,
        changes=remedy.changes,
        steps=len(losses),
        last_loss=last_loss,
        has_lived=last_loss <= (LEARNT if remedy.is_to_learn else NOT_GROWN) * found.first_loss,
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _is_finite(value: float) -> bool:
    return abs(value) < float("inf")
