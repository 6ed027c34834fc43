"""A death by a command of the user's: the rate was raised while the run trained, and its loss was lost after that."""

from dataclasses import replace
from math import prod

from tui_optim.report.cells import short_value
from tui_optim.report.finding import Figures, Verdict, growth_text
from tui_optim.report.series import CommandMark, RunSeries
from tui_optim.spec.commands import BRANCHED
from tui_optim.spec.evidence import Evidence
from tui_optim.spec.run import RunSpec


def verdict_of_command(spec: RunSpec, series: RunSeries, *, figures: Figures = ()) -> Verdict | None:
    """None where no command had raised the rate, or neither a trial nor the log decides that this was the cause.

    The log does where the run had lived longer before the first of these commands than after it.
    """
    told, found = _rate_commands(series), series.evidence
    factor = _factor(told)
    if factor <= 1.0:
        return None
    trial = next((one for one in found.trials if one.cause == "command"), None) if found else None
    bad_step = found.step if found else series.last_step
    begun = spec.parent.step if spec.parent else 0
    is_clear = told[0].step - begun > bad_step - told[0].step
    if not (trial.has_lived if trial else is_clear):
        return None
    lived = told[0].step - begun
    proof = f" It had lived {lived:,} steps before that, and lived {bad_step - 1 - told[0].step:,} after it."
    if trial is not None:
        proof = (
            f" The same steps without that, taken again up to step {bad_step:,} and beyond, came to a loss of "
            f"{trial.last_loss:.3g}."
        )
    return Verdict(
        finding="command",
        sentence=f"The rate was multiplied by {factor:,.4g} {_where(told)}: {_what_came(series, found)}.{proof}",
        figures=figures,
        is_without_commands=True,
        was_tried=trial is not None,
        how_far=f"its way beyond step {bad_step:,}",
    )


def without_commands(verdict: Verdict, series: RunSeries) -> Verdict:
    """Suggest a run's own rate before a smaller one that was not tried, where commands had raised it."""
    if not verdict.changes or verdict.was_tried or _factor(_rate_commands(series)) <= 1.0:
        return verdict
    return replace(verdict, changes={}, is_without_commands=True)


def untold_text(spec: RunSpec) -> str:
    """The same run without its commands, in words."""
    return f"its own rate, lr={short_value(spec.hyperparameters['lr'])}, and no command"


def _rate_commands(series: RunSeries) -> list[CommandMark]:
    """Its own: those of a fork's parent are in its log too."""
    told: list[CommandMark] = []
    for one in series.commands:
        if one.command == BRANCHED:
            told = []
        elif one.command == "rate":
            told.append(one)
    return told


def _factor(told: list[CommandMark]) -> float:
    """What they made of the rate."""
    return prod(one.value or 1.0 for one in told)


def _where(told: list[CommandMark]) -> str:
    if len(told) == 1:
        return f"at step {told[0].step:,}"
    return f"by {len(told)} commands, the first at step {told[0].step:,}, the last at step {told[-1].step:,}"


def _what_came(series: RunSeries, found: Evidence | None) -> str:
    if found is None:
        reason = series.ended.reason if series.ended else ""
        return reason or "after that the loss is not finite"
    if found.last_lr is None or found.last_loss is None:
        return growth_text(found)
    return (
        f"at {found.last_lr:.3g} the loss came to {found.last_loss:.3g} and is not finite from step {found.step:,} on"
    )
