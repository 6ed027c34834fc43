"""The heat map of a sweep: two of its keys as rows and columns, in each cell the best point that has these two values.

What is shown here is as it stands: a cell may wait, run, or hold a figure. Screen and figures draw the same map.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tui_optim.report.heat_axes import HeatAxis, make_axis, map_keys, place_of, usual_axes
from tui_optim.report.statistics import quick_mean, sd
from tui_optim.report.sweep_table import SweepView, TrialStanding
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.sweeps.expected import expected_points
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.trial import Trial, Verdict

CellState = Literal["none", "awaited"] | TrialStanding
"""'none': no point of the sweep is here; 'awaited': one will be asked for."""

_FOREMOST: tuple[CellState, ...] = (
    "finished", "running", "paused", "queued", "pruned", "diverged", "stopped", "failed", "awaited",
)  # fmt: skip
"""Of several points in a cell the one in the earliest of these states is shown."""
OPEN: frozenset[CellState] = frozenset({"awaited", "queued", "running", "paused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """Where a row meets a column."""

    state: CellState = "none"
    point: Point | None = None
    """The one that is shown: the best of those that have finished, else one that is under way, else how it ended."""
    trials: tuple[Trial, ...] = ()
    value: float | None = None
    """The metric: mean over the seeds that are on equal terms (`averaged`); where all run or were pruned, as far as they came."""
    sd: float | None = None
    """Over the seeds, where there are two or more."""
    epoch: int = 0
    """Epochs that all its trials have done together."""
    epochs: int = 0
    """Those that they will have done, with the seeds that are still to be asked for."""
    ended_after: tuple[int, int] | None = None
    """Fewest and most epochs of the trials that ended as the cell's state says; None where nothing has ended early."""
    rank: float | None = None
    """0 for the best finished cell, 1 for the worst, equal steps between; among the cells of the same scenario."""
    is_winner: bool = False
    """Whether the point is the best so far of its arm."""
    num_points: int = 0
    """Points of the sweep that fall here, as far as they are known."""
    num_open: int = 0
    """Of these, points that are not over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """A map as it stood when its sweep was read."""

    rows: HeatAxis
    columns: HeatAxis
    cells: tuple[tuple[HeatCell, ...], ...]
    """By row and column."""
    metric: str
    is_minimised: bool
    folded: tuple[str, ...] = ()
    """Keys with several values that are neither rows nor columns: a cell shows the best point over them."""


def heat_map(view: SweepView, *, rows: str | None = None, columns: str | None = None) -> HeatMap:
    """The map of a sweep whose searched keys all have listed values (`map_keys` is not empty).

    Args:
        view: the sweep with its trials and runs.
        rows, columns: two different ones of `map_keys`; the usual ones if None.
    """
    spec, plan = view.sweep.spec, view.sweep.spec.plan
    usual = usual_axes(plan)
    keys = (rows or usual[0], usual[1] if columns is None else columns)
    expected = expected_points(spec)
    judged = {verdict.point: verdict for verdict in view.verdicts}
    points = list(dict.fromkeys([*expected, *judged]))
    places = [place_of(plan, key, expected) for key in keys]
    axes = [make_axis(plan, key, place, points) for key, place in zip(keys, places, strict=True)]
    winners = {verdict.point for verdict in view.winners}
    found: dict[tuple[Value, ...], list[HeatCell]] = {}
    for point in points:
        cell = _cell(view, point, judged.get(point), is_winner=point in winners)
        found.setdefault(tuple(place(point) for place in places), []).append(cell)
    grid = [
        [_shown(found.get((row, column), ()), is_minimised=plan.is_minimised) for column in axes[1].values]
        for row in axes[0].values
    ]
    ranks = _ranks([cell for line in grid for cell in line], is_minimised=plan.is_minimised)
    return HeatMap(
        rows=axes[0].shown,
        columns=axes[1].shown,
        cells=tuple(tuple(_ranked(cell, ranks) for cell in line) for line in grid),
        metric=plan.metric,
        is_minimised=plan.is_minimised,
        folded=tuple(key for key in map_keys(plan) if key not in keys),
    )


def standing(view: SweepView, verdict: Verdict) -> HeatCell:
    """How one point stands, as a cell of its own."""
    is_winner = verdict.point in {winner.point for winner in view.winners}
    return _cell(view, verdict.point, verdict, is_winner=is_winner)


def _cell(view: SweepView, point: Point, verdict: Verdict | None, *, is_winner: bool) -> HeatCell:
    if verdict is None:
        return HeatCell(state="awaited", point=point, num_points=1, num_open=1)
    plan, trials = view.sweep.spec.plan, verdict.trials
    state = _state(view, verdict)
    values = [value for trial in view.averaged(verdict) if (value := _value(view, trial)) is not None]
    return HeatCell(
        state=state,
        point=point,
        trials=trials,
        value=quick_mean(values) if values else None,
        sd=sd(values) if len(values) > 1 else None,
        epoch=sum(_epoch(view, trial) for trial in trials),
        ended_after=_ended_after(view, trials, state),
        epochs=_epochs(view, trials[0]) * max(len(trials), len(plan.seeds)),
        is_winner=is_winner and state == "finished",
        num_points=1,
        num_open=int(state in OPEN),
    )


def _state(view: SweepView, verdict: Verdict) -> CellState:
    """Of several seeds an outcome that decides comes first, then what is under way."""
    states = [view.standing(trial) for trial in verdict.trials]
    for state in ("failed", "stopped", "diverged", "pruned", "running", "paused", "queued"):
        if state in states:
            return state
    is_whole = len(states) >= len(view.sweep.spec.plan.seeds)
    return "running" if not is_whole and view.sweep.status.state == "running" else "finished"


def _value(view: SweepView, trial: Trial) -> float | None:
    if trial.state != "running":
        return trial.value
    run = view.runs.get(trial.run_id)
    result = run.status.result if run is not None else None
    return getattr(result, view.sweep.spec.plan.metric) if result is not None and result.epoch > 0 else None


def _epoch(view: SweepView, trial: Trial) -> int:
    run = view.runs.get(trial.run_id)
    return len(trial.curve) if run is None or trial.state == "pruned" else run.status.epoch


def _ended_after(view: SweepView, trials: Iterable[Trial], state: CellState) -> tuple[int, int] | None:
    """Of several seeds each ended by itself: what they have done together says nothing."""
    if state in OPEN or state == "finished":
        return None
    ends = [_epoch(view, trial) for trial in trials if view.standing(trial) == state]
    return (min(ends), max(ends)) if ends else None


def _epochs(view: SweepView, trial: Trial) -> int:
    run = view.runs.get(trial.run_id)
    return run.info.spec.epochs if run is not None else view.sweep.spec.trial_run(trial.point, trial.seed).epochs


def _shown(here: Sequence[HeatCell], *, is_minimised: bool) -> HeatCell:
    """One cell for all points of a place."""
    if not here:
        return HeatCell()
    sign = 1.0 if is_minimised else -1.0

    def key(cell: HeatCell) -> tuple[int, bool, float]:
        value = math.nan if cell.value is None else sign * cell.value
        return _FOREMOST.index(cell.state), math.isnan(value), 0.0 if math.isnan(value) else value

    first = min(here, key=key)
    return replace(first, num_points=len(here), num_open=sum(cell.num_open for cell in here))


def _ranks(cells: Sequence[HeatCell], *, is_minimised: bool) -> dict[tuple[str, float], float]:
    """(scenario, value) → rank, of finished cells with a finite value."""
    by_scenario: dict[str, set[float]] = {}
    for cell in cells:
        if cell.state == "finished" and cell.point and cell.value is not None and math.isfinite(cell.value):
            by_scenario.setdefault(cell.point.scenario, set()).add(cell.value)
    return {
        (scenario, value): index / max(1, len(values) - 1)
        for scenario, values in by_scenario.items()
        for index, value in enumerate(sorted(values, reverse=not is_minimised))
    }


def _ranked(cell: HeatCell, ranks: dict[tuple[str, float], float]) -> HeatCell:
    if cell.state != "finished" or cell.point is None or cell.value is None:
        return cell
    return replace(cell, rank=ranks.get((cell.point.scenario, cell.value)))
