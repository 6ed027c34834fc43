"""Copying to the clipboard of the terminal the user sits at, through SSH and tmux."""

import base64
import os
from collections.abc import Mapping

from textual.app import App

from tui_optim.ui.terminal.passthrough import passed_through

NO_CLIPBOARD = "TUI_OPTIM_NO_CLIPBOARD"
"""Set where texts cannot get to the user's clipboard: in a browser on another machine, without encryption."""
MAX_BYTES = 74_000
"""Longer texts are cut off or dropped by common terminals; the file has them anyway."""


def has_clipboard() -> bool:
    """Whether texts can get there."""
    return not os.environ.get(NO_CLIPBOARD)


def copy_sequence(text: str, environ: Mapping[str, str]) -> str | None:
    """The OSC 52 sequence for a text, wrapped for tmux or screen where `environ` says so; None when it is too long."""
    content = text.encode()
    if len(content) > MAX_BYTES:
        return None
    sequence = f"\x1b]52;c;{base64.b64encode(content).decode('ascii')}\x07"
    return passed_through(sequence, environ)


class ClipboardApp(App[None]):
    """An app whose texts reach that clipboard."""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through OSC 52, wrapped where the app runs inside tmux or screen."""
        self._clipboard = text
        sequence = copy_sequence(text, os.environ)
        if self._driver is not None and sequence is not None:
            self._driver.write(sequence)
