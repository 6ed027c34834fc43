"""Help: every key, by where it works, read from the bindings themselves."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_optim.ui.keyboard.keys import Group, key_text
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.screens.dialog import Dialog

_ABOUT = """\
Choose a scenario (⟪pane.scenario:1⟫) and presets (⟪pane.preset:2⟫), \
change their values (⟪pane.details:3⟫), press ⟪preset.queue:enter⟫: \
the runs are queued and train in the background. \
Closing the app, or losing the connection, never touches them. `tui-optim serve` shows this app in a browser.

In the charts a setting, which is runs that differ in the seed alone, has one colour, one marker, one line and a band over its \
seeds: ×3/5 says that three of five are at their end. A full line is the training set, a dashed one the validation set, a dotted \
one the test set; one that is drawn alone is full. ╨ on the x axis: from here on the bands of two settings do not overlap.

Cost, like x as epochs, is in units of the training set: gradient evaluations ÷ number of training examples.

A star after a preset's name says that values were changed before the start, ~ that its rate or length was while it trained. \
What a run was told stands as a mark on the x axis, with its meaning in the legend."""


class HelpScreen(Dialog[None]):
    """All keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "cancel", "Back", id="help.close", show=False),
        Binding("j,down", "scroll(1)", "Down", id="help.down", show=False),
        Binding("k,up", "scroll(-1)", "Up", id="help.up", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen > .box { width: 84; height: 90%; scrollbar-size-vertical: 1; }
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        """`groups`: where the keys work, the most relevant first, and their bindings."""
        super().__init__()
        self.groups = groups

    def compose(self) -> ComposeResult:
        """The text."""
        with VerticalScroll(classes="box") as box:
            box.border_title = "Help"
            box.border_subtitle = with_keys(self.app, "⟪help.down:j⟫ ⟪help.up:k⟫: scroll   ⟪dialog.cancel:esc⟫: back")
            yield Static(self._text())

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, lines: int) -> None:
        """Scroll by some lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _text(self) -> Content:
        parts: list[str | tuple[str, str]] = []
        for title, bindings in self.groups:
            rows = [binding for binding in bindings if isinstance(binding, Binding) and binding.tooltip]
            parts += [(f"{title}\n", "$primary bold")] if rows else []
            for binding in rows:
                parts += [(f"  {key_text(binding):<10}", "$accent bold"), f" {binding.tooltip}\n"]
            parts += ["\n"] if rows else []
        return Content.assemble(*parts, (with_keys(self.app, _ABOUT), "$quiet"))
