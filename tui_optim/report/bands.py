"""One curve for the seeds of a setting, with a band around it, and where two such bands part.

How runs count that are not equally long: a finished run keeps its last value until the last run of its setting ends; one that
is still going, or was stopped, does not count beyond its last point; a diverged run counts to the end, with chance accuracy
and infinite loss. `Band.counts` says over how many runs each point is taken, `Band.num_runs` how many there are.

Standard library only: the screen's process computes with it, many times a second.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from tui_optim.report.comparison import run_key
from tui_optim.report.failure import failed_value
from tui_optim.report.series import Axis, Quantity, RunSeries, Split
from tui_optim.report.statistics import SEEDS_FOR_INFERENCE, quick_mean, t_quantile
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun

BandKind = Literal["sd", "range", "quartiles", "ci95"]
Item = TypeVar("Item")
BAND_KINDS: tuple[BandKind, ...] = get_args(BandKind)
BAND_NAMES: dict[BandKind, str] = {
    "sd": "± sd",
    "range": "min–max",
    "quartiles": "25–75 %",
    "ci95": "95 % CI",
}
_UNJUDGED: tuple[Quantity, ...] = ("lr", "grad_norm", "throughput")
"""What a run is not judged by: one that diverged has no worst value of it."""
MAX_POINTS = 250
"""A longer curve is sampled at this many of its points: two for each column of a wide terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """Runs in any state that differ in the seed alone, by seed, each with its curves."""

    runs: tuple[StoredRun, ...]
    series: tuple[RunSeries, ...]

    @property
    def spec(self) -> RunSpec:
        """That of its first run."""
        return self.runs[0].info.spec

    @property
    def commands(self) -> str:
        """What its runs were told that changed their numbers; '' where nothing."""
        return self.runs[0].status.commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A curve over several runs; accuracies are fractions. All tuples are equally long; what is not finite is a gap."""

    xs: tuple[float, ...]
    centre: tuple[float, ...]
    low: tuple[float, ...]
    """Lower edge; NaN where nothing can be said: fewer than two runs, for an interval of the mean fewer than five."""
    high: tuple[float, ...]
    counts: tuple[int, ...]
    """Over how many runs each point is taken."""
    num_runs: int
    """How many runs the setting has, those without a point included."""


def group_seeds(runs: Sequence[StoredRun], series: Mapping[str, RunSeries]) -> list[Seeds]:
    """Group runs by everything but the seed, in the order of their first runs; of equal runs the newest counts.

    `series` has their curves by run id; a run without any is one that has not begun.
    """
    groups: dict[tuple[object, ...], dict[int, StoredRun]] = {}
    for run in runs:
        groups.setdefault(run_key(run), {})[run.info.spec.seed] = run
    found: list[Seeds] = []
    for by_seed in groups.values():
        members = tuple(by_seed[seed] for seed in sorted(by_seed))
        found.append(Seeds(runs=members, series=tuple(series.get(run.run_id) or RunSeries() for run in members)))
    return found


def make_band(
    seeds: Seeds,
    quantity: Quantity,
    split: Split,
    axis: Axis,
    *,
    kind: BandKind = "sd",
    smoothing: float = 0.0,
) -> Band:
    """The curve of a setting: the mean of its runs.

    Points are those of the runs where all have the same, as steps and epochs usually are; else those of all runs, with
    straight lines between the points of each.

    Args:
        seeds: the runs.
        quantity: what is drawn.
        split: of the data; without meaning for what has none.
        axis: the x.
        kind: 'sd' is the mean ± the sample standard deviation, 'range' from the lowest to the highest run, 'quartiles' the
            middle half of the runs, 'ci95' the confidence interval of the mean by Student's t (1908), for five runs or more.
            'sd' and 'ci95' may reach below 0, where a log axis ends.
        smoothing: weight of an exponential moving average of each run, of which the band is taken; see `RunSeries.curve`.
    """
    members = [
        _member(run, series, quantity, split, axis, smoothing=smoothing)
        for run, series in zip(seeds.runs, seeds.series, strict=True)
    ]
    begun = [member for member in members if member.xs]
    grid, columns = _on_common_grid(begun)
    rows = [[_counted(y, quantity) for y in row if y is not None] for row in zip(*columns, strict=True)]
    edges = list(_edges(rows, kind))
    return Band(
        xs=tuple(grid),
        centre=tuple(quick_mean(row) if row else math.nan for row in rows),
        low=tuple(low for low, _ in edges),
        high=tuple(high for _, high in edges),
        counts=tuple(map(len, rows)),
        num_runs=len(seeds.runs),
    )


def values_at(seeds: Seeds, quantity: Quantity, split: Split, axis: Axis, x: float) -> list[float]:
    """What the runs that count at x have there, between their points on straight lines."""
    members = [
        _member(run, series, quantity, split, axis) for run, series in zip(seeds.runs, seeds.series, strict=True)
    ]
    values = [value for one in members if one.xs and one.xs[0] <= x for value in _placed(one, [x])]
    return [_counted(value, quantity) for value in values if value is not None]


def separation(a: Band, b: Band) -> float | None:
    """The x from which on one band lies above the other until the end of what both cover; None where that is nowhere.

    Bands that touch overlap, and so do gaps in them.
    """
    if not a.xs or not b.xs:
        return None
    first, last = max(a.xs[0], b.xs[0]), min(a.xs[-1], b.xs[-1])
    xs = [x for x in sorted({*a.xs, *b.xs}) if first <= x <= last]
    edges = zip(*(_interpolated(one.xs, ys, xs) for one in (a, b) for ys in (one.low, one.high)), strict=True)
    sides = [1 if a_low > b_high else -1 if b_low > a_high else 0 for a_low, a_high, b_low, b_high in edges]
    found: float | None = None
    for x, side in zip(reversed(xs), reversed(sides), strict=True):
        if side == 0 or side != sides[-1]:
            break
        found = x
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A run's curve, and its value after the last point; None where it does not count there."""

    xs: Sequence[float]
    ys: Sequence[float]
    after: float | None


