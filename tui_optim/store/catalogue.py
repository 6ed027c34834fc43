"""The catalogue: all runs of a home, read from their folders; unchanged folders are not read again."""

import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tui_optim.spec.errors import StoreError, UsageError, nearest
from tui_optim.spec.events import ENDED_STATES
from tui_optim.store.home import Home
from tui_optim.store.label import NO_LABEL, Label, read_label
from tui_optim.store.runfolder import RunFolder, RunInfo
from tui_optim.store.stamps import Stamp, names_in, stamp_of
from tui_optim.store.status import Status, judged


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as the catalogue shows it."""

    info: RunInfo
    status: Status
    folder: RunFolder
    label: Label = NO_LABEL

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.info.run_id


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a folder held when it was last read."""

    status: Stamp
    run: StoredRun
    label: Stamp = None
    label_problem: str = ""
    """Why the label cannot be read; the run is there without it."""


@dataclass(frozen=True, slots=True)
class _Damage:
    """Why a folder holds no run, and the files that this was read from."""

    status: Stamp
    info: Stamp
    problem: str


class Catalogue:
    """Reads run folders. One instance per app or command; it remembers what it has read.

    A home of a thousand runs is looked at several times a second: an unchanged folder costs a `stat` of its status and one of
    its label, and nothing is made anew while no folder has changed.
    """

    def __init__(self, home: Home) -> None:
        """`home` is only read."""
        self.home = home
        self.damaged: dict[str, str] = {}
        """Folder name → why it holds no run that can be read, as of the last look."""
        self.damaged_labels: dict[str, str] = {}
        """Run id → why its label cannot be read, as of the last look; the run is listed without it."""
        self._runs_path = home.runs
        self._folder = str(home.runs)
        self._seen: dict[str, _Seen] = {}
        self._damage: dict[str, _Damage] = {}
        self._runs: list[StoredRun] | None = None

    def runs(self, *, is_glance: bool = False, names: Iterable[str] | None = None) -> list[StoredRun]:
        """All readable runs, oldest first; the very same objects as before where nothing has changed.

        A glance sees new folders and what goes on, but not that a run at its end is queued again: for those who look often. With
        `names` only these folders are looked at.
        """
        seen: dict[str, _Seen] = {}
        damaged: dict[str, str] = {}
        for name in names_in(self._folder) if names is None else names:
            try:
                seen[name] = self._look(name, is_glance=is_glance)
            except StoreError as error:
                if os.path.lexists(f"{self._folder}/{name}"):  # else it was deleted this very moment
                    damaged[name] = str(error)
        known = self._seen
        is_other = len(seen) != len(known) or any(known.get(name) is not item for name, item in seen.items())
        if is_other or self._runs is None:
            self._runs = sorted((item.run for item in seen.values()), key=lambda run: (run.info.created, run.run_id))
        self._seen, self.damaged = seen, damaged
        self.damaged_labels = {name: item.label_problem for name, item in seen.items() if item.label_problem}
        self._damage = {name: damage for name, damage in self._damage.items() if name in damaged}
        return list(self._runs)

    def read(self, run_id: str) -> StoredRun:
        """One run, without a look at the others. Raises StoreError."""
        self._seen[run_id], self._runs = self._look(run_id), None
        return self._seen[run_id].run

    def find(self, name: str) -> StoredRun:
        """Find a run by id, by a part of it that only one run has, by the name that a user gave it, or 'last' for the newest.

        Raises:
            UsageError: none or several are meant.
        """
        from tui_optim.store.sweepfolder import sweep_ids  # plans and presets: nothing that a list of runs needs

        runs = self.runs()
        if not runs:
            raise UsageError(f"no run {name!r}: there are no runs yet in {self.home.root}; start one: tui-optim run")
        if name == "last":
            return runs[-1]
        matches = (
            [run for run in runs if run.run_id == name]
            or [run for run in runs if name and run.label.name == name]
            or [run for run in runs if name in run.run_id]
        )
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UsageError(
                f"{name!r} names {len(matches)} runs: " + ", ".join(run.run_id for run in matches[:4]) + " …"
            )
        damaged = [problem for folder, problem in self.damaged.items() if name in folder]
        if len(damaged) == 1:
            raise UsageError(damaged[0])
        raise UsageError(
            f"unknown run {name!r}: {nearest(name, [*(run.run_id for run in runs[-8:]), *sweep_ids(self.home)[-2:]])}"
        )

    def find_all(self, names: Iterable[str]) -> list[StoredRun]:
        """The runs that the names mean, oldest first: a scenario's id all of it, a part of a run's id every run that has it.

        Raises:
            UsageError: a name that means none.
        """
        runs = self.runs()
        chosen: set[str] = set()
        for name in names:
            if not name.strip():
                raise UsageError("an empty name means no run; leave it out for all runs")
            matches = [
                run.run_id for run in runs if name in run.run_id or name in (run.info.spec.scenario, run.label.name)
            ] or [self.find(name).run_id]
            chosen |= set(matches)
        return [run for run in runs if run.run_id in chosen]

    def _look(self, name: str, *, is_glance: bool = False) -> _Seen:
        """What a folder holds now, read only where a file has changed. Raises StoreError."""
        known = self._seen.get(name)
        if is_glance and known is not None and known.run.status.state in ENDED_STATES:
            return known
        stamp = stamp_of(f"{self._folder}/{name}/status.json")
        label_stamp = stamp_of(f"{self._folder}/{name}/label.json")
        if known is None or known.status != stamp or stamp is None:
            return self._labelled(self._read(name, stamp), label_stamp)
        known = self._labelled(known, label_stamp)
        if known.run.status.state != "running":
            return known
        status = judged(known.run.status)
        return known if status is known.run.status else replace(known, run=replace(known.run, status=status))

    def _labelled(self, seen: _Seen, stamp: Stamp) -> _Seen:
        """With the run's label, read only where its file has changed."""
        if seen.label == stamp:
            return seen
        label, problem = NO_LABEL, ""
        try:
            label = NO_LABEL if stamp is None else read_label(seen.run.folder.label)
        except StoreError as error:
            problem = str(error)
        return replace(seen, run=replace(seen.run, label=label), label=stamp, label_problem=problem)

    def _read(self, name: str, status_stamp: Stamp) -> _Seen:
        info_stamp = stamp_of(f"{self._folder}/{name}/run.json")
        damage = self._damage.get(name)
        if damage is not None and (damage.status, damage.info) == (status_stamp, info_stamp):
            raise StoreError(damage.problem)
        folder, known = RunFolder(self._runs_path / name), self._seen.get(name)
        try:
            if (
                "\n" in name or name != name.encode(errors="ignore").decode()
            ):  # else it would break lines, lists and JSON
                raise StoreError(f"{folder.path}: not a run: no run has such a name")
            if known is not None:
                return replace(known, status=status_stamp, run=replace(known.run, status=folder.read_status()))
            return _Seen(status_stamp, StoredRun(info=folder.read_info(), status=folder.read_status(), folder=folder))
        except StoreError as error:
            found = _foreign(folder, error.__cause__) or error
            if not isinstance(error.__cause__, OSError) or error.__cause__.errno in _LASTING:
                self._damage[name] = _Damage(status_stamp, info_stamp, str(found))
            raise found from error.__cause__


_LASTING = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM, errno.EINVAL, errno.EFBIG}
"""Errors that end with a change of the file, which its stamp shows; others, like too many open files, may pass without one."""


def _foreign(folder: RunFolder, cause: BaseException | None) -> StoreError | None:
    """What lies among the runs and is none; None where it is a run, damaged."""
    if isinstance(cause, NotADirectoryError):
        return StoreError(f"{folder.path}: not a run: it is no folder")
    if isinstance(cause, FileNotFoundError) and not os.path.lexists(folder.path / "run.json"):
        return StoreError(f"{folder.path}: not a run: it has no run.json")
    return None
