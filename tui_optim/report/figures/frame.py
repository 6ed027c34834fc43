"""What figures share: titles, notes and legends outside the panels, axes with their units, lines with their bands."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tui_optim.report.bands import BAND_NAMES, Band, BandKind, Seeds
from tui_optim.report.columns import GAP
from tui_optim.report.entry import is_pruned
from tui_optim.report.figures.palette import INK, PAPER, QUIET, Look
from tui_optim.report.labels import distinct, told_labels
from tui_optim.report.ranges import Range
from tui_optim.report.series import AXIS_NAMES, Axis
from tui_optim.report.statistics import SEEDS_FOR_INFERENCE
from tui_optim.spec.events import AT_THEIR_END
from tui_optim.spec.scenarios import all_scenarios
from tui_optim.spec.seeds import format_seeds

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure

WIDTH = 7.4
"""Inches: the text of a page."""
_TITLE, _NOTE_LINE, _LEGEND_ROW, _GAP = 0.34, 0.14, 0.19, 0.08
"""Inches."""
_NOTE_WIDTH = 125
_LARGEST = 2e307
_LOG_FROM = 6.0
"""A loss that spans more than this factor is drawn on a logarithmic axis."""
_X_LABELS: dict[Axis, str] = {**AXIS_NAMES, "epoch": "epochs (gradient evaluations ÷ n)", "seconds": "training seconds"}


def scenario_title(scenario: str, *, is_sample: bool) -> str:
    """The scenario's title, or its id where its file is not here; the sample is always said."""
    known = all_scenarios().get(scenario)
    return (known.title if known else scenario) + (" (sample)" if is_sample else "")


def split_title(split: str, quantity: str) -> str:
    """What an axis shows; accuracies in percent."""
    if quantity == "gap":
        return GAP.title
    name = {"train": "training", "val": "validation", "test": "test"}[split]
    return f"{name} accuracy %" if quantity == "accuracy" else f"{name} loss"


def seed_labels(groups: Sequence[Seeds]) -> list[str]:
    """Names for the legend: what the settings are, and which of their runs diverged or have not ended."""
    labels = distinct(told_labels(groups))
    return [f"{label}{_remark(seeds)}" for label, seeds in zip(labels, groups, strict=True)]


def seeds_note(num_seeds: Sequence[int]) -> str:
    """What a figure of final results is taken over."""
    return "mean over seeds" if max(num_seeds, default=1) > 1 else "one run each"


def band_note(groups: Sequence[Seeds], band: BandKind) -> str:
    """What lines and bands are, over which seeds; a band is not said where no setting has one."""
    seeds = {format_seeds(run.info.spec.seed for run in one.runs) for one in groups}
    counts = sorted({len(one.runs) for one in groups})
    over = f"seeds {seeds.pop()}" if len(seeds) == 1 else f"{counts[0]} to {counts[-1]} seeds"
    if counts[-1] == 1:
        return (
            f"one run each ({over.replace('seeds', 'seed', 1)})"
            if len(counts) == 1 and "to" not in over
            else "one run each"
        )
    text = f"lines: mean over {over}; bands: {BAND_NAMES[band]}"
    if band == "ci95":
        text += f" of the mean (Student's t), from {SEEDS_FOR_INFERENCE} seeds on"
    return text


def height_around(labels: Sequence[str], note: str) -> float:
    """Inches that title, legend and note take."""
    return _TITLE + _legend_height(labels) + _note_height(note)


def add_surroundings(figure: "Figure", *, title: str, looks: Mapping[str, Look], note: str) -> None:
    """A title above the panels, the names of the lines and a note below them; what is left is the panels'."""
    from matplotlib.lines import Line2D

    height = figure.get_figheight()
    note_height, legend_height = _note_height(note), _legend_height([*looks])
    bottom = (note_height + legend_height) / height
    layout = figure.get_layout_engine()
    assert layout is not None
    layout.set(rect=(0.0, bottom, 1.0, 1.0 - bottom - _TITLE / height), w_pad=0.07, h_pad=0.05)  # type: ignore[call-arg]
    figure.text(0.012, 1.0 - 0.09 / height, title, va="top", fontsize=11, fontweight="bold", color=INK)
    lines = "\n".join(textwrap.wrap(note, _NOTE_WIDTH))
    figure.text(0.012, (note_height - _GAP / 2) / height, lines, va="top", fontsize=7.5, color=QUIET)
    if looks:
        samples = [
            Line2D([], [], color=one.colour, marker=one.marker, mec=PAPER, mew=0.6, ls=(0, tuple(one.dashes) or None))
            for one in looks.values()
        ]
        figure.legend(
            samples,
            list(looks),
            loc="lower left",
            bbox_to_anchor=(0.004, note_height / height),
            borderaxespad=0.0,
            ncols=_legend_columns([*looks]),
        )


