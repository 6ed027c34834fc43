"""The judges of the soak test see what they are there for."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.runs.lab import is_gone, wait_until
from tests.runs.watched import Look, Watched, debris, is_growing, slope
from tui_optim.runs import queue
from tui_optim.store.control import leave_request
from tui_optim.store.files import held_lock
from tui_optim.store.home import open_home


@pytest.mark.parametrize("leak_kb", [0.0, 20.0])
def test_a_leak_is_told_from_what_comes_and_goes(leak_kb: float) -> None:
    """So much a run, beneath 60 MB that are held for every seventh wave of runs, mostly towards the end."""
    watched = Watched("a process", os.getpid())
    for number in range(1, 101):
        swing = 60.0 if number % 7 == 0 or number > 80 else 0.0
        held = 600 + swing + leak_kb / 1000 * 5 * number + 0.1 * (-1) ** number
        watched.looks.append(_look(num_runs=5 * number, clock_s=2.0 * number, resident_mb=held))
    growth = watched.growth(after_runs=100, stretch=50)
    assert 1000 * growth.mb_per_run == pytest.approx(leak_kb, abs=2.0)


@pytest.mark.parametrize(("leak_kb", "expected"), [(0.0, False), (20.0, True)])
def test_a_larger_set_of_data_late_in_the_day_is_no_leak(leak_kb: float, expected: bool) -> None:
    """It lifts the highest for good, and the lowest not at all."""
    watched = Watched("a process", os.getpid())
    for number in range(1, 101):
        swing = (60.0 if number > 70 else 30.0) if number % 3 == 0 else 0.0
        held = 600 + swing + leak_kb / 1000 * 5 * number
        watched.looks.append(_look(num_runs=5 * number, clock_s=2.0 * number, resident_mb=held))
    growth = watched.growth(after_runs=100, stretch=50)
    assert (1000 * growth.mb_per_run > 16.0) is expected


def test_growth_over_the_clock_is_told_too() -> None:
    """While no run comes."""
    watched = Watched("a process", os.getpid())
    for number in range(60):
        watched.looks.append(_look(num_runs=500, clock_s=float(number), resident_mb=80 + 0.01 * number))
    growth = watched.growth()
    assert growth.mb_per_s == pytest.approx(0.01)
    assert growth.mb_per_run == 0
    assert slope([3, 3], [1, 2]) == 0


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([10, 11, 10, 10, 11, 10], False),
        ([10, 13, 10, 10, 10, 13], False),
        ([10, 10, 10, 11, 11, 11], True),
        ([10, 11, 12, 13, 14, 15], True),
        ([15, 14, 13, 12, 11, 10], False),
    ],
)
def test_what_comes_and_goes_is_no_growth(counts: list[int], expected: bool) -> None:
    """One more that stays is."""
    assert is_growing(counts) is expected


def test_a_look_sees_descriptors_and_dead_children() -> None:
    """Of this very process."""
    subprocess.run(["true"], check=True)  # Python takes leave of children that tests before this one have left
    watched = Watched("this process", os.getpid())
    before = watched.look(num_runs=0)
    child = subprocess.Popen(["true"])
    wait_until(lambda: is_gone(child.pid), "it did not end")
    with Path(os.devnull).open():
        during = watched.look(num_runs=1)
    child.wait()
    after = watched.look(num_runs=2)
    assert [one.num_zombies for one in (before, during, after)] == [0, 1, 0]
    assert during.num_descriptors == before.num_descriptors + 1 == after.num_descriptors + 1
    assert after.resident_mb > 1
    assert watched.growth().num_zombies == 1


def test_debris_of_each_kind_is_named(tmp_path: Path) -> None:
    """And what a home keeps for good is not."""
    home = open_home(tmp_path)
    queue.write_slots(home, 2)
    control = home.runs / "one" / "control"
    control.mkdir(parents=True)
    (home.runs / "one" / "worker.lock").touch()
    assert debris(home) == []
    leave_request(control, "stop")
    queue.enqueue(home, "one")
    (home.runs / ".new-two").mkdir()
    os.mkfifo(home.root / "pipe")
    with held_lock(home.runs / "one" / "worker.lock"):
        found = [line.partition(": ")[2] for line in debris(home)]
    assert found == ["neither file nor folder", "waits for ever", "temporary", "a command that nobody took", "held"]


def _look(*, num_runs: int, clock_s: float, resident_mb: float) -> Look:
    return Look(
        num_runs=num_runs, clock_s=clock_s, resident_mb=resident_mb, num_descriptors=10, num_threads=1, num_zombies=0
    )
