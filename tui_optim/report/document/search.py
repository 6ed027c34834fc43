"""Chapters on sweeps: what was searched and how, what was chosen by which rule, and how the search went."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from tui_optim.report.cells import loss_text
from tui_optim.report.document.blocks import Block, Commands, Facts, Notes, Section
from tui_optim.report.document.illustrate import has_figure, illustration
from tui_optim.report.figures.kinds import FigureKind, FigureRequest
from tui_optim.report.responses import grids, responses
from tui_optim.report.series import RunSeries
from tui_optim.report.sweep_choice import choice_sentences
from tui_optim.report.sweep_table import SweepView, sweep_table
from tui_optim.report.tried import choosing_measure, tried, usual_parameter
from tui_optim.spec.seeds import format_seeds
from tui_optim.spec.sweeps.expected import describe
from tui_optim.spec.sweeps.space import format_dimension
from tui_optim.spec.sweeps.trial import final_points

MAX_POINTS = 60
"""More points are not listed one by one."""
MIN_VALUES = 3
"""A sensitivity of fewer says nothing that the table does not."""


def on_scenario(view: SweepView, scenario: str) -> SweepView:
    """A sweep as far as it is about one of its scenarios."""
    return replace(view, trials=[trial for trial in view.trials if trial.point.scenario == scenario])


def search_summary(view: SweepView, scenario: str) -> str:
    """What a sweep chose on a scenario, and why."""
    nothing = "nothing is chosen" if view.sweep.spec.is_for_showing else "no point finished with all its seeds"
    chosen = "; ".join(choice_sentences(on_scenario(view, scenario))) or nothing
    return f"{view.sweep.spec.scenario(scenario).title}, sweep {view.sweep.sweep_id}: {chosen}."


def search_section(view: SweepView, scenario: str, series: Mapping[str, RunSeries], *, has_figures: bool) -> Section:
    """Space, rule, counts and choices; the points from the best to the worst; figures; the command."""
    here = on_scenario(view, scenario)
    about = "Chosen on held-out data" if view.sweep.spec.plan.holdout else "Shown, not chosen"
    table = sweep_table(here)
    told = {*choice_sentences(here), f"command: {view.sweep.spec.command}"}
    notes = [note for note in table.notes if note not in told]
    if len(table.rows) > MAX_POINTS:
        notes.insert(0, f"the first {MAX_POINTS} of {len(table.rows)} points; tui-optim export has them all")
    points = replace(
        table,
        title="Points tried",
        rows=table.rows[:MAX_POINTS],
        best=frozenset(place for place in table.best if place[0] < MAX_POINTS),
        notes=(),
        file_columns=(),
        file_rows=(),
    )
    blocks: list[Block] = [Facts(tuple(_facts(here))), points, Notes(tuple(notes))]
    blocks += _illustrations(here, scenario, series) if has_figures else []
    blocks.append(Commands((view.sweep.spec.command,)))
    return Section(title=f"{about}: sweep {view.sweep.sweep_id}", level=3, blocks=tuple(blocks))


def _facts(view: SweepView) -> Iterable[tuple[str, str]]:
    plan, judged, winners = view.sweep.spec.plan, view.verdicts, {one.point.arm: one for one in view.winners}
    space = ", ".join(format_dimension(name, one) for name, one in plan.space.items())
    if plan.search == "rate":
        space = (
            f"{plan.tuned} in thirds of a decade around each preset's own, further while the best lies on the border"
        )
    yield "Space", space or "the presets as they are"
    yield "Search", f"{describe(view.sweep.spec)}; its own seed: {plan.seed}"
    seeds = format_seeds(plan.seeds)
    over = f"the mean over the tuning seeds {seeds}" if len(plan.seeds) > 1 else f"tuning seed {seeds}"
    yield "Judged by", f"the {'lowest' if plan.is_minimised else 'highest'} {plan.metric} at the last epoch, {over}"
    counts = Counter(view.standing(trial) for one in judged for trial in one.trials)
    states = ", ".join(f"{count} {state}" for state, count in counts.items())
    yield "Trials", f"{len(judged)} points, {counts.total()} runs: {states}"
    is_overall = plan.final.winner == "overall"
    for sentence in choice_sentences(view)[:1] if is_overall else ():
        yield "Chosen", sentence.removeprefix("chosen ")
    for arm in () if is_overall or view.sweep.spec.is_for_showing else dict.fromkeys(one.point.arm for one in judged):
        won = winners.get(arm)
        text = (
            f"{won.point.text} ({plan.metric} {loss_text(won.value)})"
            if won
            else "none: no point finished with all its seeds"
        )
        yield f"{'Chosen' if plan.holdout else 'Best'} of {arm[1]}", text
    if plan.final.seeds:
        yield "Winners", _winners(view)
    if view.sweep.status.state != "finished":
        yield "Sweep", f"{view.sweep.status.state}: what stands here is not all that was planned"


def _winners(view: SweepView) -> str:
    """What has been done with the chosen points, as far as it has come."""
    plan = view.sweep.spec.plan
    seeds = format_seeds(plan.final.seeds)
    finals = [trial for trial in view.trials if trial.stage == "final"]
    counts = Counter(view.standing(trial) for trial in finals)
    has_all = view.sweep.status.state == "finished"  # all that were to be made have been
    planned = len(finals) if has_all else len(final_points(view.trials, plan)) * len(plan.final.seeds)
    done = counts["finished"] + counts["diverged"]
    if finals and done >= planned:
        return f"then trained on the full training set with seeds {seeds}, and tested"
    states = ", ".join(f"{count} {state}" for state, count in counts.items())
    begun = f": {states}" if states else ""
    return (
        f"to be trained on the full training set with seeds {seeds}, and tested; {done} of {planned} runs are at their "
        f"end{begun}"
    )


def _illustrations(view: SweepView, scenario: str, series: Mapping[str, RunSeries]) -> Iterable[Block]:
    trials = [trial for one in view.verdicts for trial in one.trials]
    runs = [view.runs[trial.run_id] for trial in trials if trial.run_id in view.runs]
    measure, parameter = choosing_measure([], views=[view]), usual_parameter([view])
    points = tried([], [view], measure)
    kinds: list[tuple[FigureKind, str]] = [
        ("search", "The best so far against the number of points tried."),
        ("curves", "Losses and accuracies of the trials: training above, evaluation below."),
    ]
    if has_figure(lambda: any(len(set(one.xs)) >= MIN_VALUES for one in responses(points, parameter))):
        kinds.append(("sensitivity", f"How far the result depends on {parameter}."))
    if has_figure(lambda: any(2 * len(one.cells) >= one.num_places for one in grids(points, measure))):
        kinds.append(("heatmap", "The result over two hyper-parameters at once."))
    for kind, caption in kinds:
        name = f"{view.sweep.sweep_id}-{scenario}-{kind}"
        yield illustration(name, caption, FigureRequest(kind=kind), runs, series, views=[view])