def draw_band(axes: "Axes", band: Band, look: Look, *, factor: float = 1.0, has_diverged: bool = False) -> None:
    """A line over its band; it ends in a cross where diverged runs leave no number, and is broken at gaps."""
    xs = list(band.xs)
    centre, low, high = ([_finite(y * factor) for y in ys] for ys in (band.centre, band.low, band.high))
    axes.fill_between(xs, low, high, color=look.colour, alpha=0.16, linewidth=0)
    known = [i for i, y in enumerate(centre) if not math.isnan(y)]
    if not known:
        return
    every = max(1, len(xs) // 7)
    (line,) = axes.plot(xs, centre, color=look.colour, marker=look.marker, markevery=every, mec=PAPER, mew=0.6)
    if look.dashes:
        line.set_dashes(tuple(look.dashes))
    if has_diverged and known[-1] < len(xs) - 1:
        axes.plot(
            [xs[known[-1]]], [centre[known[-1]]], marker="x", ms=8, mew=2.2, color=look.colour, zorder=5, clip_on=False
        )


def draw_raw(axes: "Axes", band: Band, look: Look, *, factor: float = 1.0) -> None:
    """The raw line behind a smoothed one, thinner and lighter."""
    centre = [_finite(y * factor) for y in band.centre]
    axes.plot(list(band.xs), centre, color=look.colour, lw=0.5, alpha=0.45, zorder=1)


def has_log_span(bands: Sequence[Band]) -> bool:
    """Whether losses span so much that a linear axis would hide most of them."""
    return spans_much([y for band in bands for y in band.centre if math.isfinite(y)])


def spans_much(values: Sequence[float]) -> bool:
    """Whether these need a logarithmic axis, and can have one."""
    return bool(values) and min(values) > 0 and max(values) / min(values) > _LOG_FROM


def set_x(axes: "Axes", axis: Axis, *, is_log: bool = False, limits: Range | None = None) -> None:
    """Label, limits and ticks of an axis of cost, which begins at 0 unless it is logarithmic."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_xlabel(_X_LABELS[axis])
    if is_log:
        axes.set_xscale("log")
    if limits is not None:
        axes.set_xlim(limits)
    if is_log:
        set_log(axes, "x")
        return
    if limits is None:
        axes.set_xlim(left=0.0)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=axis != "seconds"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if x >= 10_000 else f"{x:g}"))


def set_log(axes: "Axes", which: str) -> None:
    """A logarithmic axis whose ticks are plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    chosen = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    low, high = map(float, chosen.get_view_interval())
    if not 0 < low < high:  # nothing is drawn that such an axis could show
        low, high = 1.0, 10.0
        chosen.set_view_interval(low, high, ignore=True)
    subs = (1.0,) if high / low > 100 else (1.0, 2.0, 5.0)
    chosen.set_major_locator(LogLocator(subs=subs, numticks=12))
    chosen.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    chosen.set_minor_formatter(NullFormatter())


def _legend_columns(labels: Sequence[str]) -> int:
    """As many as the longest label allows, four at most."""
    longest = max(map(len, labels), default=0)
    return max(1, min(4, 110 // (longest + 10)))


def _legend_height(labels: Sequence[str]) -> float:
    return _LEGEND_ROW * -(-len(labels) // _legend_columns(labels)) + _GAP if labels else 0.0


def _note_height(note: str) -> float:
    return _NOTE_LINE * len(textwrap.wrap(note, _NOTE_WIDTH)) + _GAP


def _remark(seeds: Seeds) -> str:
    states = [run.status.state for run in seeds.runs]
    num_pruned = sum(is_pruned(run) for run in seeds.runs)
    ends = {
        "diverged": states.count("diverged"),
        "pruned": num_pruned,
        "not at the end": sum(s not in AT_THEIR_END for s in states) - num_pruned,
    }
    told = [f"{count} of {len(states)} {what}" if len(states) > 1 else what for what, count in ends.items() if count]
    return f" ({', '.join(told)})" if told else ""


def _finite(value: float) -> float:
    """NaN for what is not finite; what a float barely holds is drawn a little lower, so that the range of an axis is a number."""
    return max(-_LARGEST, min(value, _LARGEST)) if math.isfinite(value) else math.nan
