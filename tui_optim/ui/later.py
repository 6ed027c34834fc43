"""What the first frame does without and a key may ask for next, loaded behind it: may be called in a thread."""


def load_behind() -> None:
    """Import the screens that keys of the main screen open."""
    from tui_optim.ui.keyboard import actions_by_name
    from tui_optim.ui.screens import comparison, difference, export, help, new_sweep, picture, race, sweeps

    del actions_by_name, comparison, difference, export, help, new_sweep, picture, race, sweeps
