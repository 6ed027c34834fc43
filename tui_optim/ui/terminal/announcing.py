"""Telling the user that a run has come to its end while they look elsewhere: bell, notification and window title.

OSC 9 is iTerm2's notification (kitty and WezTerm have it too), OSC 777 that of urxvt (foot and Ghostty). A terminal that knows
neither ignores them. Nothing is sent but at such an end.
"""

import os
from collections.abc import Mapping
from typing import Literal

from tui_optim.ui.personal_app import PersonalApp
from tui_optim.ui.terminal.passthrough import passed_through

MAX_LENGTH = 160
"""Characters; notifications show no more."""
KEEP_TITLE, TITLE_AS_BEFORE = "\x1b[22;2t", "\x1b[23;2t"
"""xterm's stack of window titles."""


def notification(text: str, kind: Literal["osc9", "osc777"], environ: Mapping[str, str]) -> str:
    """The sequence that shows a text as a notification."""
    body = f"9;tui-optim: {_safe(text)}" if kind == "osc9" else f"777;notify;tui-optim;{_safe(text)}"
    return passed_through(f"\x1b]{body}\x07", environ)


def window_title(text: str) -> str:
    """The sequence that makes a text the title of the window; in tmux of the pane, which `set-titles` shows."""
    return f"\x1b]2;tui-optim: {_safe(text)}\x07"


def _safe(text: str) -> str:
    """Without what could end the sequence or begin another: names of runs and reasons may hold anything."""
    return "".join(character for character in text if character.isprintable())[:MAX_LENGTH]


class AnnouncingApp(PersonalApp):
    """An app that tells the terminal what its user asked to be told."""

    _has_title = False

    def announce(self, text: str) -> None:
        """Ring, notify and set the title, each where the settings say so."""
        settings = self.preferences.settings
        if settings.bell:
            self.bell()
        if settings.notify != "off":
            self._tell_terminal(notification(text, settings.notify, os.environ))
        if settings.title:
            self._tell_terminal(("" if self._has_title else KEEP_TITLE) + window_title(text))
            self._has_title = True

    def on_unmount(self) -> None:
        """The window's title is what it was before."""
        if self._has_title:
            self._tell_terminal(TITLE_AS_BEFORE)

    def _tell_terminal(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)
