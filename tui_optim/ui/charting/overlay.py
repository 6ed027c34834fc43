"""What the charts show, and by which colour and marker each is told apart: settings, with the seeds that they ran with."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tui_optim.report.comparison import run_key
from tui_optim.store.catalogue import StoredRun

MARKERS = ("●", "▲", "■", "◆", "▼", "★", "○", "△")
"""A marker for each slot; with the slot's colour it tells a setting apart, alone it does so without colour."""
MAX_SHOWN = len(MARKERS)
NEWEST_SHOWN = 4
"""How many settings are shown while the user has marked no run."""
MAX_RUNS = 40
"""Most runs of theirs: the logs of what is shown are read."""

K = TypeVar("K", bound=Hashable)
Key = tuple[int, int]
"""Number of a setting, and which of its entries: 0 unless a seed is there more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry of the charts: runs that differ in the seed alone."""

    slot: int
    """Number of its colour and marker."""
    run_ids: tuple[str, ...]
    """Oldest first."""

    @property
    def marker(self) -> str:
        """Its marker."""
        return MARKERS[self.slot]


def slots_of(keys: Collection[K], before: Mapping[K, int]) -> dict[K, int]:
    """The colours of at most `MAX_SHOWN` things: those that had one keep it, the others take those that are free."""
    kept = {key: slot for key, slot in before.items() if key in keys}
    free = (slot for slot in range(MAX_SHOWN) if slot not in kept.values())
    return kept | dict(zip((key for key in keys if key not in kept), free, strict=False))


class Overlay:
    """The runs on the charts: those that the user marked, else those of the running and the newest few settings.

    Of runs that are equal in the seed too the newest is shown; where more are marked, each further one is an entry of its own.
    """

    def __init__(self) -> None:
        """Nothing is marked."""
        self.marked: set[str] = set()
        self.opened: str | None = None
        """A run that is shown whether marked or not, because the user opened it."""
        self.entries: list[Shown] = []
        """Oldest first."""
        self.num_left_out = 0
        """How many marked entries could not be told apart any more: the oldest."""
        self._slots: dict[Key, int] = {}
        self._slot_of_run: dict[str, int] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        """Key of a setting → its number, by which it is told apart here."""
        self._setting_of_run: dict[tuple[str, str], int] = {}
        """What is run never changes."""

    @property
    def shown(self) -> list[str]:
        """The runs on the charts."""
        return list(self._slot_of_run)

    def toggle(self, run_id: str) -> None:
        """Mark or unmark; the first mark starts from nothing."""
        self.marked ^= {run_id}

    def toggle_setting(self, run_id: str, runs: Sequence[StoredRun]) -> None:
        """Mark all seeds of a run's setting, or unmark them where all are; `runs` are all, oldest first."""
        wanted = next((self._setting(run) for run in runs if run.run_id == run_id), None)
        alike = [run for run in runs if self._setting(run) == wanted]
        newest = self._newest(alike)
        if self.marked >= newest:
            self.marked -= {run.run_id for run in alike}
        else:
            self.marked |= newest

    def mark_newest(self, runs: Sequence[StoredRun]) -> None:
        """Mark of these the newest of each seed of each setting, and no other."""
        self.marked = self._newest(runs)

    def choose(self, runs: Sequence[StoredRun]) -> None:
        """Decide anew; `runs` are all, oldest first."""
        if self.marked:
            self.marked &= {run.run_id for run in runs}
        wanted = [run for run in runs if run.run_id in self.marked] if self.marked else self._usual(runs)
        if self.opened is not None and all(run.run_id != self.opened for run in wanted):
            wanted += [run for run in runs if run.run_id == self.opened]
        self._show(self._grouped(wanted))

    def slot(self, run_id: str) -> int | None:
        """Number of the run's colour and marker; None where it is not shown."""
        return self._slot_of_run.get(run_id)

    def marker(self, run_id: str) -> str:
        """The run's marker, or a blank."""
        slot = self._slot_of_run.get(run_id)
        return " " if slot is None else MARKERS[slot]

    def _newest(self, runs: Sequence[StoredRun]) -> set[str]:
        return set({(self._setting(run), run.info.spec.seed): run.run_id for run in runs}.values())

    def _usual(self, runs: Sequence[StoredRun]) -> list[StoredRun]:
        """Of the active and the newest settings that have begun: of each all seeds or none, of each seed the newest run.

        Of a setting with more seeds than `MAX_RUNS` the newest so many, or an app that is open all day would hold every curve.
        """
        begun = [run for run in runs if run.status.state != "queued"]
        active = {self._setting(run) for run in begun if run.status.state in ("running", "paused")}
        candidates = dict.fromkeys(sorted(active)) | dict.fromkeys(map(self._setting, reversed(begun)))
        newest: dict[int, dict[int, str]] = {}
        for run in runs:
            seeds_of = newest.setdefault(self._setting(run), {})
            seeds_of.pop(run.info.spec.seed, None)  # run again, a seed is among the newest
            seeds_of[run.info.spec.seed] = run.run_id
        picked: set[str] = set()
        for count, setting in enumerate(candidates):
            seeds = list(newest[setting].values())[-MAX_RUNS:]
            is_too_much = count >= NEWEST_SHOWN or len(picked) + len(seeds) > MAX_RUNS
            if count and is_too_much and setting not in active:
                break
            picked.update(seeds)
        return [run for run in runs if run.run_id in picked]

    def _grouped(self, runs: Iterable[StoredRun]) -> dict[Key, list[StoredRun]]:
        """The newest entries that can be told apart, oldest first, each with its runs; the opened run's is among them."""
        counts: dict[tuple[int, int], int] = {}
        groups: dict[Key, list[StoredRun]] = {}
        for run in runs:
            seed = (self._setting(run), run.info.spec.seed)
            counts[seed] = counts.get(seed, -1) + 1
            key = (seed[0], counts[seed])
            groups[key] = [*groups.pop(key, []), run]
        opened = [key for key, members in groups.items() if any(run.run_id == self.opened for run in members)]
        others = [key for key in groups if key not in opened]
        self.num_left_out = max(0, len(groups) - MAX_SHOWN)
        kept = {*others[len(opened) - MAX_SHOWN :], *opened}
        return {key: groups[key] for key in sorted(kept, key=lambda key: groups[key][0].info.created)}

    def _show(self, groups: dict[Key, list[StoredRun]]) -> None:
        self._slots = slots_of(groups, self._slots)
        self.entries = [
            Shown(slot=self._slots[key], run_ids=tuple(run.run_id for run in members))
            for key, members in groups.items()
        ]
        self._slot_of_run = {run_id: one.slot for one in self.entries for run_id in one.run_ids}

    def _setting(self, run: StoredRun) -> int:
        told = (run.run_id, run.status.commands)  # a command makes another setting of it
        number = self._setting_of_run.get(told)
        if number is None:
            number = self._numbers.setdefault(run_key(run), len(self._numbers))
            self._setting_of_run[told] = number
        return number
