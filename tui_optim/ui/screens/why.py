"""The verdict of a run: why it died or came to nothing, what that rests on, and the run to try next."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui_optim.report.cells import plain_text
from tui_optim.report.finding import Verdict
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.look.spelling import spelled_text
from tui_optim.ui.personal_app import is_ascii_only
from tui_optim.ui.screens.dialog import Dialog


class WhyScreen(Dialog[bool]):
    """Gives True back when the user wants the suggested run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "rerun", "Try it", id="why.rerun", show=False, tooltip="queue the suggested run"),
    ]
    DEFAULT_CSS = """
    WhyScreen Static { height: auto; margin-bottom: 1; }
    WhyScreen #figures { color: $quiet; }
    """

    def __init__(self, title: str, verdict: Verdict, *, suggestion: str) -> None:
        """`suggestion` says what the suggested run changes; '' where none is suggested."""
        super().__init__()
        self.title_text, self.verdict, self.suggestion = title, verdict, suggestion

    def compose(self) -> ComposeResult:
        """The sentence, the run to try, the figures."""
        queue = "⟪why.rerun:enter⟫: queue it   " if self.suggestion else ""
        with VerticalScroll(classes="box") as box:
            box.border_title = frame_text(self.title_text)
            box.border_subtitle = with_keys(self.app, f"{queue}⟪dialog.cancel:esc⟫: back")
            yield Static(self._shown(self.verdict.sentence), markup=False)
            if self.suggestion:
                text = with_keys(self.app, f"⟪why.rerun:enter⟫ queues it again with {self.suggestion}.")
                yield Static(self._shown(text), id="suggestion", markup=False)
            figures = "\n".join(f"{what}: {value}" for what, value in self.verdict.figures)
            yield Static(self._shown(figures), id="figures", markup=False)

    def action_rerun(self) -> None:
        """Yes, where there is something to try."""
        if self.suggestion:
            self.dismiss(True)

    def _shown(self, text: str) -> str:
        lines = "\n".join(map(plain_text, text.split("\n")))
        return spelled_text(lines) if is_ascii_only(self.app) else lines
