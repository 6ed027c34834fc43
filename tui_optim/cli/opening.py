"""Opening the app, with nothing loaded that its first frame can do without."""

import gc
import os
import sys
from pathlib import Path

from tui_optim.spec.errors import UsageError

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""What `TEXTUAL_DRIVER` is where `tui-optim serve` starts the app for a browser."""


def has_terminal() -> bool:
    """Whether a person can see and steer the app: at a terminal, or in a browser in its place."""
    return os.environ.get("TEXTUAL_DRIVER") == WEB_DRIVER or (sys.stdin.isatty() and sys.stdout.isatty())


def open_app(
    *, data_dir: Path | None = None, is_attached: bool = False, is_read_only: bool = False, is_ascii: bool = False
) -> None:
    """Show the app until the user quits; attached, it says what goes on. Raises UsageError where there is no terminal."""
    if not has_terminal():
        raise UsageError("the app needs a terminal; in a script use a command, for example: tui-optim run --help")
    gc.disable()  # what is loaded now lives as long as the app: no collection until its first frame stands
    from tui_optim.ui.terminal.background import ask_ground, is_dark_variable

    question = ask_ground(os.environ)
    try:  # the terminal answers while the app is loaded
        from tui_optim.ui.look.surroundings import Surroundings, initial_environment, is_utf8_locale
        from tui_optim.ui.run_app import run_app
    except BaseException:
        if question is not None:
            question.withdraw()
        raise
    is_dark = question.answer() if question is not None else None
    surroundings = Surroundings(
        is_dark=is_dark_variable(os.environ) if is_dark is None else is_dark,
        is_utf8=is_utf8_locale(initial_environment(os.environ)),
        is_ascii_asked=is_ascii,
    )
    run_app(data_dir=data_dir, is_attached=is_attached, is_read_only=is_read_only, surroundings=surroundings)
