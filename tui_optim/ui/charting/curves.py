"""From runs to the lines of a chart: a line with a band for each setting, or a line for each run."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from tui_optim.report.bands import BAND_KINDS, BAND_NAMES, BandKind, Seeds
from tui_optim.report.series import AXIS_NAMES, WITHOUT_SPLIT, Axis, Quantity, Split, is_smoothable
from tui_optim.report.statistics import SEEDS_FOR_INFERENCE
from tui_optim.spec.events import AT_THEIR_END
from tui_optim.ui.board import Board
from tui_optim.ui.charting.axis import Pattern
from tui_optim.ui.charting.band_cache import BandCache
from tui_optim.ui.charting.marks import Pointer
from tui_optim.ui.charting.overlay import Overlay, Shown
from tui_optim.ui.charting.series import RAW, ChartLimits, ChartSeries
from tui_optim.ui.charting.shading import SAMPLE
from tui_optim.ui.names import setting_names, short_names

SplitChoice = Literal["all", "train", "val", "test"]
SPLIT_CHOICES: tuple[SplitChoice, ...] = get_args(SplitChoice)
Spread = BandKind | Literal["runs"]
"""How the seeds of a setting are drawn: one line with a band of this kind, or a line for each."""
SPREADS: tuple[Spread, ...] = (*BAND_KINDS, "runs")
SPREAD_NAMES: Mapping[Spread, str] = {"runs": "single runs", **{kind: BAND_NAMES[kind] for kind in BAND_KINDS}}
PATTERNS: dict[Split, Pattern] = {"train": "solid", "val": "dashed", "test": "dotted"}
PARTING = "╨"
"""Stands on the x axis where two bands part."""
AXES_IN_TURN = tuple(AXIS_NAMES)
_HELD_OUT_FIRST: tuple[Split, ...] = ("val", "test", "train")
_UNCOMPARED: tuple[Quantity, ...] = ("lr", "grad_norm", "throughput")
"""Where two bands of these part says nothing of which is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What of the shown runs is drawn, and against which x."""

    axis: Axis = "epoch"
    split: SplitChoice = "all"
    spread: Spread = "sd"
    alone: str | None = None
    """The only run to draw, where the user opened one."""

    @property
    def splits(self) -> Sequence[Split]:
        """The splits that are drawn."""
        return ("train", "val", "test") if self.split == "all" else (self.split,)

    def pattern(self, split: Split) -> Pattern:
        """How a split is drawn: one that is alone is not told apart by dashes, which would be lost in a band."""
        return PATTERNS[split] if self.split == "all" else "solid"

    def splits_of(self, quantity: Quantity) -> Sequence[Split]:
        """The splits that a quantity is drawn for; some have nothing to do with them."""
        return ("train",) if quantity in WITHOUT_SPLIT else self.splits

    def patterns_of(self, quantity: Quantity) -> list[tuple[Pattern, Split | None]]:
        """The kinds of lines of a quantity, each with its split where it has one."""
        return [
            (self.pattern(split), None if quantity in WITHOUT_SPLIT else split) for split in self.splits_of(quantity)
        ]

    def with_next_axis(self) -> "Selection":
        """Turn x."""
        return replace(self, axis=AXES_IN_TURN[(AXES_IN_TURN.index(self.axis) + 1) % len(AXES_IN_TURN)])

    def with_next_split(self) -> "Selection":
        """All splits, then each of them."""
        return replace(self, split=SPLIT_CHOICES[(SPLIT_CHOICES.index(self.split) + 1) % len(SPLIT_CHOICES)])

    def with_next_spread(self) -> "Selection":
        """Each kind of band, then the single runs."""
        return replace(self, spread=SPREADS[(SPREADS.index(self.spread) + 1) % len(SPREADS)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A setting on the charts."""

    shown: Shown
    seeds: Seeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """From where on two bands do not overlap."""

    x: float
    split: Split

    @property
    def pointer(self) -> Pointer:
        """Its mark on the chart."""
        return Pointer(x=self.x, marker=PARTING)


def entries_of(board: Board, overlay: Overlay, *, alone: str | None = None) -> list[Entry]:
    """What an overlay shows, or one of its runs alone."""
    if alone is None:
        found = [Entry(shown=shown, seeds=board.seeds(shown)) for shown in overlay.entries]
    else:
        slot = overlay.slot(alone)
        one = Shown(slot=slot or 0, run_ids=(alone,))
        found = [Entry(shown=one, seeds=board.seeds(one))] if slot is not None else []
    return [entry for entry in found if entry.seeds.runs]


def chart_series(
    entries: Sequence[Entry], quantity: Quantity, selection: Selection, bands: BandCache, *, smoothing: float = 0.0
) -> list[ChartSeries]:
    """The lines for each setting and split; accuracies in percent. What is smoothed has the raw curve behind it."""
    return [
        one
        for entry in entries
        for split in selection.splits_of(quantity)
        for one in _all_lines(entry, quantity, split, selection, bands, smoothing)
    ]


