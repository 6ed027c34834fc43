"""The app leaves or comes back as it should, and leaves the terminal as it found it."""

import os
import random
import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.benchmarks.terminal import AppInTerminal
from tests.runs.lab import is_gone, wait_until
from tests.ui.stage import write_run
from tui_optim.store.home import Home
from tui_optim.store.remembered import FILE_NAME, load_remembered

SIZES = [(1, 1), (20, 5), (80, 24), (120, 36), (300, 80)]
RESTORED = [
    b"\x1b[?1049l",
    b"\x1b[?25h",
    b"\x1b[?1000l",
    b"\x1b[?1003l",
    b"\x1b[?1006l",
    b"\x1b[?2004l",
    b"\x1b[?1004l",
]
"""The other screen left, cursor shown, mouse, pasting and focus no longer reported."""
USUAL = termios.ECHO | termios.ICANON | termios.ISIG


@pytest.fixture
def home_with_runs(home: Home) -> Home:
    """Two finished runs."""
    write_run(home, "adam", rate=0.3)
    write_run(home, "sgd")
    return home


@pytest.fixture
def apps() -> Iterator[list[AppInTerminal]]:
    """They are ended with the test."""
    opened: list[AppInTerminal] = []
    yield opened
    for app in opened:
        app.end()


def is_stopped(app: AppInTerminal) -> bool:
    """Whether it has been suspended, with what it prints read meanwhile."""
    app.read_for(0.01)
    return psutil.Process(app.pid).status() == psutil.STATUS_STOPPED


def is_restored(app: AppInTerminal) -> bool:
    """Whether the shell finds its terminal as it was."""
    app.read_for(0.01)
    return all(sequence in app.seen for sequence in RESTORED) and app.modes & USUAL == USUAL


def test_it_lives_through_sizes_and_suspension(home_with_runs: Home, apps: list[AppInTerminal]) -> None:
    """200 sizes as fast as they come, to the shell and back, then the end by SIGTERM: each time the terminal is right."""
    app = AppInTerminal(home_with_runs.root, "attach", "--read-only")
    apps.append(app)
    app.wait_for(b"LeNet-5 on Fashion")
    assert not app.modes & USUAL
    chance = random.Random(1)
    for _ in range(200):
        app.resize(*chance.choice([*SIZES, (chance.randint(1, 300), chance.randint(1, 80))]))
        app.read_for(0.005)
    for size in SIZES:
        app.resize(*size)
        app.read_until_quiet(quiet_s=0.1)
    app.resize(100, 30)
    app.press(b"?")
    app.wait_for(b"scroll")
    app.press(b"\x1a")
    process = psutil.Process(app.pid)
    wait_until(lambda: is_stopped(app), "it was not suspended")
    assert is_restored(app)
    app.seen = b""
    process.send_signal(signal.SIGCONT)
    app.wait_for(b"\x1b[?1049h")
    app.wait_for(b"scroll")
    assert not app.modes & USUAL
    app.press(b"q")
    app.wait_for(b"LeNet-5")
    process.send_signal(signal.SIGTERM)
    assert os.waitstatus_to_exitcode(app.wait_for_end()) == 128 + signal.SIGTERM
    assert is_restored(app)
    assert b"Traceback" not in app.seen


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_it_leaves_on_a_signal(
    home_with_runs: Home, apps: list[AppInTerminal], tmp_path: Path, number: signal.Signals
) -> None:
    """The terminal is restored, in case it is there still, and the layout is kept for the next start."""
    app = AppInTerminal(home_with_runs.root, "attach", "--read-only", variables={"TUI_OPTIM_CONFIG": str(tmp_path)})
    apps.append(app)
    app.wait_for(b"LeNet-5 on Fashion")
    app.press(b"y")
    app.wait_for(b"Log loss")
    os.kill(app.pid, number)
    assert os.waitstatus_to_exitcode(app.wait_for_end()) == 128 + number
    assert is_restored(app)
    assert load_remembered(tmp_path / FILE_NAME).is_log_y


def test_it_leaves_when_its_parent_is_gone(home_with_runs: Home, apps: list[AppInTerminal]) -> None:
    """As when the shell above it was killed: it notices by itself, and restores the terminal."""
    app = AppInTerminal(
        home_with_runs.root,
        "attach",
        "--read-only",
        before=["/bin/sh", "-c", 'sh -c \'"$@"; true\' sh "$@"; sleep 600', "sh"],
    )
    apps.append(app)
    app.wait_for(b"LeNet-5 on Fashion")
    (shell,) = psutil.Process(app.pid).children()
    (child,) = shell.children()
    app.press(b"")
    shell.kill()
    wait_until(lambda: is_restored(app), "the terminal is not restored")  # reads meanwhile, as a terminal does
    wait_until(lambda: is_gone(child.pid), "it did not leave")
    assert is_restored(app)


def test_it_ends_with_its_terminal(home_with_runs: Home, tmp_path: Path) -> None:
    """A lost connection: it ends, without a second of processor time on the way, and keeps the layout."""
    app = AppInTerminal(home_with_runs.root, "attach", "--read-only", variables={"TUI_OPTIM_CONFIG": str(tmp_path)})
    app.wait_for(b"LeNet-5 on Fashion")
    app.press(b"y")
    app.wait_for(b"Log loss")
    process = psutil.Process(app.pid)
    before = _used_at_rest_s(app, process)
    used_s = app.hang_up().ru_utime
    assert used_s - before < 1.0
    assert load_remembered(tmp_path / FILE_NAME).is_log_y


def _used_at_rest_s(app: AppInTerminal, process: psutil.Process) -> float:
    """Processor time once it takes none any more: behind its first frame it loads what keys may ask for next."""
    before, used = -1.0, sum(process.cpu_times()[:2])
    while used - before > 0.05:
        app.read_for(0.5)
        before, used = used, sum(process.cpu_times()[:2])
    return float(used)
