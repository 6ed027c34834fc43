"""A home of 1,000 stored runs: how long a person waits for lists and for the app, what scrolling costs, what idling costs.

CPU seconds stand beside those of the clock, which other work on the machine lengthens.
"""

import functools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.measure import describe, machine, quantile
from tests.benchmarks.stored import LiveRuns, fill_home
from tests.benchmarks.terminal import AppInTerminal
from tests.runs.lab import Lab
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import write_status
from tui_optim.ui.board import Board
from tui_optim.ui.watch import StoreWatch

NUM_RUNS = 1_000
NUM_LIVE = 3
REPEATS = 7
LOOKS = 40
PRESSES = 40
KEY_REPEAT_S = 1 / 30
"""Between the presses of a key that is held down."""
SETTLE_S = 3.0
WINDOW_S = 20.0
RUN_PANE, DOWN, PAGE_DOWN = b"6", b"j", b"\x1b[6~"
COMMANDS = (
    "list runs",
    "list runs --json",
    "status",
    "show last",
    "compare lenet5-fashion",
    "export --format csv",
    "export --format json",
)


def main() -> None:
    """Print a line per measurement."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print(f"catalogue, {NUM_RUNS} stored runs; {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        live = fill_home(lab.home, num_runs=NUM_RUNS, num_live=NUM_LIVE)
        try:
            with held_lock(
                lab.home.supervisor_lock
            ):  # the app starts none, whose worker would load torch beside the clock
                with LiveRuns(live):
                    _report_commands(lab.home)
                    _report_looks(lab.home)
                    _report_app(lab.home)
                _end(live)
                print("without running runs:")
                _report_looks(lab.home)
                _report_app(lab.home)
            _report_supervisor(lab)
        finally:
            lab.close()


def _report_commands(home: Home) -> None:
    for words in COMMANDS:
        clock, cpu = zip(*(_command_s(home, words) for _ in range(REPEATS)), strict=True)
        print(f"{words:24} {describe(clock)}, CPU {describe(cpu)}")


def _command_s(home: Home, words: str) -> tuple[float, float]:
    """Seconds of the clock, and of the process on the CPU."""
    environment = {**os.environ, "TUI_OPTIM_HOME": str(home.root)}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "tui_optim", *words.split()], env=environment, capture_output=True, check=True
    )
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _report_looks(home: Home) -> None:
    """What the app does in its thread, and what the supervisor does, without a process around it."""
    print(f"catalogue, first reading {_described(lambda: Catalogue(home).runs(), REPEATS)}")
    catalogue, watch, board = Catalogue(home), StoreWatch(home), Board()
    catalogue.runs()
    print(f"catalogue, read again    {_described(catalogue.runs, LOOKS)}")

    def look() -> None:
        board.take(watch.look(board.followed))
        board.fold()

    look()
    print(f"a look of the app        {_described(look, LOOKS)}")


def _described(act: Callable[[], object], repeats: int) -> str:
    times: list[float] = []
    for _ in range(repeats):
        began = time.thread_time()
        act()
        times.append(time.thread_time() - began)
    return describe(times, unit="ms CPU", scale=1000)


def _report_app(home: Home) -> None:
    frames, lists, cpu = zip(*(_start_s(home) for _ in range(REPEATS)), strict=True)
    print(f"the app: first frame     {describe(frames)}")
    print(f"  run list filled        {describe(lists)}, CPU so far {describe(cpu)}")
    app = AppInTerminal(home.root)
    app.read_for(SETTLE_S)
    print(f"  left alone             {_busy_share(app.pid, functools.partial(app.read_for, WINDOW_S)):.2%} of a core")
    app.press(RUN_PANE)
    app.read_for(1.0)
    rows = [_answer_s(app, DOWN, mark=_row(step)) for step in range(1, PRESSES + 1)]
    held = _held_key_s(app, first=PRESSES + 1)
    pages = [_answer_s(app, PAGE_DOWN) for _ in range(PRESSES)]
    for name, times in (("row", rows), ("page", pages)):
        p99 = 1000 * quantile(times, 0.99)
        print(f"  cursor down by a {name:7} {describe(times, unit='ms', scale=1000)}, p99 {p99:.0f} ms")
    print(
        f"  a key held down        screen {1000 * held:.0f} ms behind after {PRESSES} rows at {1 / KEY_REPEAT_S:.0f} a second"
    )
    app.hang_up()


def _start_s(home: Home) -> tuple[float, float, float]:
    """From exec to the first frame, and to the newest row of the run list; the process's time on the CPU by then."""
    app = AppInTerminal(home.root)
    app.wait_for(b"LeNet-5 on Fashion")
    first_frame = time.perf_counter() - app.began
    app.wait_for(
        str(NUM_RUNS - NUM_LIVE).encode()
    )  # the number of a row that is in sight with the running ones and without
    filled = time.perf_counter() - app.began
    cpu = _process_cpu_s(app.pid)
    app.hang_up()
    return first_frame, filled, cpu


def _row(step: int) -> bytes:
    """Number of the row so many steps below the newest run."""
    return str(NUM_RUNS - step).encode()


def _answer_s(app: AppInTerminal, key: bytes, *, mark: bytes | None = None) -> float:
    """From a key to its effect on the screen: to a text, or to the end of what it changes."""
    app.press(key)
    began = time.perf_counter()
    if mark is None:
        return app.read_until_quiet() - began
    app.wait_for(mark)
    return time.perf_counter() - began


def _held_key_s(app: AppInTerminal, *, first: int) -> float:
    """How far the screen is behind the last press of a key that was held down; `first` is the step of its first press."""
    for _ in range(PRESSES - 1):
        app.press(DOWN)
        app.read_for(KEY_REPEAT_S)
    return _answer_s(app, DOWN, mark=_row(first + PRESSES - 1))


def _end(live: list[RunFolder]) -> None:
    for run in live:
        write_status(run.status, replace(run.read_status(), state="stopped", owner=None))


def _report_supervisor(lab: Lab) -> None:
    """Without work, all runs at their end; its worker, which loads torch, is not counted."""
    lab.client.ensure_supervisor()
    time.sleep(SETTLE_S)
    pid = lab.supervisor_pid()
    print(f"supervisor, left alone   {_busy_share(pid, functools.partial(time.sleep, WINDOW_S)):.2%} of a core")


def _busy_share(pid: int, pass_time: Callable[[], None]) -> float:
    """CPU seconds of a process per second, over a while."""
    before, began = _process_cpu_s(pid), time.perf_counter()
    pass_time()
    return (_process_cpu_s(pid) - before) / (time.perf_counter() - began)


def _process_cpu_s(pid: int) -> float:
    """By the process's own clock (`clock_getcpuclockid`): ticks of 10 ms say little about who wakes for two."""
    return time.clock_gettime(~pid << 3 | 2)