def parting_of(entries: Sequence[Entry], quantity: Quantity, selection: Selection, bands: BandCache) -> Parting | None:
    """Where the bands of two settings part; None where not exactly two are drawn, or they overlap to the end."""
    if len(entries) != 2 or selection.spread == "runs" or quantity in _UNCOMPARED:
        return None
    for split in [one for one in _HELD_OUT_FIRST if one in selection.splits_of(quantity)]:
        a, b = (bands.band(one.seeds, quantity, split, selection.axis, selection.spread) for one in entries)
        if a.xs and b.xs:
            x = bands.parting(a, b)
            return None if x is None else Parting(x=x, split=split)
    return None


def parting_remark(found: Mapping[Quantity, Parting | None]) -> str:
    """For the legend: where the bands of each quantity part; '' where none do."""
    words = [
        f"{quantity} from {place_text(one.x)}{'' if quantity in WITHOUT_SPLIT else f' ({one.split})'}"
        for quantity, one in found.items()
        if one is not None
    ]
    return f"{PARTING} apart: {', '.join(words)}" if words else ""


def place_text(x: float) -> str:
    """A place on an x axis, short."""
    return f"{x:,.0f}" if x >= 1000 else f"{x:.3g}"


def legend_names(entries: Sequence[Entry], selection: Selection) -> list[tuple[int, str, str]]:
    """(slot, marker, name) of what is drawn; a setting of several seeds with how many of them are at their end: ×3/5, or ×5."""
    if selection.alone is not None:
        names = short_names([run for entry in entries for run in entry.seeds.runs])
    else:
        names = setting_names([entry.seeds for entry in entries])
    return [
        (entry.shown.slot, entry.shown.marker, f"{name}{_count(entry.seeds)}")
        for entry, name in zip(entries, names, strict=True)
    ]


def scenario_remark(entries: Sequence[Entry], titled: str) -> str:
    """Of which scenario the curves are, where it is not the one that the title line names; names say where they differ."""
    found = {entry.seeds.spec.scenario for entry in entries}
    return f"on {found.pop()}" if len(found) == 1 and titled not in ("", *found) else ""


def spread_remark(entries: Sequence[Entry], spread: Spread) -> str:
    """For the legend: how the seeds are drawn; '' where no setting has several."""
    counts = [len(entry.seeds.runs) for entry in entries]
    if max(counts, default=0) < 2:
        return ""
    is_short = spread == "ci95" and min(counts) < SEEDS_FOR_INFERENCE
    few = f" ({SEEDS_FOR_INFERENCE} seeds or more)" if is_short else ""
    return f"{'' if spread == 'runs' else 2 * SAMPLE + ' '}{SPREAD_NAMES[spread]}{few}"


def fingerprint(series: Sequence[ChartSeries]) -> Hashable:
    """Differs when the picture of growing lines would."""
    return tuple((one.slot, one.pattern, len(one.xs), f"{one.xs[-1:]}{one.ys[-1:]}", one.version) for one in series)


def limits_from_zero(series: Sequence[ChartSeries]) -> ChartLimits:
    """Every x axis begins at 0."""
    return ChartLimits(x=(0.0, max((one.xs[-1] for one in series if len(one.xs)), default=0.0) or 1.0))


def drawn_patterns(series: Sequence[ChartSeries], selection: Selection) -> list[tuple[Pattern, str]]:
    """The line patterns that occur, each with the name of its split."""
    present = {one.pattern for one in series if len(one.xs)}
    return [(selection.pattern(split), split) for split in selection.splits if selection.pattern(split) in present]


def _all_lines(
    entry: Entry, quantity: Quantity, split: Split, selection: Selection, bands: BandCache, smoothing: float
) -> Iterator[ChartSeries]:
    if smoothing and is_smoothable(quantity, split):
        for raw in _lines(entry, quantity, split, selection, bands, 0.0):
            yield replace(raw, slot=RAW + raw.slot, marker="", low=(), high=(), is_behind=True)
        yield from _lines(entry, quantity, split, selection, bands, smoothing)
    else:
        yield from _lines(entry, quantity, split, selection, bands, 0.0)


def _lines(
    entry: Entry, quantity: Quantity, split: Split, selection: Selection, bands: BandCache, smoothing: float
) -> Iterator[ChartSeries]:
    factor = 100.0 if quantity == "accuracy" else 1.0
    slot, marker, pattern = entry.shown.slot, entry.shown.marker, selection.pattern(split)
    if len(entry.seeds.runs) == 1 or selection.spread == "runs":
        for series in entry.seeds.series:
            xs, ys = series.curve(quantity, split, selection.axis, smoothing=smoothing)
            yield ChartSeries(xs=xs, ys=_times(factor, ys), slot=slot, marker=marker, pattern=pattern)
        return
    band = bands.band(entry.seeds, quantity, split, selection.axis, selection.spread, smoothing=smoothing)
    yield ChartSeries(
        xs=band.xs,
        ys=_times(factor, band.centre),
        slot=slot,
        marker=marker,
        pattern=pattern,
        low=_times(factor, band.low),
        high=_times(factor, band.high),
        version=band,
    )


def _count(seeds: Seeds) -> str:
    num_runs = len(seeds.runs)
    num_over = sum(run.status.state in AT_THEIR_END for run in seeds.runs)
    return "" if num_runs == 1 else f" ×{num_runs}" if num_over == num_runs else f" ×{num_over}/{num_runs}"


def _times(factor: float, values: Sequence[float]) -> Sequence[float]:
    return values if factor == 1.0 else [factor * value for value in values]
