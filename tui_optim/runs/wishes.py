"""What waiting runs want: where they can train, together with which others, and whose code they are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui_optim.runs import queue
from tui_optim.runs.executors.process import HERE, Place
from tui_optim.spec.errors import UsageError
from tui_optim.spec.stacking import stack_key
from tui_optim.store.home import Home
from tui_optim.store.runfolder import folder_of

MAX_TOGETHER = 512
"""Runs in one stack."""
GATHER_S = 0.15
"""How long a run that could train with others waits for them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a waiting run wants."""

    place: Place
    stack: str | None
    """What it has in common with runs that it may train with; None where it trains alone."""
    is_of_sweep: bool
    plugins: tuple[str, ...]
    """The user's code that it is made of."""


class Wishes:
    """Reads the specifications of waiting runs, each once."""

    def __init__(self, home: Home) -> None:
        """Nothing waits yet."""
        self.home = home
        self._known: dict[str, Wish] = {}
        self._alone: set[str] = set()
        """Runs that a worker has found to be faster, or to be looked into, by themselves."""

    def of(self, run_id: str) -> Wish:
        """What a run wants; to come here where its folder does not say, so that a worker says what is wrong with it."""
        if run_id not in self._known:
            try:
                info = folder_of(self.home, run_id).read_info()
                stack = stack_key(info.spec, info.executor)
            except UsageError:  # damaged, or of a scenario that is not there any more
                return Wish(HERE, None, is_of_sweep=False, plugins=())
            self._known[run_id] = Wish(
                Place.of(info.executor), stack, is_of_sweep=bool(info.sweep), plugins=info.spec.plugins
            )
        return self._known[run_id]

    def waiting_for(self, place: Place) -> list[str]:
        """The runs that wait for a place, first first."""
        return [run_id for run_id in queue.waiting(self.home) if self.of(run_id).place == place]

    def places(self) -> list[Place]:
        """Where waiting runs want to go."""
        return sorted({self.of(run_id).place for run_id in queue.waiting(self.home)})

    def alike(self, waiting: Sequence[str]) -> list[str]:
        """The first waiting run, with those that may train with it."""
        first = waiting[0]
        key = self.of(first).stack
        if key is None or first in self._alone:
            return [first]
        alike = [run_id for run_id in waiting if run_id not in self._alone and self.of(run_id).stack == key]
        return alike[:MAX_TOGETHER]

    def is_gathering(self, group: Sequence[str]) -> bool:
        """Whether more runs like these are likely to come in a moment: who queues several does it one by one."""
        wish = self.of(group[0])
        if wish.stack is None or wish.is_of_sweep:
            return False
        return queue.age_of_latest_s(self.home, group) < GATHER_S

    def train_alone(self, run_id: str) -> None:
        """The next time a run is given away, it is so by itself."""
        self._alone.add(run_id)

    def forget(self, run_ids: Iterable[str]) -> None:
        """These have been given away: if they wait again, they are asked again."""
        for run_id in run_ids:
            self._known.pop(run_id, None)
            self._alone.discard(run_id)
