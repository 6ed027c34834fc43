"""The rows of the run table as text: which columns there are, and what stands in them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len, set_cell_size

from tui_optim.report.cells import Column, format_cell, plain_text
from tui_optim.report.columns import GAP
from tui_optim.report.fields import spread_field
from tui_optim.report.statistics import quick_mean
from tui_optim.spec.events import RunState
from tui_optim.spec.results import EpochResult
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.names import SAMPLE
from tui_optim.ui.sentences import STATE_GLYPHS, duration

Feature = Literal["accuracy", "validation", "sample", "gap"]
VITAL = ("run", "preset", "state", "epoch", "test_accuracy")
"""Columns that are in sight at every usual width; the preset's name gives way for them."""
MIN_PRESET_WIDTH = 10
TOLD = "~"
"""After the name of a run whose rate or length was changed while it trained."""
OF_SWEEP = "§"
"""Stands before the preset of a run that a sweep has made."""
OPEN, CLOSED = "▾", "▸"
"""Stands before the number of runs of a setting."""
FORK = "└"
"""Stands before a run that was forked from the one above."""
PIN = "↑"
"""Stands behind the number of a run that is pinned to the top."""

_STATE_COLOURS: dict[RunState, str] = {
    "running": "primary",
    "finished": "success",
    "diverged": "warning",
    "failed": "error",
    "interrupted": "warning",
    "paused": "accent",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Text with the theme variable of its colour; '' is the foreground."""

    text: str
    colour: str = ""


WAITING = Cell(f"{STATE_GLYPHS['running']} waits", "warning")
"""State of a run that does not get on: the line of its progress says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowColumn:
    """A column of the run table."""

    key: str
    title: str
    width: int
    """In cells, the gap to the next column included; columns of text grow with their content."""
    is_text: bool = False
    only_with: Feature | None = None
    """Shown only where some run has this."""


def _measure(split: str, quantity: str) -> Column:
    if quantity == "loss":
        return Column(key=f"{split}_loss", title=f"{split} loss", kind="number", decimals=4)
    return Column(key=f"{split}_accuracy", title=f"{split} acc", kind="percent", decimals=2)


_MEASURES = {
    column.key: column
    for column in (
        *(_measure(split, quantity) for split in ("train", "val", "test") for quantity in ("loss", "accuracy")),
        GAP,
        Column(key="effective_epochs", title="cost", kind="number", decimals=1),
    )
}

COLUMNS = (
    RowColumn(key="run", title="run", width=4, is_text=True),
    RowColumn(key="preset", title="preset", width=14, is_text=True),
    RowColumn(key="state", title="state", width=11, is_text=True),
    RowColumn(key="epoch", title="epoch", width=7),
    RowColumn(key="test_accuracy", title="test acc", width=9, only_with="accuracy"),
    RowColumn(key="val_accuracy", title="val acc", width=8, only_with="validation"),
    RowColumn(key="gap", title=GAP.title, width=13, only_with="gap"),
    RowColumn(key="eta", title="ETA", width=7),
    RowColumn(key="data", title="data", width=7, is_text=True, only_with="sample"),
    RowColumn(key="seed", title="seed", width=6),
    RowColumn(key="test_loss", title="test loss", width=10, only_with="accuracy"),
    RowColumn(key="val_loss", title="val loss", width=9, only_with="validation"),
    RowColumn(key="train_accuracy", title="train acc", width=10, only_with="accuracy"),
    RowColumn(key="train_loss", title="train loss", width=11),
    RowColumn(key="effective_epochs", title="cost", width=7),
    RowColumn(key="time", title="time", width=8),
)


def shown_columns(runs: Iterable[StoredRun]) -> tuple[RowColumn, ...]:
    """The columns that some run has something for."""
    specs = [run.info.spec for run in runs]
    features: set[Feature] = set()
    if not specs or any(spec.scenario_info.has_accuracy for spec in specs):
        features.add("accuracy")
    if any(spec.holdout or spec.scenario_info.validation_size for spec in specs):
        features.add("validation")
    if any(spec.data.kind == "sample" for spec in specs):
        features.add("sample")
    if any(spec.scenario_info.quadratic for spec in specs):
        features.add("gap")
    return tuple(column for column in COLUMNS if column.only_with is None or column.only_with in features)


def column_widths(columns: Sequence[RowColumn], longest: Mapping[str, int], *, room: int) -> dict[str, int]:
    """Widths in cells: as long as the longest text, but the preset no longer than lets `VITAL` fit into `room`."""
    widths = {column.key: max(column.width, longest.get(column.key, 0) + 1) for column in columns}
    others = sum(widths.get(key, 0) for key in VITAL if key != "preset")
    widths["preset"] = min(widths["preset"], max(MIN_PRESET_WIDTH, room - others))
    return widths


def longest_texts(runs: Sequence[StoredRun], *, highest: int) -> dict[str, int]:
    """Lengths of the longest texts in the columns of text, `highest` the highest number of a run; no cell is made for it."""
    looks = {
        (
            run.info.spec.lineage,
            bool(run.info.spec.overrides),
            bool(run.info.sweep),
            bool(run.status.commands),
            run.label.name,
        )
        for run in runs
    }
    is_any_pinned = any(run.label.is_pinned for run in runs)
    return {
        "run": len(_run_text(highest, marker=" ", is_pinned=is_any_pinned)),
        "preset": max(
            (cell_len(_preset_text(a, is_changed=b, is_of_sweep=c, is_told=d, name=e)) for a, b, c, d, e in looks),
            default=0,
        ),
        "state": max((len(_state_text(state)) for state in {run.status.state for run in runs}), default=0),
        "data": len(SAMPLE) if any(run.info.spec.data.kind == "sample" for run in runs) else 0,
    }


def fitted(text: str, width: int) -> str:
    """Text cut to a width in cells; the marks of changed values and of commands are kept."""
    if cell_len(text) <= width:
        return text
    end = f"…{text[len(text.rstrip(f'*{TOLD}')) :]}"
    return f"{set_cell_size(text, max(0, width - len(end)))}{end}"[:width]


def aligned(text: str, width: int, *, is_text: bool) -> str:
    """Text in a column of this width in cells: words at the left, numbers at the right with a gap behind them."""
    if not is_text:
        return f"{text:>{width - 1}} "
    shown = fitted(text, width - 1)
    return shown + " " * (width - cell_len(shown))


def row_cells(
    number: int, run: StoredRun, *, marker: str, slot: int | None, is_inside: bool = False, depth: int = 0
) -> dict[str, Cell]:
    """The cells of a run by the keys of `COLUMNS`; `number` counts runs from the oldest, `slot` is its colour on the charts.

    `is_inside` is for a run that stands below its setting, `depth` for a fork that stands below its parent.
    """
    spec, status = run.info.spec, run.status
    return {
        "run": Cell(
            _run_text(number, marker=marker, is_pinned=run.label.is_pinned), "" if slot is None else f"series-{slot}"
        ),
        "preset": Cell(
            _preset_text(
                f"{spec.preset} @{spec.parent.effective_epochs:.4g}" if depth and spec.parent else spec.lineage,
                is_changed=bool(spec.overrides),
                is_of_sweep=bool(run.info.sweep),
                name=run.label.name,
                indent=f"{'  ' * (depth - 1)}{FORK} " if depth else "  " if is_inside else "",
                is_told=bool(status.commands),
            )
        ),
        "state": WAITING
        if status.state == "running" and status.reason
        else Cell(_state_text(status.state), _STATE_COLOURS.get(status.state, "quiet")),
        "epoch": Cell(f"{status.epoch}/{max(spec.epochs, status.epochs)}"),
        "eta": Cell(duration(status.eta_s) if status.state == "running" else ""),
        "data": Cell(SAMPLE, "warning") if spec.data.kind == "sample" else Cell(""),
        "seed": Cell(str(spec.seed)),
        "time": Cell(duration(status.result.train_time_s) if status.result else ""),
        **{key: _measured(column, status.result) for key, column in _MEASURES.items()},
    }


def group_cells(runs: Sequence[StoredRun], *, marker: str, slot: int | None, is_open: bool) -> dict[str, Cell]:
    """The cells of a setting, oldest run first: how many seeds, their states, and mean ± sd of the results at their ends.

    While none has finished, of the latest results: seeds at different epochs have no mean that anybody could use.
    """
    spec, states = runs[0].info.spec, Counter(run.status.state for run in runs)
    finished = [run for run in runs if run.status.state == "finished"]
    results = [run.status.result for run in finished or runs if run.status.result is not None]
    names = {run.label.name for run in runs}
    state, colour = f"{len(runs)} seeds", "quiet"
    if len(states) == 1:
        (only,) = states
        state, colour = _state_text(only), _STATE_COLOURS.get(only, "quiet")
    elif states:
        state = " ".join(f"{STATE_GLYPHS[one]}{count}" for one, count in states.items())
    epochs = sorted({run.status.epoch for run in runs})
    done = str(epochs[0]) if len(epochs) == 1 else f"{epochs[0]}–{epochs[-1]}"
    seconds = [result.train_time_s for result in results]
    return {
        "run": Cell(f"{marker}{OPEN if is_open else CLOSED}{len(runs)}", "" if slot is None else f"series-{slot}"),
        "preset": Cell(
            _preset_text(
                spec.lineage,
                is_changed=bool(spec.overrides),
                is_of_sweep=any(run.info.sweep for run in runs),
                is_told=any(run.status.commands for run in runs),
                name=names.pop() if len(names) == 1 else "",
            )
        ),
        "state": Cell(state, colour),
        "epoch": Cell(f"{done}/{spec.epochs}"),
        "eta": Cell(""),
        "data": Cell(SAMPLE, "warning") if spec.data.kind == "sample" else Cell(""),
        "seed": Cell(f"×{len({run.info.spec.seed for run in runs})}"),
        "time": Cell(duration(quick_mean(seconds)) if seconds else ""),
        **{key: Cell(_spread(column, results)) for key, column in _MEASURES.items()},
    }


def _spread(column: Column, results: Sequence[EpochResult]) -> str:
    values = [float(value) for result in results if (value := getattr(result, column.key)) is not None]
    return str(spread_field(column, [values]).shown(0) or "") if values else ""


def _run_text(number: int, *, marker: str, is_pinned: bool) -> str:
    return f"{marker}{number:>2}{PIN if is_pinned else ''}"


def _preset_text(
    preset: str, *, is_changed: bool, is_of_sweep: bool, is_told: bool, name: str = "", indent: str = ""
) -> str:
    """The name that the user gave the run comes first: of what is cut it is the last to go."""
    marks = f"{'*' if is_changed else ''}{TOLD if is_told else ''}"
    text = f"{OF_SWEEP if is_of_sweep else ''}{preset}{marks}"
    return plain_text(indent + (f"{name} · {text}" if name else text))


def _state_text(state: RunState) -> str:
    return f"{STATE_GLYPHS[state]} {state}"


def _measured(column: Column, result: EpochResult | None) -> Cell:
    return Cell(format_cell(column, getattr(result, column.key)) if result is not None else "")
