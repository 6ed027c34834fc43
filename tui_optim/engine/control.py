"""What a run may ask of the process that trains it, and what it tells."""

from collections.abc import Callable
from typing import Protocol

from tui_optim.engine.commands import Leave
from tui_optim.spec.commands import Order
from tui_optim.spec.events import Event
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Picture

Emit = Callable[[Event], None]


class Control(Protocol):
    """How the loop hears and keeps; it knows neither files nor processes."""

    def poll(self) -> Leave | Order | None:
        """What somebody wants of this run now: that it ends, or does something and goes on; one thing at a time."""

    def wants_checkpoint(self) -> bool:
        """Whether so much time has passed since the last checkpoint that losing it would hurt; asked at the ends of epochs."""

    def keep(self, kept: Kept) -> None:
        """Keep a checkpoint."""

    def wants_picture(self) -> bool:
        """Whether somebody may want to see how a run looks now; asked at the ends of epochs."""

    def show(self, picture: Picture) -> None:
        """Take a picture of the run in place of the one before it of its kind."""
