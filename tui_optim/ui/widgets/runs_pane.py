"""The pane of runs: the table, the filter above it, and what its title says of both."""

from textual.app import ComposeResult
from textual.containers import Vertical

from tui_optim.report.filter_completion import Completion, complete, known_values
from tui_optim.report.run_fields import run_fields
from tui_optim.spec.errors import UsageError
from tui_optim.ui.board import Board
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.layout import Pane
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.messages import GroupRuns, SortRuns, ToggleGroup
from tui_optim.ui.widgets.filter_line import FilterLine
from tui_optim.ui.widgets.runs import EMPTY, RunTable

NO_MATCH = "No run matches {text}; the rows before it stay."


class RunsPane(Vertical):
    """Shows the runs that a board lists, as the user wants them."""

    def __init__(self, board: Board, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until it is told to show something."""
        super().__init__(id=id, classes=classes)
        self.board = board
        self._title = ""
        self.num_listed = 0
        """How many runs there were to list when it showed them last."""

    def compose(self) -> ComposeResult:
        """A line and rows."""
        yield FilterLine(complete=self._completion, id="run-filter")
        yield RunTable(self.board.overlay, id="run-table")

    @property
    def table(self) -> RunTable:
        """The rows."""
        return self.query_one(RunTable)

    def show(self) -> None:
        """Bring rows and title up to date."""
        listed, listing = self.board.listed, self.board.listing
        self.num_listed = len(listed)
        num_hidden = len(self.board.runs) - len(listed)
        self.table.empty_text = (
            f"{num_hidden} {'run of a sweep is' if num_hidden == 1 else 'runs of sweeps are'} not listed: ⟪sweeps:g⟫ shows them."
            if num_hidden
            else EMPTY
        )
        if listed and listing.filter.terms:
            self.table.empty_text = f"No run matches {listing.filter.text}: ⟪leave:esc⟫ shows all."
        self.table.show(listing.rows(listed, num_older=self.board.num_older), follows_first=listing.follows_newest)
        parts = [Pane.RUNS.name_with_key, listing.remark]
        parts += [f"{num_hidden} of sweeps not listed: ⟪runs.sweeps:S⟫"] if num_hidden else []
        title = with_keys(self.app, " · ".join(part for part in parts if part))
        if self._title != title:  # setting the same one again would repaint the frame
            self._title = title
            self.border_title = frame_text(title)

    def open_filter(self) -> None:
        """Let the user type a filter, from the one that is there."""
        self.query_one(FilterLine).open(self.board.listing.filter.text)

    def close_filter(self) -> bool:
        """Show all runs again; returns whether there was a filter."""
        line = self.query_one(FilterLine)
        if not line.is_open and not self.board.listing.filter.terms:
            return False
        if line.has_focus_within:
            self.table.focus(scroll_visible=False)
        line.close()
        self._try("")
        return True

    def on_filter_line_typed(self, message: FilterLine.Typed) -> None:
        """Filter while the user types; what cannot be read yet changes nothing."""
        message.stop()
        line = self.query_one(FilterLine)
        problem = self._try(message.text)
        line.tell("" if line.has_candidates else problem)

    def on_filter_line_kept(self, message: FilterLine.Kept) -> None:
        """Go on to the rows, where the filter can be kept."""
        message.stop()
        line = self.query_one(FilterLine)
        if problem := self._try(message.text):
            line.tell(problem)
            return
        self.table.focus(scroll_visible=False)
        line.close()

    def on_sort_runs(self, message: SortRuns) -> None:
        """Sort by the next column, or from the other end."""
        message.stop()
        if message.is_by_next:
            self.board.listing.turn_order(self.table.columns)
        elif not self.board.listing.turn_direction():
            self.notify("The runs are sorted by age: ⟪run.sort:s⟫ chooses a column, ⟪run.reverse:R⟫ its direction.")
        self.show()

    def on_group_runs(self, message: GroupRuns) -> None:
        """A row for each setting, or for each run again."""
        message.stop()
        self.board.listing.is_grouped = not self.board.listing.is_grouped
        self.show()

    def on_toggle_group(self, message: ToggleGroup) -> None:
        """List the runs of a setting, or do not any more."""
        message.stop()
        self.board.listing.toggle_group(message.key)
        self.show()

    def _try(self, text: str) -> str:
        """Filter by a text; returns why that cannot be, or ''."""
        try:
            has_match = self.board.listing.apply(text, self.board.listed)
        except UsageError as error:
            return str(error)
        self.show()
        return "" if has_match else NO_MATCH.format(text=" ".join(text.split()))

    def _completion(self, text: str, cursor: int) -> Completion:
        runs = self.board.listed
        return complete(text, cursor, run_fields(runs), lambda field: known_values(field, runs))
