"""The app from its home to its end: opened, shown, and what is said once the terminal is back."""

import sys
from pathlib import Path

from tui_optim.runs.client import Client
from tui_optim.store.home import open_home
from tui_optim.store.library import load_library
from tui_optim.store.remembered import remembered_path
from tui_optim.store.settings import load_settings, settings_path
from tui_optim.ui.app import LabApp
from tui_optim.ui.look.surroundings import Surroundings
from tui_optim.ui.terminal.hangup import draw_on_terminal


def run_app(
    *,
    data_dir: Path | None = None,
    is_attached: bool = False,
    is_read_only: bool = False,
    surroundings: Surroundings | None = None,
) -> None:
    """Open the home and show the app until the user quits. Raises UsageError."""
    stored, path = load_settings(), settings_path()
    home = open_home(is_read_only=is_read_only)
    draw_on_terminal()
    app = LabApp(
        home=home,
        client=Client(home),
        library=load_library(),
        data_dir=data_dir,
        is_attached=is_attached,
        is_read_only=is_read_only,
        stored=stored,
        surroundings=surroundings,
        settings_path=path,
        layout_path=remembered_path(),
    )
    app.run(mouse=stored.settings.mouse)
    if app.farewell and not app.is_web:
        print(app.farewell)
    if app.return_code:
        sys.exit(app.return_code)
