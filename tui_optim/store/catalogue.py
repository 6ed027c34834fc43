"""The catalogue: all runs of a home, read from their folders; unchanged folders are not read again."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tui_optim.spec.errors import StoreError, UsageError, nearest
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder, RunInfo
from tui_optim.store.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as the catalogue shows it."""

    info: RunInfo
    status: Status
    folder: RunFolder

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.info.run_id


@dataclass(frozen=True, slots=True)
class _Seen:
    stamp: tuple[int, int, int]
    run: StoredRun


class Catalogue:
    """Reads run folders. One instance per app or command; it remembers what it has read."""

    def __init__(self, home: Home) -> None:
        """`home` is only read."""
        self.home = home
        self.damaged: dict[str, str] = {}
        """Run id → why it cannot be read."""
        self._seen: dict[str, _Seen] = {}

    def runs(self) -> list[StoredRun]:
        """All readable runs, oldest first."""
        try:
            names = [entry.name for entry in os.scandir(self.home.runs) if not entry.name.startswith(".")]
        except OSError:
            names = []
        self.damaged = {}
        seen: dict[str, _Seen] = {}
        for name in names:
            try:
                seen[name] = self._read(name)
            except StoreError as error:
                self.damaged[name] = str(error)
        self._seen = seen
        return sorted((item.run for item in seen.values()), key=lambda run: (run.info.created, run.run_id))

    def find(self, name: str) -> StoredRun:
        """Find a run by id, by a part of it that only one run has, or 'last' for the newest. Raises UsageError."""
        runs = self.runs()
        if not runs:
            raise UsageError(f"no run {name!r}: there are no runs yet in {self.home.root}; start one: tui-optim run")
        if name == "last":
            return runs[-1]
        matches = [run for run in runs if run.run_id == name] or [run for run in runs if name in run.run_id]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UsageError(
                f"{name!r} names {len(matches)} runs: " + ", ".join(run.run_id for run in matches[:4]) + " …"
            )
        raise UsageError(f"unknown run {name!r}: {nearest(name, [run.run_id for run in runs][-8:])}")

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
            matches = [run.run_id for run in runs if name in run.run_id or name == run.info.spec.scenario] or [
                self.find(name).run_id
            ]
            chosen |= set(matches)
        return [run for run in runs if run.run_id in chosen]

    def _read(self, name: str) -> _Seen:
        folder = RunFolder(Path(self.home.runs / name))
        try:
            stat = folder.status.stat()
        except OSError as error:
            raise StoreError(f"{folder.status}: cannot be read ({error.strerror or error})") from error
        stamp = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        known = self._seen.get(name)
        if known is not None and known.stamp == stamp and known.run.status.state != "running":
            return known
        info = known.run.info if known is not None else folder.read_info()
        return _Seen(stamp, StoredRun(info=info, status=folder.read_status(), folder=folder))
