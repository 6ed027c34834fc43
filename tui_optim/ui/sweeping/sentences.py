"""What the sweeps screen says in words: about a sweep, about a plan before its start, about the point under the cursor."""

import math

from textual.content import Content

from tui_optim.report.cells import format_cell, plain_text
from tui_optim.report.heatmap import HeatCell, HeatMap
from tui_optim.report.sweep_choice import choice_sentences
from tui_optim.report.sweep_table import SweepView
from tui_optim.spec.seeds import format_seeds
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.space import format_dimension
from tui_optim.spec.sweeps.trial import SweepState, TrialState
from tui_optim.ui.names import sweep_name
from tui_optim.ui.sweeping.heat_cells import (
    GLYPHS,
    NUM_LEVELS,
    WORDS,
    explained,
    extremes,
    figure,
    metric_column,
    progress_text,
)
from tui_optim.ui.sweeping.watch import SweepPicture, SweepRow

SWEEP_GLYPHS: dict[SweepState, str] = {"running": "▶", "paused": "‖", "stopped": "□", "finished": "✓", "failed": "✗"}
SWEEP_COLOURS: dict[SweepState, str] = {
    "running": "$primary",
    "paused": "$accent",
    "stopped": "$quiet",
    "finished": "$success",
    "failed": "$error",
}
_TOLD: tuple[TrialState, ...] = ("pruned", "diverged", "stopped", "failed")
START_PLAN = (
    "⟪sweep-list.open:enter⟫ says how many runs this is and how long it takes; there ⟪start-sweep.yes:s⟫ starts it."
)
NO_SWEEPS = "No sweep yet.\n⟪sweep.new:n⟫ makes one of the presets\nmarked on the main screen."


def row_text(row: SweepRow, *, number: int | None = None) -> Content:
    """Two lines of the list; `number` tells a sweep from others of the same name, the first being 1."""
    sweep, progress = row.sweep, row.progress
    state = sweep.status.state
    best = ""
    if progress.best is not None:
        best = f"  best {figure(sweep.spec.plan.metric, progress.best.value)}"
    return Content.assemble(
        (f"{SWEEP_GLYPHS[state]} ", SWEEP_COLOURS[state]),
        sweep_name(sweep.spec.plan),
        "\n",
        (f"  {progress.text}{best}{'' if number is None else f'  no. {number}'}", "$quiet"),
    )


def about_sweep(picture: SweepPicture) -> Content:
    """State, progress and rules of a sweep, in two or three lines."""
    sweep, plan = picture.view.sweep, picture.view.sweep.spec.plan
    status = sweep.status
    stage = ", the winners train" if status.stage == "final" and status.state == "running" else ""
    state = f"{SWEEP_GLYPHS[status.state]} {status.state}{stage}"
    others = [f"{GLYPHS[word]} {status.counts[word]}" for word in _TOLD if status.counts.get(word)]
    lines = [
        Content.assemble(
            (state, SWEEP_COLOURS[status.state]),
            f"  {picture.progress.text} runs",
            ("".join(f"  {other}" for other in others), "$quiet"),
        ),
        Content.assemble((_rules(plan), "$quiet")),
    ]
    lines += [Content.assemble((plain_text(status.reason), "$warning"))] if status.reason else []
    if count := picture.view.num_waited_for:
        paused = (
            "a trial that is paused: resume the sweep" if count == 1 else f"{count} paused trials: resume the sweep"
        )
        lines += [Content.assemble((f"waits for {paused}", "$warning"))]
    if plan.final.winner == "overall" and status.stage == "final":
        lines += [Content(f"★ {sentence}") for sentence in choice_sentences(picture.view)[:1]]
    return Content("\n").join(lines)


