"""`tui-optim attach`: the app, on what goes on already."""

from typing import TYPE_CHECKING

from tui_optim.cli.opening import open_app
from tui_optim.cli.options import DataDir, ReadOnly
from tui_optim.spec.errors import UsageError

if TYPE_CHECKING:
    from tui_optim.store.home import Home


def attach(
    is_read_only: ReadOnly = False,
    data_dir: DataDir = None,
) -> None:
    """Open the app on the runs of this home, as often as you like. Example: tui-optim attach --read-only"""
    check_attachable()
    open_app(data_dir=data_dir, is_attached=True, is_read_only=is_read_only)


def check_attachable() -> None:
    """Look at the home, and make nothing. Raises UsageError where it has neither runs nor sweeps."""
    from tui_optim.store.home import Home, home_folder

    home = Home(home_folder())
    if not _has_anything(home):
        raise UsageError(f"nothing to attach to: {home.root} has no runs yet; `tui-optim` opens the app all the same")


def _has_anything(home: "Home") -> bool:
    """Whether there is a run or a sweep, without reading any."""
    for folder in (home.runs, home.sweeps):
        try:
            if any(not entry.name.startswith(".") for entry in folder.iterdir()):
                return True
        except OSError:
            continue
    return False
