"""What a sweep chose and why, in sentences."""

from typing import TYPE_CHECKING

from tui_optim.report.cells import Column, format_cell, loss_text
from tui_optim.report.columns import measure
from tui_optim.report.statistics import mean
from tui_optim.spec.seeds import format_seeds
from tui_optim.spec.sweeps.trial import Verdict

if TYPE_CHECKING:  # its table says these sentences
    from tui_optim.report.sweep_table import SweepView

OTHER = {"loss": "accuracy", "accuracy": "loss"}
"""What stands beside the quantity that decides."""


def choice_sentences(view: "SweepView") -> list[str]:
    """For each arm which point was chosen and why, or which one of all; none where figures are only shown.

    Where there is nothing that could be held out, as of a function to minimise, it says which was best: that is no choice.
    """
    plan = view.sweep.spec.plan
    if plan.final.winner == "overall":
        return [sentence for verdict in view.winners for sentence in _overall(view, verdict)]
    verb = f"{'chosen' if plan.holdout or plan.metric.startswith('val') else 'best'}{_so_far(view)}"
    sentences: list[str] = []
    for verdict in view.winners:
        num_points = sum(one.point.arm == verdict.point.arm for one in view.verdicts)
        if num_points < 2:
            continue  # the only one
        sentences.append(
            f"{verb}: {_named(view, verdict)}, {_word(view)} {plan.metric} ({loss_text(verdict.value)}, last epoch, "
            f"{_over(view)}) of {num_points} points"
        )
    return sentences


def _overall(view: "SweepView", winner: Verdict) -> list[str]:
    """The one winner with its runner-up, and what is trained with its values."""
    plan, final = view.sweep.spec.plan, view.sweep.spec.plan.final
    here = [one for one in view.ranked() if one.point.scenario == winner.point.scenario]
    others = [one for one in here if one.point != winner.point and one.value == one.value]
    text = (
        f"chosen{_so_far(view)} over all presets: {_named(view, winner)}, by the {_word(view)} {plan.metric} at the last epoch "
        f"({_over(view)}): {_figures(view, winner)}, of {len(here)} points"
    )
    text += f"; the runner-up {others[0].point.text} had {_figures(view, others[0])}" if others else ""
    sentences = [text]
    if final.seeds:
        presets = " and ".join(dict.fromkeys((winner.point.preset, *plan.presets)))
        length = f"{final.epochs} epochs, " if final.epochs else ""
        seeds = f"seed{'s' if len(final.seeds) > 1 else ''} {format_seeds(final.seeds)}"
        tested = "; the test set is evaluated once, at their ends" if final.test_once else ""
        sentences.append(f"then {presets} train with these values, {length}{seeds}{tested}")
    return sentences


def _so_far(view: "SweepView") -> str:
    """Said while a trial of the search runs: its end may change the choice."""
    return " so far" if any(one.stage == "search" and one.state == "running" for one in view.trials) else ""


def _figures(view: "SweepView", verdict: Verdict) -> str:
    """The metric, and the accuracy beside a loss or the loss beside an accuracy, where there is one."""
    split, _, quantity = view.sweep.spec.plan.metric.partition("_")
    beside = measure(split, OTHER[quantity])
    found = view.figures(verdict, beside.key)
    if not found:
        return loss_text(verdict.value)
    decides = measure(split, quantity)
    return f"{_told(decides, verdict.value)} ({_told(beside, mean(found))})"


def _told(column: Column, value: float) -> str:
    """`val loss 0.3283`, `val acc. 88.03 %`."""
    is_percent = column.kind == "percent"
    return f"{column.title.removesuffix(' %')} {format_cell(column, value)}{' %' if is_percent else ''}"


def _named(view: "SweepView", verdict: Verdict) -> str:
    several = len(view.sweep.spec.plan.scenarios) > 1
    return f"{verdict.point.text} on {verdict.point.scenario}" if several else verdict.point.text


def _word(view: "SweepView") -> str:
    return "lowest" if view.sweep.spec.plan.is_minimised else "highest"


def _over(view: "SweepView") -> str:
    seeds = view.sweep.spec.plan.seeds
    return f"mean over {len(seeds)} seeds" if len(seeds) > 1 else f"seed {seeds[0]}"
