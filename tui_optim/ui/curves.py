"""From runs to the lines of a chart."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from tui_optim.report.series import Axis, Quantity, Split
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.axis import Pattern
from tui_optim.ui.board import Board
from tui_optim.ui.charts import ChartLimits, ChartSeries

SplitChoice = Literal["all", "train", "val", "test"]
PATTERNS: dict[Split, Pattern] = {"train": "solid", "val": "dashed", "test": "dotted"}
X_LABELS: dict[Axis, str] = {
    "epoch": "epochs",
    "step": "steps",
    "seconds": "seconds",
    "gradient_evaluations": "gradient evaluations",
}
_AXES = tuple(X_LABELS)
_SPLITS: tuple[SplitChoice, ...] = get_args(SplitChoice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What of the shown runs is drawn, and against which x."""

    axis: Axis = "epoch"
    split: SplitChoice = "all"
    alone: str | None = None
    """The only run to draw, where the user opened one."""

    @property
    def splits(self) -> Sequence[Split]:
        """The splits that are drawn."""
        return ("train", "val", "test") if self.split == "all" else (self.split,)

    def with_next_axis(self) -> "Selection":
        """Turn x."""
        return replace(self, axis=_AXES[(_AXES.index(self.axis) + 1) % len(_AXES)])

    def with_next_split(self) -> "Selection":
        """All splits, then each of them."""
        return replace(self, split=_SPLITS[(_SPLITS.index(self.split) + 1) % len(_SPLITS)])


def selected_runs(board: Board, selection: Selection) -> list[StoredRun]:
    """The runs that are drawn, oldest first."""
    return [run for run in board.shown() if selection.alone in (None, run.run_id)]


def chart_series(board: Board, quantity: Quantity, selection: Selection) -> list[ChartSeries]:
    """A line for each run and split; accuracies in percent."""
    found: list[ChartSeries] = []
    for run in selected_runs(board, selection):
        series, slot = board.series(run.run_id), board.overlay.slot(run.run_id)
        if series is None or slot is None:
            continue
        for split in selection.splits:
            xs, ys = series.curve(quantity, split, selection.axis)
            if quantity == "accuracy":
                ys = [100.0 * y for y in ys]
            marker = board.overlay.marker(run.run_id)
            found.append(ChartSeries(xs=xs, ys=ys, slot=slot, marker=marker, pattern=PATTERNS[split]))
    return found


def fingerprint(series: Sequence[ChartSeries]) -> Hashable:
    """Differs when the picture of growing lines would."""
    return tuple((one.slot, one.pattern, len(one.xs), f"{one.xs[-1:]}{one.ys[-1:]}") for one in series)


def limits_from_zero(series: Sequence[ChartSeries]) -> ChartLimits:
    """Every x axis begins at 0."""
    return ChartLimits(x=(0.0, max((one.xs[-1] for one in series if len(one.xs)), default=0.0) or 1.0))


def drawn_patterns(series: Sequence[ChartSeries]) -> list[tuple[Pattern, str]]:
    """The line patterns that occur, each with the name of its split."""
    present = {one.pattern for one in series if len(one.xs)}
    return [(pattern, split) for split, pattern in PATTERNS.items() if pattern in present]
