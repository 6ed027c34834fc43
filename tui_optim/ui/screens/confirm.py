"""Asking once more before something that touches many runs."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.screens.dialog import Dialog


class ConfirmScreen(Dialog[bool]):
    """Gives True back when the user presses enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "confirm", "Yes", id="confirm.yes", show=False)]

    def __init__(self, question: str, *, about: str) -> None:
        """`about` says what yes would do."""
        super().__init__()
        self.question = question
        self.about = about

    def compose(self) -> ComposeResult:
        """The question and its consequences."""
        with Vertical(classes="box") as box:
            box.border_title = frame_text(self.question)
            box.border_subtitle = with_keys(self.app, "⟪confirm.yes:enter⟫: yes   ⟪dialog.cancel:esc⟫: back")
            yield Static(with_keys(self.app, self.about), classes="hint", markup=False)

    def action_confirm(self) -> None:
        """Yes."""
        self.dismiss(True)


class StartSweepScreen(Dialog[bool]):
    """Gives True back when the user starts a ready-made sweep.

    By a key that means nothing else around it: enter, pressed twice for a cell of the sweep above, would start an hour of runs.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start", id="start-sweep.yes", show=False),
    ]

    def __init__(self, name: str, *, takes: str) -> None:
        """`takes` says number of runs, time and memory."""
        super().__init__()
        self.title_text, self.takes = name, takes

    def compose(self) -> ComposeResult:
        """What it would be, and the key."""
        with Vertical(classes="box") as box:
            box.border_title = frame_text(self.title_text)
            box.border_subtitle = with_keys(self.app, "⟪start-sweep.yes:s⟫: start   ⟪dialog.cancel:esc⟫: back")
            yield Static(self.takes, classes="hint", markup=False)

    def action_start(self) -> None:
        """Yes."""
        self.dismiss(True)
