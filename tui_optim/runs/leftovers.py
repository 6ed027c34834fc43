"""Runs that nobody works on although somebody should: what a dead supervisor or worker has left behind."""

from collections.abc import Collection, Iterator

from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import WITH_WORK
from tui_optim.store.home import Home
from tui_optim.store.runfolder import folder_of
from tui_optim.store.stamps import names_in
from tui_optim.store.status import Status


class Leftovers:
    """Looks at the statuses of a home's runs; what rests is not read again until its status changes.

    The specifications are not read: with thousands of stored runs that would take longer than all else the supervisor does.
    """

    def __init__(self, home: Home) -> None:
        """Nothing has been looked at yet."""
        self.home = home
        self._resting: dict[str, tuple[int, int]] = {}
        """Run id → stamp of the status in which it asks for nothing."""

    def found(self, *, known: Collection[str], is_glance: bool) -> Iterator[tuple[str, Status]]:
        """Runs with work in them, oldest first, but for those that are `known` to be taken care of.

        A glance leaves out what has been seen at rest before. Folders that cannot be read are told where runs are listed.
        """
        for run_id in sorted(names_in(str(self.home.runs))):
            if run_id in known or (is_glance and run_id in self._resting):
                continue
            folder = folder_of(self.home, run_id)
            try:
                stamp = folder.status_stamp()
                if self._resting.get(run_id) == stamp:
                    continue
                status = folder.read_status()
            except StoreError:
                continue
            if status.state in WITH_WORK:
                yield run_id, status
            else:
                self._resting[run_id] = stamp
