"""The beginning of a run that died, taken again with one thing changed: whether it lives, and learns.

A trial goes on for twice as many steps as the run had lived, and, where its rate rises, until it has seen its largest rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median

import torch

from tui_optim.engine.commands import Commands
from tui_optim.engine.copies import Copies, step_of
from tui_optim.engine.training import Training
from tui_optim.spec.events import CommandSeen
from tui_optim.spec.evidence import Evidence, Trial
from tui_optim.spec.remedies import Remedy, changed_run, remedies

TRIED_STEPS = 500
"""Before the death: a trial takes twice as many."""
MOST_WORK = 4e9
"""Gradient evaluations × parameters of the steps before the death, whatever their number: seconds on any machine."""
MORE_STEPS = 10
"""How far a trial goes beyond twice the bad step; and how much later a copy may die than the run did."""
NUM_MEAN = 10
"""Batches whose mean loss is taken at either end of a trial."""
NOT_GROWN = 1.5
"""A trial whose last loss is at most so many times that of the untrained model has lived."""
LEARNT = 0.9
"""The same where it has to have learnt something."""
UNMOVED = 1e-4
"""A loss on the same examples that has moved by less than this share of itself stands still: nothing is learnt at that rate."""
ALIKE = 1e-6
"""Outputs that differ by less than this share of themselves are the same, whatever the example: the net is dead."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a model makes of the first few batches."""

    loss: float
    """Their mean."""
    typical: float
    """Their median: one bad example among them does not move it."""
    spread: float
    """How far outputs for different examples lie apart, relative to the largest one."""


def look_at(copies: Copies, model: torch.nn.Module | None = None) -> Look:
    """By the batches that a run begins with; without a model, at the run's own before its first step."""
    copy = copies.make(copies.run)
    judged = copy.model if model is None else model
    losses: list[float] = []
    lowest = highest = None
    with torch.no_grad():  # one by one: a batch is gone once the next ones have been read
        for _ in range(min(NUM_MEAN, copy.batches.steps_per_pass)):
            batch = copy.batches.next()
            outputs = judged(batch.inputs)
            losses.append(float(copy.objective.criterion(outputs, batch.labels)))
            low, high = outputs.amin(0), outputs.amax(0)
            lowest = low if lowest is None else torch.minimum(lowest, low)
            highest = high if highest is None else torch.maximum(highest, high)
    assert lowest is not None
    assert highest is not None
    largest = float(torch.maximum(lowest.abs(), highest.abs()).max())
    spread = float((highest - lowest).max()) / largest if largest > 0 else 0.0
    return Look(_mean(losses), median(losses), spread)


def tried(copies: Copies, found: Evidence, start: Look) -> tuple[Trial, ...]:
    """Trials up to the first that lives."""
    trials: list[Trial] = []
    run, num_train = copies.run, len(copies.data.train)
    num_steps, bad_step = run.length(num_train).num_steps, found.step - copies.first_step
    for remedy in remedies(run, found, bad_step=bad_step, num_steps=num_steps):
        trials.append(_trial(copies, remedy, found, start))
        if trials[-1].has_lived:
            break
    return tuple(trials)


def tried_untold(
    copies: Copies, found: Evidence, kept: bytes | None, commands: Sequence[CommandSeen], *, is_short: bool
) -> Trial | None:
    """The same run without the commands to its rate; None where no checkpoint is from before them, and its life was not short."""
    told_at = next(one.step for one in commands if one.command == "rate")
    copy = copies.make(copies.run, kept)
    if any(one.command == "rate" for one in commands[: copy.num_commands]):
        if not is_short:
            return None
        copy = copies.make(copies.run)
    others = Commands(copy, [one for one in commands if one.command != "rate"])
    last_step = found.step + max(MORE_STEPS, min(found.step - told_at, TRIED_STEPS))
    losses: list[float] = []
    while copy.num_steps < last_step and copy.num_epochs < copy.epochs:
        others.repeat()
        losses.append(step_of(copy)[1])
        if not isfinite(losses[-1]):
            break
    last_loss = _mean(losses[-NUM_MEAN:])
    return Trial(
        cause="command",
        changes={},
        steps=len(losses),
        last_loss=last_loss,
        has_lived=copy.num_steps >= found.step and last_loss <= NOT_GROWN * found.first_loss,
    )


def _trial(copies: Copies, remedy: Remedy, found: Evidence, start: Look) -> Trial:
    copy = copies.make(changed_run(copies.run, remedy.changes))
    losses: list[float] = []
    num_steps = copies.first_step + max(2 * (found.step - copies.first_step) + MORE_STEPS, remedy.steps)
    enough, highest = _work_to_peak(copy), 0.0
    top = rest_peak(copy, copy.counters.gradient_evaluations)
    while copy.num_epochs < copy.epochs and (copy.num_steps < num_steps or copy.counters.gradient_evaluations < enough):
        losses.append(step_of(copy)[1])
        highest = max(highest, copy.rate.scheduled)
        if not isfinite(losses[-1]):
            break
    last_loss = _mean(losses[-NUM_MEAN:])
    most = LEARNT if remedy.is_to_learn else 1.0 if enough else NOT_GROWN  # up to a peak is long enough to come back
    has_lived = last_loss <= most * found.first_loss
    return Trial(
        cause=remedy.cause,
        changes=remedy.changes,
        steps=len(losses),
        last_loss=last_loss,
        has_lived=has_lived and _learns(start, look_at(copies, copy.model)),
        rate_share=1.0 if copy.rate.is_constant or top <= 0 else min(1.0, highest / top),
    )


def rest_peak(copy: Training, work: float) -> float:
    """The highest factor of a run's schedule from so many gradient evaluations to its end."""
    return copy.rate.peak(work, copy.run.epochs * len(copy.data.train))[1]


def _work_to_peak(copy: Training) -> float:
    """Gradient evaluations by which the rate has been at its largest for some steps, or after which it is not waited for."""
    begun = copy.counters.gradient_evaluations
    steps = min(2 * TRIED_STEPS * copy.batch_size, 2 * MOST_WORK / copy.scenario.num_parameters)
    work, factor = copy.rate.peak(begun, begun + steps)
    is_rising = factor > copy.rate.peak(begun, begun)[1]
    return work + MORE_STEPS * copy.batch_size if is_rising else 0.0


def _learns(before: Look, after: Look) -> bool:
    """Whether the loss has moved, and the outputs still depend on the example where they did."""
    is_dead = after.spread < ALIKE <= before.spread
    return not is_dead and abs(after.loss - before.loss) >= UNMOVED * abs(before.loss)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
