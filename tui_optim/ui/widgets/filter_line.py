"""The line in which a user types a filter of runs, with completion; hidden until it is asked for."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from tui_optim.report.filter_completion import Completion
from tui_optim.report.run_filter import EXAMPLE
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.widgets.steady_input import SteadyInput

Complete = Callable[[str, int], Completion]
"""What could follow in a text at a cursor."""
NOTHING = Completion(start=0, candidates=())


class FilterField(SteadyInput):
    """A field for a filter, whose footer says how to go on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Keep", key_display="enter", id="filter.keep", tooltip="keep the filter"),
        Binding(
            "escape", "screen.leave", "Clear", key_display="esc", id="filter.clear", tooltip="take the filter away"
        ),
    ]


class FilterInput(FilterField):
    """A field whose tab completes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete(1)", "Complete", id="filter-line.complete"),
        Binding("shift+tab", "complete(-1)", "Complete", id="filter-line.complete-back", show=False),
        Binding("down", "leave", "Runs", id="filter-line.leave", show=False),
    ]

    class Completing(Message):
        """Tab: take the next candidate, or the one before."""

        def __init__(self, by: int) -> None:
            """`by` is 1 or −1."""
            self.by = by
            super().__init__()

    class Left(Message):
        """The user goes on to the rows."""

    def action_complete(self, by: int) -> None:
        """Take a candidate."""
        self.post_message(self.Completing(by))

    def action_leave(self) -> None:
        """Go on to the rows."""
        self.post_message(self.Left())


class FilterLine(Vertical):
    """The field, and below it what may follow or what is wrong."""

    DEFAULT_CSS = """
    FilterLine {
        display: none;
        height: auto;
        &.-open { display: block; }
        Input { height: 1; border: none; padding: 0 1; background: $panel; }
        Static { height: 1; padding: 0 1; color: $quiet; text-wrap: nowrap; text-overflow: ellipsis; }
        Static.-problem { color: $warning; }
    }
    """

    class Typed(Message):
        """Another text stands in the field."""

        def __init__(self, text: str) -> None:
            """`text` as typed."""
            self.text = text
            super().__init__()

    class Kept(Message):
        """Enter: the filter is meant to stay, and the user goes on to the rows."""

        def __init__(self, text: str) -> None:
            """`text` as typed."""
            self.text = text
            super().__init__()

    def __init__(self, *, complete: Complete, id: str | None = None) -> None:
        """`complete` knows fields and values."""
        super().__init__(id=id)
        self._complete = complete
        self._completion, self._number = NOTHING, -1
        """Candidates for what was typed, and which of them stands there."""
        self._base = ("", 0)
        """What was typed, and where the cursor was."""
        self._expected = ""
        """The text that a completion has put there: no typing."""

    def compose(self) -> ComposeResult:
        """A field and a line."""
        yield FilterInput(placeholder=EXAMPLE, compact=True, id="filter-input")
        yield Static("", id="filter-hint", markup=False)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    def open(self, text: str) -> None:
        """Show it, with this text, and let the user type."""
        self.add_class("-open")
        field = self.query_one(FilterInput)
        field.value = text
        field.cursor_position = len(text)
        self.screen.set_focus(field)  # at once: the next key is the first letter
        self._look_for_candidates()

    def close(self) -> None:
        """Hide it."""
        self.remove_class("-open")

    def tell(self, problem: str) -> None:
        """Say what is wrong in place of the candidates; '' where all is well."""
        hint = self.query_one("#filter-hint", Static)
        hint.set_class(bool(problem), "-problem")
        hint.update(problem or self._hint)

    @property
    def has_candidates(self) -> bool:
        """Whether something could follow: then what stands there is likely not finished."""
        return bool(self._completion.candidates)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for candidates while the user types."""
        event.stop()
        if event.value != self._expected:
            self._look_for_candidates()
        self._expected = ""
        self.post_message(self.Typed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter."""
        event.stop()
        self.post_message(self.Kept(event.value))

    def on_filter_input_left(self, event: FilterInput.Left) -> None:
        """The same as enter."""
        event.stop()
        self.post_message(self.Kept(self.query_one(FilterInput).value))

    def on_filter_input_completing(self, event: FilterInput.Completing) -> None:
        """Put the next candidate there; a single one counts as typed, so that more may follow it."""
        event.stop()
        if not self.has_candidates:
            return
        field, is_single = self.query_one(FilterInput), len(self._completion.candidates) == 1
        self._number = (self._number + event.by) if self._number >= 0 else (0 if event.by > 0 else -1)
        self._number %= len(self._completion.candidates)
        text, cursor = self._completion.applied(*self._base, self._number)
        if not is_single:
            self._expected = text
        field.value = text
        field.cursor_position = cursor

    @property
    def _hint(self) -> str:
        shown = self._completion.candidates
        if shown:
            return with_keys(self.app, f"⟪filter-line.complete:tab⟫: {'  '.join(shown)}")
        return with_keys(self.app, "enter keeps the filter, ⟪leave:esc⟫ takes it away")

    def _look_for_candidates(self) -> None:
        field = self.query_one(FilterInput)
        self._base, self._number = (field.value, field.cursor_position), -1
        self._completion = self._complete(*self._base)
        self.tell("")
