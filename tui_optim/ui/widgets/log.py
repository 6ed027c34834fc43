"""The log pane: what has happened, in sentences."""

import time
from collections.abc import Sequence

from rich.text import Text
from textual.widgets import RichLog

from tui_optim.ui.board import LogLine
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.theme import ink

EMPTY = "empty: what runs do is told here"


class LogPane(RichLog):
    """Sentences in the order of their times, the newest at the end."""

    DEFAULT_CSS = """
    LogPane, LogPane:focus { background: $surface; background-tint: $surface 0%; scrollbar-size: 1 1; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until lines are shown."""
        super().__init__(id=id, classes=classes, wrap=True, min_width=0, max_lines=2_000)
        self._shown: list[LogLine] = []

    def on_mount(self) -> None:
        """Lines carry their colours: write them anew for another theme."""
        self.border_subtitle = EMPTY
        self.app.theme_changed_signal.subscribe(self, lambda _: self._write_anew(list(self._shown)))

    def show(self, lines: Sequence[LogLine]) -> None:
        """Bring the pane up to date: append where that is enough, else write anew."""
        if len(lines) == len(self._shown) and (not lines or lines[-1] == self._shown[-1]):
            return
        known = len(self._shown)
        if lines and not known:
            self.border_subtitle = ""
        if list(lines[:known]) != self._shown:
            self._write_anew(lines)
            return
        for line in lines[known:]:
            self.write(self._text(line))
        self._shown = list(lines)

    def _write_anew(self, lines: Sequence[LogLine]) -> None:
        self.clear()
        for line in lines:
            self.write(self._text(line))
        self._shown = list(lines)

    def _text(self, line: LogLine) -> Text:
        colours = self.app.theme_variables
        text = Text()
        if line.time:
            text.append(time.strftime("%H:%M:%S ", time.localtime(line.time)), style=ink(colours, "quiet"))
        if line.about:
            text.append(f"{line.about} ", style="bold")
        return text.append(with_keys(self.app, line.text))
