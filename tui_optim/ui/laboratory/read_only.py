"""A client that only looks: what would change the home is refused here, in one place, whatever key or command asked for it."""

from typing import Any, NoReturn

from textual.screen import Screen

from tui_optim.spec.errors import StoreError
from tui_optim.spec.run import RunSpec
from tui_optim.ui.laboratory.laboratory import ClientLike, Laboratory
from tui_optim.ui.messages import Refused

REFUSAL = "This app is read-only and only watches: `tui-optim attach` opens one that can do that."


def is_refused(screen: Screen[Any], lab: Laboratory) -> bool:
    """Whether the laboratory is only looked at; the user is told that then, before a dialog is filled in for nothing."""
    if lab.is_read_only:
        screen.post_message(Refused(REFUSAL))
    return lab.is_read_only


def _refuse(*_: object, **__: object) -> NoReturn:
    """Raises StoreError."""
    raise StoreError(REFUSAL)


class ReadOnlyClient:
    """Answers what another client knows; starts no supervisor, holds none open, warms no worker."""

    submit = staticmethod(_refuse)
    submit_sweep = staticmethod(_refuse)
    tell_sweep = staticmethod(_refuse)
    pause = staticmethod(_refuse)
    stop = staticmethod(_refuse)
    order = staticmethod(_refuse)
    resume = staticmethod(_refuse)
    label = staticmethod(_refuse)
    delete = staticmethod(_refuse)
    clean = staticmethod(_refuse)
    set_slots = staticmethod(_refuse)

    def __init__(self, client: ClientLike) -> None:
        """`client` is asked, never told."""
        self._client = client

    def is_sweeping(self) -> bool:
        """Whether some sweep is under way."""
        return self._client.is_sweeping()

    def lack_of_space(self) -> str:
        """A sentence where the disk of the home is full; '' else."""
        return self._client.lack_of_space()

    def slots(self) -> int:
        """How many runs may train at once."""
        return self._client.slots()

    def ensure_supervisor(self) -> bool:
        """Leave the supervisor to those who have work for it."""
        return False

    def hold_open(self) -> None:
        """A supervisor that has nothing to do may leave."""

    def prepare(self, spec: RunSpec) -> None:
        """No run is going to come from here."""