def about_plan(name: str, plan: SweepPlan) -> Content:
    """A ready-made sweep before its start."""
    searched = [f"rate of {plan.tuned}"] if plan.search == "rate" else []
    searched += [format_dimension(key, dimension) for key, dimension in plan.space.items()]
    facts = [
        ("scenarios", ", ".join(plan.scenarios)),
        ("presets", ", ".join(plan.presets)),
        ("searched", "  ".join(searched)),
        ("rules", _rules(plan)),
    ]
    width = max(len(title) for title, _ in facts)
    return Content.assemble(
        (sweep_name(plan), "bold"),
        (f"  {name}\n\n", "$quiet"),
        f"{plain_text(plan.about)}\n\n" if plan.about else "",
        *((f"{title:<{width}}  {plain_text(text)}\n") for title, text in facts),
        ("\n", ""),
    )


def legend_items(drawn: HeatMap) -> list[Content]:
    """The colours with the figures at their ends, the signs that occur, and what has been folded."""
    items: list[Content] = []
    ends = extremes(cell for line in drawn.cells for cell in line)
    if ends is not None:
        best, worst = (figure(drawn.metric, cell.value or 0.0) for cell in ends)
        swatches = [("  ", f"on $heat-{level}") for level in range(NUM_LEVELS)]
        items.append(Content.assemble((f"{best} ", "$quiet"), *swatches, (f" {worst}", "$quiet")))
    items += [Content.styled(f"{glyph} {word}", "$quiet") for glyph, word in explained(drawn)]
    if drawn.folded:
        names = " and ".join("presets" if name == "arm" else name for name in drawn.folded)
        items.append(Content.styled(f"a cell shows the best over {names}", "$quiet"))
    return items


def cell_sentence(view: SweepView, cell: HeatCell) -> Content:
    """The point under the cursor: values, metric, state, reason, time."""
    plan = view.sweep.spec.plan
    if cell.point is None:
        return Content.assemble(("The sweep has no point here.", "$quiet"))
    scenario = f" on {cell.point.scenario}" if len(plan.scenarios) > 1 else ""
    words = [("★ " if cell.is_winner else "") + cell.point.text + scenario]
    if cell.value is not None and cell.state != "awaited":
        words.append(f"{plan.metric} {_with_spread(plan, cell)}")
    state = WORDS[cell.state]
    if cell.state in ("running", "paused"):
        state += f", {progress_text(cell)}" + (" epochs" if len(cell.trials) == 1 else "")
    elif cell.state in ("pruned", "diverged", "stopped", "failed") and cell.epoch:
        state += f" after {cell.epoch} epoch{'s' if cell.epoch > 1 else ''}"
    words.append(state)
    if times := [
        run.status.result.train_time_s
        for trial in cell.trials
        if (run := view.runs.get(trial.run_id)) is not None and run.status.result is not None
    ]:
        words.append(f"{sum(times):.1f} s")
    if cell.num_points > 1:
        words.append(f"the best of {cell.num_points} points here")
    reasons = dict.fromkeys(trial.reason for trial in cell.trials if trial.reason)
    return Content.assemble(
        plain_text(" · ".join(words)), *((f"\n{plain_text(reason)}", "$warning") for reason in reasons)
    )


def _with_spread(plan: SweepPlan, cell: HeatCell) -> str:
    assert cell.value is not None
    column = metric_column(plan.metric)
    unit = " %" if column.kind == "percent" else ""
    spread = f" ± {format_cell(column, cell.sd)}" if cell.sd is not None and math.isfinite(cell.sd) else ""
    seeds = sum(trial.state == "finished" for trial in cell.trials)
    over = f" ({seeds} of {len(plan.seeds)} seeds)" if len(plan.seeds) > 1 else ""
    return f"{format_cell(column, cell.value)}{unit}{spread}{over}"


def _rules(plan: SweepPlan) -> str:
    words = [plan.search, f"{'lowest' if plan.is_minimised else 'highest'} {plan.metric}"]
    words += [f"seed{'s' if len(plan.seeds) > 1 else ''} {format_seeds(plan.seeds)}"]
    words += [f"{plan.epochs} epochs"] if plan.epochs else []
    words += ["median pruning"] if plan.prune == "median" else []
    words += [f"final seeds {format_seeds(plan.final.seeds)}"] if plan.final.seeds else []
    words += ["one winner of all presets"] if plan.final.winner == "overall" else []
    return " · ".join(words)
