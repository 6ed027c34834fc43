"""The rows of the run table as text: which columns there are, and what stands in them."""

from collections.abc import Iterable
from dataclasses import dataclass

from tui_optim.report.cells import Column, format_cell
from tui_optim.spec.events import RunState
from tui_optim.spec.results import EpochResult
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.sentences import STATE_GLYPHS, duration

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RowColumn:
    """A column of the run table."""

    key: str
    title: str
    width: int
    """In cells, the gap to the next column included; columns of text grow with their content."""
    is_text: bool = False
    is_for_val: bool = False
    """Whether it is shown only where some run has a validation set."""


def _measure(split: str, quantity: str) -> Column:
    if quantity == "loss":
        return Column(key=f"{split}_loss", title=f"{split} loss", kind="number", decimals=4)
    return Column(key=f"{split}_accuracy", title=f"{split} acc", kind="percent", decimals=2)


_MEASURES = {
    column.key: column
    for column in (
        *(_measure(split, quantity) for split in ("train", "val", "test") for quantity in ("loss", "accuracy")),
        Column(key="effective_epochs", title="cost", kind="number", decimals=1),
    )
}

COLUMNS = (
    RowColumn(key="run", title="run", width=4, is_text=True),
    RowColumn(key="preset", title="preset", width=14, is_text=True),
    RowColumn(key="state", title="state", width=12, is_text=True),
    RowColumn(key="epoch", title="epoch", width=7),
    RowColumn(key="test_accuracy", title="test acc", width=9),
    RowColumn(key="val_accuracy", title="val acc", width=8, is_for_val=True),
    RowColumn(key="eta", title="ETA", width=7),
    RowColumn(key="seed", title="seed", width=6),
    RowColumn(key="test_loss", title="test loss", width=10),
    RowColumn(key="val_loss", title="val loss", width=9, is_for_val=True),
    RowColumn(key="train_accuracy", title="train acc", width=10),
    RowColumn(key="train_loss", title="train loss", width=11),
    RowColumn(key="effective_epochs", title="cost", width=7),
    RowColumn(key="time", title="time", width=8),
)


def has_validation(runs: Iterable[StoredRun]) -> bool:
    """Whether any run has a validation set."""
    return any(run.info.spec.holdout or run.info.spec.scenario_info.validation_size for run in runs)


def row_cells(number: int, run: StoredRun, *, marker: str, slot: int | None) -> dict[str, Cell]:
    """The cells of a run by the keys of `COLUMNS`; `number` counts runs from the oldest, `slot` is its colour on the charts."""
    spec, status = run.info.spec, run.status
    changed = "*" if spec.overrides else ""
    sample = " (sample)" if spec.data.kind == "sample" else ""
    return {
        "run": Cell(f"{marker}{number:>2}", "" if slot is None else f"series-{slot}"),
        "preset": Cell(f"{spec.preset}{changed}{sample}"),
        "state": Cell(f"{STATE_GLYPHS[status.state]} {status.state}", _STATE_COLOURS.get(status.state, "quiet")),
        "epoch": Cell(f"{status.epoch}/{spec.epochs}"),
        "eta": Cell(duration(status.eta_s) if status.state == "running" else ""),
        "seed": Cell(str(spec.seed)),
        "time": Cell(duration(status.result.train_time_s) if status.result else ""),
        **{key: _measured(column, status.result) for key, column in _MEASURES.items()},
    }


def _measured(column: Column, result: EpochResult | None) -> Cell:
    return Cell(format_cell(column, getattr(result, column.key)) if result is not None else "")
