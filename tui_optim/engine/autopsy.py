"""Why the loss of a run stopped being finite: found once it has, so that a run that lives costs nothing more.

    take the steps since the last checkpoint again, one by one, until the loss is not finite
    say where the first number that is not finite stood: in a step, a gradient, a layer, the loss itself
    take the beginning of the run again with one thing changed, the narrowest change first, until one lives

The copies that take these steps report nothing and keep nothing.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, prod

import torch
from torch import nn

from tui_optim.engine.blame import blamed
from tui_optim.engine.commands import Commands, without_a_trace
from tui_optim.engine.copies import Copies, RememberedBatches, step_of
from tui_optim.engine.data import Splits
from tui_optim.engine.diagnostics import rounded_norm
from tui_optim.engine.first_bad import Scale, first_bad, scale_of, worst_gradient
from tui_optim.engine.memory import MemoryMeter
from tui_optim.engine.training import Training
from tui_optim.engine.trials import (
    MORE_STEPS,
    MOST_WORK,
    TRIED_STEPS,
    Look,
    look_at,
    rest_peak,
    tried,
    tried_untold,
)
from tui_optim.spec.errors import DataError, UsageError
from tui_optim.spec.events import CommandSeen
from tui_optim.spec.evidence import GROWN, Evidence, Trial
from tui_optim.spec.run import RunSpec

REPLAYED_STEPS = 20_000
"""Since the last checkpoint: so many are worth taking again."""


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
    commands: Sequence[CommandSeen] = (),
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
        commands: what it was told, in the order of the steps.
        rate_factor: what commands, its own or those of a fork's parent, had made of its rate.
    """
    if run.parent is not None and branch is None:
        return None
    copies = Copies(run, data, device, memory, branch)
    try:
        with without_a_trace(device), blamed(run.scenario_info):
            start = _start_of(copies)
            copy = copies.make(run, kept)  # after that: it draws from the same generator
            if _is_far(copy, bad_step, work):
                return None
            found = _replayed(copy, bad_step, start, Commands(copy, commands))
    except _FAILURES:
        return None
    if found is None or copy.rate.commanded != rate_factor:
        return None
    is_long = found.step - copies.first_step > TRIED_STEPS or work * run.scenario_info.num_parameters > MOST_WORK
    try:
        with without_a_trace(device), blamed(run.scenario_info):
            untold = _untold(copies, found, kept, commands, is_short=not is_long)
    except _FAILURES:
        untold = ()
    if untold:
        return replace(found, trials=untold)
    if reason := _why_untried(found, is_long=is_long, is_told=rate_factor != 1.0):
        return replace(found, untried=reason)
    try:
        with without_a_trace(device), blamed(run.scenario_info):
            return replace(found, trials=tried(copies, found, start.look))
    except _FAILURES:
        return replace(found, untried="the same run failed with other values")


_FAILURES = (UsageError, DataError, RuntimeError, ArithmeticError, ValueError, MemoryError)
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


@dataclass(frozen=True, slots=True)
class _Start:
    """A run before its first step; a fork at its branch."""

    look: Look
    work: float
    """Gradient evaluations, those of a fork's parent."""
    weight_norm: float
    scale: Scale


def _start_of(copies: Copies) -> _Start:
    look, copy = look_at(copies), copies.make(copies.run)
    weight_norm, scale = _norm(copy.objective.point), scale_of(copies.data.train.inputs)
    return _Start(look, copy.counters.gradient_evaluations, weight_norm, scale)


def _is_far(copy: Training, bad_step: int, work: float) -> bool:
    """Whether taking the steps from where a copy stands to the bad one again would take too long."""
    left = (work - copy.counters.gradient_evaluations) * copy.scenario.num_parameters
    return bad_step - copy.num_steps > REPLAYED_STEPS or left > MOST_WORK


def _grad_norm(parameters: Sequence[nn.Parameter]) -> float | None:
    """As the step has left it; None where it has left none."""
    gradients = [one.grad.reshape(-1) for one in parameters if one.grad is not None]
    return _norm(torch.cat(gradients)) if gradients else None


def _norm(vector: torch.Tensor) -> float:
    """In double precision: squares of large numbers overflow."""
    return rounded_norm(float(torch.linalg.vector_norm(vector.double())))


def _replayed(copy: Training, bad_step: int, start: _Start, commands: Commands) -> Evidence | None:
    """Take steps until the loss is not finite; then go back to before that step and look where it comes from."""
    objective, trail = copy.objective, deque[_Step](maxlen=2)
    scale, first_loss, has_row = start.scale, start.look.loss, False
    while copy.num_steps < bad_step + MORE_STEPS and copy.num_epochs < copy.epochs:
        commands.repeat()
        before = objective.point
        seen, loss = step_of(copy)
        assert isinstance(copy.batches, RememberedBatches)
        batch = copy.batches.latest
        if float(batch.inputs.abs().max()) == scale.largest:
            has_row = True
        elif loss <= GROWN * start.look.typical:
            has_row = False  # it has come through that
        if not isfinite(loss):
            last = trail[-1] if trail else None
            objective.point = before
            place, layer, largest_output, bad_rows = first_bad(copy.model, objective, batch)
            if place == "weights" and last is not None and last.bad_gradient:
                place, layer = "gradient", last.bad_gradient
            return Evidence(
                step=copy.num_steps,
                place=place,
                layer=layer,
                first_loss=first_loss,
                first_weight_norm=start.weight_norm,
                last_loss=last.loss if last else None,
                last_lr=last.lr if last else None,
                rate_share=_share_before(copy, start),
                last_grad_norm=last.grad_norm if last else None,
                last_weight_norm=last.weight_norm if last else None,
                largest_output=largest_output,
                bad_rows=bad_rows,
                batch_size=len(seen.labels),
                input_rms=scale.rms,
                largest_row=scale.largest_row,
                largest_input=scale.largest,
                typical_input=scale.typical,
                had_largest_row=has_row,
            )
        trail.append(
            _Step(
                loss=loss,
                lr=copy.rate.current,
                grad_norm=_grad_norm(objective.parameters),
                weight_norm=_norm(before),
                bad_gradient=worst_gradient(copy.model),
            )
        )
    return None


def _share_before(copy: Training, start: _Start) -> float:
    """How far its schedule had come, up to the step before the latest one, of what it was to come to in the end."""
    top = rest_peak(copy, start.work)
    reached = copy.rate.peak(start.work, copy.counters.gradient_evaluations - 2 * copy.batch_size)[1]
    return min(1.0, reached / top) if top > 0 else 1.0


def _untold(
    copies: Copies, found: Evidence, kept: bytes | None, commands: Sequence[CommandSeen], *, is_short: bool
) -> tuple[Trial, ...]:
    """The run without its commands, where they had raised its rate and that can be tried."""
    if prod(one.value or 1.0 for one in commands if one.command == "rate") <= 1.0:
        return ()
    trial = tried_untold(copies, found, kept, commands, is_short=is_short)
    return () if trial is None else (trial,)


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