def _member(
    run: StoredRun, series: RunSeries, quantity: Quantity, split: Split, axis: Axis, *, smoothing: float = 0.0
) -> _Member:
    xs, ys = series.curve(quantity, split, axis, smoothing=smoothing)
    if run.status.state == "finished":
        return _Member(xs=xs, ys=ys, after=ys[-1] if ys else None)
    if run.status.state != "diverged" or quantity in _UNJUDGED or not (xs or split == "train"):
        return _Member(xs=xs, ys=ys, after=None)
    failed = failed_value(run.info.spec, quantity)
    if failed is None:  # there are no classes, and no such curve
        return _Member(xs=xs, ys=ys, after=None)
    end = series.curve("loss", "train", axis)[0][-1:] or xs[-1:]  # the bin in which it diverged
    before = bisect_left(xs, end[0]) if end else 0
    return _Member(xs=[*xs[:before], *end], ys=[*ys[:before], *[failed] * len(end)], after=failed)


def _counted(y: float, quantity: Quantity) -> float:
    """A loss or a gap that is no number is worse than any."""
    return y if quantity not in ("loss", "gap") or math.isfinite(y) else math.inf


def _on_common_grid(members: Sequence[_Member]) -> tuple[Sequence[float], list[Sequence[float | None]]]:
    """The xs and, for each member, what it has there."""
    longest: Sequence[float] = max((member.xs for member in members), key=len, default=())
    if all(member.xs == longest[: len(member.xs)] for member in members):
        chosen = _sampled(range(len(longest)))
        return [longest[i] for i in chosen], [_picked(member, chosen) for member in members]
    first = max(member.xs[0] for member in members)
    grid = _sampled(sorted({x for member in members for x in member.xs if x >= first}))
    return grid, [_placed(member, grid) for member in members]


def _sampled(items: Sequence[Item]) -> Sequence[Item]:
    """All items, or `MAX_POINTS` of them with the first and the last."""
    if len(items) <= MAX_POINTS:
        return items
    last = len(items) - 1
    return [items[number * last // (MAX_POINTS - 1)] for number in range(MAX_POINTS)]


def _picked(member: _Member, chosen: Sequence[int]) -> Sequence[float | None]:
    inside = bisect_left(chosen, len(member.ys))
    return [*(member.ys[i] for i in chosen[:inside]), *[member.after] * (len(chosen) - inside)]


def _placed(member: _Member, grid: Sequence[float]) -> Sequence[float | None]:
    inside = bisect_left(grid, math.nextafter(member.xs[-1], math.inf))
    return [*_interpolated(member.xs, member.ys, grid[:inside]), *[member.after] * (len(grid) - inside)]


def _interpolated(xs: Sequence[float], ys: Sequence[float], at: Sequence[float]) -> Iterator[float]:
    """Straight lines between the points; `at` rises and lies within xs. A point that is no number spoils its lines only."""
    i = 0
    for x in at:
        i = bisect_left(xs, x, i)
        if xs[i] == x:
            yield ys[i]
        else:
            t = (x - xs[i - 1]) / (xs[i] - xs[i - 1])
            yield (1.0 - t) * ys[i - 1] + t * ys[i]


def _edges(rows: Sequence[Sequence[float]], kind: BandKind) -> Iterator[tuple[float, float]]:
    """Lower and upper edge of the runs at each x."""
    sizes = {len(row) for row in rows}
    factors = {n: t_quantile(0.975, n - 1) / math.sqrt(n) for n in sizes if n >= SEEDS_FOR_INFERENCE}
    for row in rows:
        n = len(row)
        if n < 2 or (kind == "ci95" and n not in factors):
            yield math.nan, math.nan
        elif kind == "range":
            yield min(row), max(row)
        elif kind == "quartiles":
            ordered = sorted(row)
            yield _quantile(ordered, 0.25), _quantile(ordered, 0.75)
        else:
            mean = quick_mean(row)
            half = math.dist(row, [mean] * n) / math.sqrt(n - 1) if abs(mean) < math.inf else math.nan
            half *= factors[n] if kind == "ci95" else 1.0
            yield mean - half, mean + half


def _quantile(ordered: Sequence[float], share: float) -> float:
    """On straight lines between the runs (Hyndman and Fan 1996, definition 7); ∞ next to a run that is there."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    return low if place == below else low + (place - below) * (high - low) if high < math.inf else high
