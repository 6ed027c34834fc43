"""What a process holds from one look to the next, whether it grows, and what a home at rest has no use for."""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tui_optim.runs.queue import PREPARE_FILE, SLOTS_FILE
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home

MB = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a process held at one moment."""

    num_runs: int
    """Runs that had come to their ends by then."""
    clock_s: float
    resident_mb: float
    num_descriptors: int
    num_threads: int
    num_zombies: int
    """Children that nobody has waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What a process gained between its looks; slopes are by least squares."""

    mb_per_run: float
    """The smaller of two slopes, through the highest and through the lowest of each stretch of runs: a leak lifts both, data that
    it holds for some of the runs move one of them."""
    mb_per_s: float
    """Through all looks, over the clock."""
    gains_descriptors: bool
    gains_threads: bool
    num_zombies: int
    """The most at any look."""


class Watched:
    """A process, looked at again and again."""

    def __init__(self, name: str, pid: int) -> None:
        """Nobody has looked yet."""
        self.name, self.pid = name, pid
        self.looks: list[Look] = []

    def look(self, *, num_runs: int) -> Look:
        """Take down what it holds now. Raises psutil.NoSuchProcess where it has gone."""
        process = psutil.Process(self.pid)
        now = Look(
            num_runs=num_runs,
            clock_s=time.monotonic(),
            resident_mb=process.memory_info().rss / MB,
            num_descriptors=process.num_fds(),
            num_threads=process.num_threads(),
            num_zombies=sum(one.status() == psutil.STATUS_ZOMBIE for one in process.children()),
        )
        self.looks.append(now)
        return now

    def growth(self, *, after_runs: int = 0, stretch: int = 1) -> Growth:
        """Between the looks that had more than so many runs behind them, and the last; in stretches of so many runs."""
        looks = [look for look in self.looks if look.num_runs > after_runs]
        stretches: dict[int, list[float]] = {}
        for look in looks:
            stretches.setdefault((look.num_runs - 1) // stretch, []).append(look.resident_mb)
        slopes = [slope(list(stretches), [end(held) for held in stretches.values()]) for end in (max, min)]
        return Growth(
            mb_per_run=min(slopes) / stretch,
            mb_per_s=slope([look.clock_s for look in looks], [look.resident_mb for look in looks]),
            gains_descriptors=is_growing([look.num_descriptors for look in looks]),
            gains_threads=is_growing([look.num_threads for look in looks]),
            num_zombies=max(look.num_zombies for look in self.looks),
        )


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    """By least squares; 0 where all values stand at one place."""
    return statistics.linear_regression(at, values).slope if len(set(at)) > 1 else 0.0


def is_growing(counts: Sequence[int]) -> bool:
    """Whether the middle of the last third lies above everything in the first: what comes and goes is no growth."""
    third = max(1, len(counts) // 3)
    return statistics.median_low(counts[-third:]) > max(counts[:third])


def debris(home: Home) -> list[str]:
    """What a home has no use for while nothing trains and nobody is there: paths below it, each with the reason."""
    return sorted(_debris(home))


def _debris(home: Home) -> Iterator[str]:
    for folder, folders, files in os.walk(home.root):
        for name in [*folders, *files]:
            path = Path(folder) / name
            told = path.relative_to(home.root)
            if name.startswith("."):
                yield f"{told}: temporary"
            elif not path.is_symlink() and not path.is_dir() and not path.is_file():
                yield f"{told}: neither file nor folder"
            elif path.parent.name == "control":
                yield f"{told}: a command that nobody took"
            elif path.parent == home.queue and name not in (SLOTS_FILE, PREPARE_FILE):
                yield f"{told}: waits for ever"
            elif path.suffix == ".lock":
                with held_lock(path) as is_free:
                    if not is_free:
                        yield f"{told}: held"
