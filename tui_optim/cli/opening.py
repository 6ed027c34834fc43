"""Opening the app, with nothing loaded that its first frame can do without."""

import gc
import sys
from pathlib import Path

from tui_optim.spec.errors import UsageError


def has_terminal() -> bool:
    """Whether a person can see and steer the app."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def open_app(*, data_dir: Path | None = None, is_attached: bool = False, is_read_only: bool = False) -> None:
    """Show the app until the user quits; attached, it says what goes on. Raises UsageError where there is no terminal."""
    if not has_terminal():
        raise UsageError("the app needs a terminal; in a script use a command, for example: tui-optim run --help")
    gc.disable()  # what is loaded now lives as long as the app: no collection until its first frame stands
    from tui_optim.ui.app import run_app

    run_app(data_dir=data_dir, is_attached=is_attached, is_read_only=is_read_only)
