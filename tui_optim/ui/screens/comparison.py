"""The comparison: settings over their seeds against a reference, for the runs that the user chose."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from tui_optim.report.cells import Table, plain_text
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.widgets.table_grid import TableGrid

Compare = Callable[[Sequence[StoredRun], str | None], Awaitable[Table]]
"""Runs and the preset that is the reference, or None for the usual one; raises UsageError."""

Export = Callable[[Table, Sequence[StoredRun]], None]
"""Asks where to write a comparison of runs."""


class ComparisonScreen(Dialog[None]):
    """One row per setting; the row under the cursor can be made the reference."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r",
            "refer",
            "Reference",
            id="comparison.reference",
            tooltip="compare the others with the preset under the cursor",
        ),
        Binding(
            "s",
            "turn_scope",
            "Runs",
            id="comparison.runs",
            tooltip="other runs: marked, on the charts, of the scenario, all",
        ),
        Binding(
            "w",
            "export",
            "Export",
            id="comparison.write",
            tooltip="write this comparison to a file and to the clipboard",
        ),
        Binding("c,q", "cancel", "Back", id="comparison.close", show=False),
    ]
    DEFAULT_CSS = """
    ComparisonScreen {
        & > .box { width: 96%; max-width: 200; height: 90%; }
        TableGrid { max-height: 60%; }
        #comparison-notes { height: 1fr; margin-top: 1; scrollbar-size-vertical: 1; }
        #comparison-notes Static { color: $quiet; height: auto; }
    }
    """

    def __init__(self, scopes: Mapping[str, Sequence[StoredRun]], *, compare: Compare, export: Export) -> None:
        """`scopes`: the choices of runs by what they are called, the first one shown first; none is empty."""
        super().__init__()
        self.scopes = scopes
        self.table: Table | None = None
        """What is shown; None while it is being made and where there is nothing to compare."""
        self._compare, self._export = compare, export
        self._scope = next(iter(scopes))
        self._reference: str | None = None

    @property
    def runs(self) -> Sequence[StoredRun]:
        """Those that are compared."""
        return self.scopes[self._scope]

    def compose(self) -> ComposeResult:
        """A table and the sentences below it."""
        with Vertical(classes="box") as box:
            keys = (
                "⟪comparison.reference:r⟫: reference   ⟪comparison.runs:s⟫: other runs   ⟪comparison.write:w⟫: export"
            )
            box.border_subtitle = with_keys(self.app, f"{keys}   ⟪dialog.cancel:esc⟫: back")
            yield TableGrid()
            with VerticalScroll(id="comparison-notes", can_focus=False):
                yield Static("", markup=False)

    def on_mount(self) -> None:
        """Make the table."""
        self.query_one(TableGrid).focus()
        self._load()

    def action_refer(self) -> None:
        """Take the setting under the cursor as the reference."""
        if self.table is not None:
            column = [column.key for column in self.table.file_columns].index("setting")
            self._reference = str(self.table.file_rows[self.query_one(TableGrid).cursor_row][column])
            self._load()

    def action_turn_scope(self) -> None:
        """Compare other runs."""
        names = list(self.scopes)
        self._scope = names[(names.index(self._scope) + 1) % len(names)]
        self._reference = None
        self._load()

    def action_export(self) -> None:
        """Ask where to write what is shown."""
        if self.table is not None:
            self._export(self.table, self.runs)

    def _load(self) -> None:
        self.query_one(".box", Vertical).border_title = frame_text(f"Comparison · {self._scope}")
        self.run_worker(self._make(), exclusive=True)

    async def _make(self) -> None:
        table, problem = None, ""
        try:
            table = await self._compare(self.runs, self._reference)
        except UsageError as error:
            problem = str(error)
        if not self.query(TableGrid):  # the user has left meanwhile
            return
        self.table = table
        if table is not None:
            self.query_one(".box", Vertical).border_title = frame_text(f"Comparison · {self._scope}{_against(table)}")
            self.query_one(TableGrid).show(table)
        else:
            self.query_one(TableGrid).clear(columns=True)
        lines = [problem] if table is None else map(plain_text, table.notes)
        self.query_one("#comparison-notes Static", Static).update("\n".join(lines))


def _against(table: Table) -> str:
    """What its rows are compared with: that column may be out of sight."""
    column = [column.key for column in table.file_columns].index("reference")
    references = dict.fromkeys(str(row[column]) for row in table.file_rows if row[column] is not None)
    return f" · reference {next(iter(references))}" if len(references) == 1 else ""
