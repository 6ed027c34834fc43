"""Asking for a line of text: a name, a note, a word that confirms."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui_optim.report.cells import plain_text
from tui_optim.spec.errors import UsageError
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.widgets.steady_input import SteadyInput

Check = Callable[[str], str]
"""Takes what was typed and gives what is meant by it; raises UsageError with what is wrong."""


class LineScreen(Dialog[str]):
    """Gives the text back when the user presses enter and the check has nothing against it."""

    def __init__(self, title: str, *, about: str, check: Check, value: str = "", enter: str = "keep") -> None:
        """`about` says what the text is for, `enter` what enter does, `value` stands in the field at first."""
        super().__init__()
        self.title_text, self.about, self.value, self.enter = title, about, value, enter
        self._check = check

    def compose(self) -> ComposeResult:
        """A sentence, a field, and what is wrong."""
        with Vertical(classes="box") as box:
            box.border_title = frame_text(self.title_text)
            box.border_subtitle = with_keys(self.app, f"enter: {self.enter}   ⟪dialog.cancel:esc⟫: back")
            yield Static(plain_text(with_keys(self.app, self.about)), classes="hint", markup=False)
            yield SteadyInput(self.value, compact=True, id="line")
            yield Static("", classes="problem", markup=False)

    def on_mount(self) -> None:
        """This is where a user types."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give it back, or say what is wrong."""
        event.stop()
        try:
            text = self._check(event.value)
        except UsageError as error:
            self.query_one(".problem", Static).update(str(error))
            return
        self.dismiss(text)
