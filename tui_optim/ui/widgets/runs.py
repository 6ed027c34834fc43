"""The run table: one row per run, the newest first, kept up to date cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from tui_optim.report.cells import Column, format_cell
from tui_optim.spec.events import RunState
from tui_optim.spec.results import EpochResult
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.messages import OpenRun, RunHighlighted, ToggleRun
from tui_optim.ui.overlay import Overlay
from tui_optim.ui.sentences import STATE_GLYPHS, duration

_STATE_COLOURS: dict[RunState, str] = {
    "running": "primary",
    "finished": "success",
    "diverged": "warning",
    "failed": "error",
    "interrupted": "warning",
    "paused": "accent",
}
_TEXT_KEYS = ("run", "preset", "state")
_WIDTHS = {"epoch": 7, "eta": 7, "seed": 6, "effective_epochs": 7, "time": 8}
"""Fixed widths in cells, the gap to the next column included; text columns take what their content needs."""


def _measure(split: str, quantity: str) -> Column:
    if quantity == "loss":
        return Column(key=f"{split}_loss", title=f"{split} loss", kind="number", decimals=4)
    return Column(key=f"{split}_accuracy", title=f"{split} acc", kind="percent", decimals=2)


_MEASURES = (
    _measure("test", "accuracy"),
    _measure("val", "accuracy"),
    _measure("test", "loss"),
    _measure("val", "loss"),
    _measure("train", "accuracy"),
    _measure("train", "loss"),
    Column(key="effective_epochs", title="cost", kind="number", decimals=1),
)


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    colour: str = ""
    """Name of a theme variable."""


class RunTable(DataTable[Text]):
    """All runs of the home."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Charts", key_display="enter", id="run.open", tooltip="show this run's charts alone"),
        Binding("space", "overlay", "Overlay", id="run.overlay", tooltip="put this run on the charts, or take it off"),
        Binding("p", "screen.pause", "Pause/resume"),
        Binding("t", "screen.stop", "Stop"),
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("l,right", "scroll_right", "Right", show=False, tooltip="more columns; h or left goes back"),
        Binding("h,left", "scroll_left", "Left", show=False),
    ]
    DEFAULT_CSS = """
    RunTable {
        background: $surface;
        background-tint: $surface 0%;
        scrollbar-size: 0 1;
        &:focus { background-tint: $surface 0%; }
        & > .datatable--header { background: $surface; color: $quiet; text-style: none; }
        & > .datatable--even-row, & > .datatable--odd-row { background: $surface; }
    }
    """

    def __init__(self, overlay: Overlay, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until runs are shown."""
        super().__init__(id=id, classes=classes, cursor_type="row", cell_padding=0)
        self.overlay = overlay
        self._shown: dict[str, dict[str, _Cell]] = {}

    def on_mount(self) -> None:
        """Make the columns."""
        self._make_columns(has_val=False)
        self.app.theme_changed_signal.subscribe(self, lambda _: self._repaint())

    @property
    def highlighted_run(self) -> str | None:
        """Id of the run under the cursor."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value

    def show(self, runs: Sequence[StoredRun]) -> None:
        """Bring the rows up to date; only cells that differ are touched."""
        has_val = any(run.info.spec.scenario_info.validation_size or run.info.spec.holdout for run in runs)
        if has_val and "val_loss" not in self.columns:
            self._make_columns(has_val=True)
        is_added = False
        for number, run in enumerate(runs, start=1):
            cells = {key: cell for key, cell in self._cells(number, run).items() if key in self.columns}
            known = self._shown.get(run.run_id)
            if known is None:
                self.add_row(*(self._text(key, cell) for key, cell in cells.items()), key=run.run_id)
                is_added = True
            else:
                for key, cell in cells.items():
                    if known[key] != cell:
                        self.update_cell(run.run_id, key, self._text(key, cell), update_width=key in _TEXT_KEYS)
            self._shown[run.run_id] = cells
        for run_id in self._shown.keys() - {run.run_id for run in runs}:
            self.remove_row(run_id)
            del self._shown[run_id]
        if is_added:
            self._put_newest_first()

    def action_open(self) -> None:
        """Ask for the run's charts alone."""
        if run_id := self.highlighted_run:
            self.post_message(OpenRun(run_id))

    def action_overlay(self) -> None:
        """Ask to put the run on the charts, or to take it off."""
        if run_id := self.highlighted_run:
            self.post_message(ToggleRun(run_id))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Say which run is highlighted."""
        event.stop()
        if event.row_key.value is not None:
            self.post_message(RunHighlighted(event.row_key.value))

    def _repaint(self) -> None:
        """Cells carry their colours: give them those of the new theme."""
        for run_id, cells in self._shown.items():
            for key, cell in cells.items():
                self.update_cell(run_id, key, self._text(key, cell))

    def _make_columns(self, *, has_val: bool) -> None:
        """Make all columns anew: at the start, and once when the first run with a validation set appears."""
        self.clear(columns=True)
        self._shown.clear()
        titles = {
            "run": "run ",
            "preset": "preset       ",
            "state": "state      ",
            "epoch": "epoch",
            "test_accuracy": "",
        }
        titles |= {"eta": "ETA", "seed": "seed"} | {column.key: column.title for column in _MEASURES} | {"time": "time"}
        for key, title in titles.items():
            if key.startswith("val_") and not has_val:
                continue
            if key in _TEXT_KEYS:
                self.add_column(Text(title), key=key, width=_WIDTHS.get(key))
            else:
                width = _width(key)
                self.add_column(Text(f"{title:>{width - 1}}"), key=key, width=width)

    def _put_newest_first(self) -> None:
        was_at_top, before = self.cursor_row == 0, self.highlighted_run
        self.sort("run", key=lambda cell: int(cell.plain[1:]), reverse=True)
        if before is not None and not was_at_top:
            self.move_cursor(row=self.get_row_index(before))

    def _cells(self, number: int, run: StoredRun) -> dict[str, _Cell]:
        spec, status = run.info.spec, run.status
        slot, marker = self.overlay.slot(run.run_id), self.overlay.marker(run.run_id)
        changed = "*" if spec.overrides else ""
        sample = " (sample)" if spec.data.kind == "sample" else ""
        values = {column.key: _measured(column, status.result) for column in _MEASURES}
        return {
            "run": _Cell(f"{marker}{number:>2} ", "" if slot is None else f"series-{slot}"),
            "preset": _Cell(f"{spec.preset}{changed}{sample} "),
            "state": _Cell(f"{STATE_GLYPHS[status.state]} {status.state} ", _STATE_COLOURS.get(status.state, "quiet")),
            "epoch": _Cell(f"{status.epoch}/{spec.epochs}"),
            "test_accuracy": values.pop("test_accuracy"),
            "eta": _Cell(duration(status.eta_s) if status.state == "running" else ""),
            "seed": _Cell(str(spec.seed)),
            **values,
            "time": _Cell(duration(status.result.train_time_s) if status.result else ""),
        }

    def _text(self, key: str, cell: _Cell) -> Text:
        style = self.app.theme_variables.get(cell.colour, "") if cell.colour else ""
        if key in _TEXT_KEYS:
            return Text(cell.text, style=style, no_wrap=True)
        return Text(f"{cell.text:>{_width(key) - 1}}", style=style, no_wrap=True)


def _measured(column: Column, result: EpochResult | None) -> _Cell:
    return _Cell(format_cell(column, getattr(result, column.key)) if result is not None else "")


def _width(key: str) -> int:
    return _WIDTHS.get(key) or len(next(column.title for column in _MEASURES if column.key == key)) + 1
