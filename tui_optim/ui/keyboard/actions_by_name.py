"""Every action of a screen by name, for the palette."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.app import SystemCommand
from textual.screen import Screen

from tui_optim.ui.keyboard.keys import app_commands, palette_commands
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.personal_app import PersonalApp
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.picture import PictureScreen
from tui_optim.ui.screens.race import RaceScreen
from tui_optim.ui.sweeping.flow import SweepFlow


def actions_by_name(app: PersonalApp, screen: Screen[Any], sweeps: SweepFlow) -> Iterator[SystemCommand]:
    """What can be done on a screen: by its keys, without a key, and by the app's own keys."""
    if isinstance(screen, MainScreen):
        yield from _of_main(app, screen)
    if isinstance(screen, RaceScreen | PictureScreen) or sweeps.is_open(screen):
        yield from palette_commands(screen)
    yield from sweeps.commands(screen)
    yield from app_commands(app)
    for title, about, action in _OF_APP:
        yield SystemCommand(title, with_keys(app, about), partial(app.run_action, action))


_OF_APP = (
    ("Theme", "choose from all colour themes", "change_theme"),
    ("Explain", "what everything means; key ⟪explain:i⟫", "explain"),
    ("Help", "all keys; key ⟪help:?⟫", "help"),
    ("In a browser", "how to see this app there", "in_browser"),
    ("Suspend", "back to the shell until fg; key ⟪suspend:ctrl+z⟫", "to_shell"),
    ("Quit", "runs go on in the background; key ⟪quit:q⟫", "quit"),
)
"""Title, what it does, and the app's action."""


def _of_main(app: PersonalApp, screen: MainScreen) -> Iterator[SystemCommand]:
    queue, edit = "key ⟪preset.queue:enter⟫", "key ⟪preset.edit:e⟫"
    yield SystemCommand("Queue the chosen presets", with_keys(app, queue), screen.choosing.on_start_chosen)
    yield SystemCommand("Change the preset's values", with_keys(app, edit), screen.action_edit)
    yield from palette_commands(screen)
    for count in (1, 2, 4):
        title = f"Train {count} run{'s' if count > 1 else ''} at a time"
        yield SystemCommand(title, "places in the queue", partial(app.run_action, f"set_slots({count})"))
    yield SystemCommand("Kill the run under the cursor", "ends its process at once", screen.action_kill)
    clean = with_keys(app, "on the system screen; there key ⟪system.clean:c⟫")
    yield SystemCommand("Clean up the disk: checkpoints that nothing needs", clean, screen.action_system)
    yield SystemCommand("Stop all queued runs", "empty the queue", screen.action_stop_queued)
