"""What the app itself costs while two charts with 10,000 points each are live at 120×36."""

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil

from tests.benchmarks.measure import machine
from tests.benchmarks.terminal import AppInTerminal
from tests.factories import STEPS_PER_EPOCH, make_events, make_progress
from tests.ui.stage import NOON, rewrite_log, write_run
from tui_optim.spec.event_lines import encode_record
from tui_optim.spec.events import Event, Record
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import open_home

NUM_POINTS = 10_000
BINS_PER_S = 4
WINDOW_S = 30.0
SETTLE_S = 10.0


class LiveRuns:
    """Two runs of many points that grow as long as somebody calls `grow`; nothing trains."""

    def __init__(self, root: Path) -> None:
        self.home = open_home(root)
        self._runs = [write_run(self.home, name, state="running", epochs=1000, done=1) for name in ("adam", "sgd")]
        self._step = 0
        for run in self._runs:
            first = make_events(run.info.spec, None, results=[])[:1]
            rewrite_log(run.folder, [*first, *map(self._bin, range(1, NUM_POINTS + 1))], started_at=NOON)
        self._step = NUM_POINTS

    def grow(self) -> None:
        """A bin more of each."""
        self._step += 1
        for run in self._runs:
            self._append(run, self._bin(self._step))

    def _bin(self, number: int) -> Event:
        step = number * STEPS_PER_EPOCH // 50 or number
        return replace(make_progress(step, loss=2.0 / (1 + number / 500)), lr=0.01)

    def _append(self, run: StoredRun, event: Event) -> None:
        record = Record(seq=self._step + 2, time=NOON + self._step, event=event)
        with run.folder.events.open("a", encoding="utf-8") as log:
            log.write(f"{encode_record(record)}\n")


class WatchedApp:
    """The app on such runs, with what it uses."""

    def __init__(self, root: Path) -> None:
        self.runs = LiveRuns(root)
        self.app = AppInTerminal(self.runs.home.root, "attach", "--read-only")
        self.app.wait_for(b"LeNet-5 on Fashion")
        self.app.press(b"4m")  # the second chart: the learning rate, of which each bin has a point
        self.app.wait_for(b"earning rate")
        self.process = psutil.Process(self.app.pid)

    def watch(self, seconds: float) -> float:
        """Let the runs grow for a while; returns the share of a core that the app used."""
        used, began = sum(self.process.cpu_times()[:2]), time.perf_counter()
        while time.perf_counter() < began + seconds:
            self.runs.grow()
            self.app.read_for(1 / BINS_PER_S)
            self.app.seen = b""
        return (sum(self.process.cpu_times()[:2]) - used) / (time.perf_counter() - began)

    @property
    def resident_mib(self) -> float:
        """Memory that it holds."""
        held: int = self.process.memory_info().rss
        return held / 2**20


def main() -> None:
    """The share of a core, and the memory before and after."""
    print(f"live; {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        watched = WatchedApp(Path(folder) / "home")
        try:
            watched.watch(SETTLE_S)
            before = watched.resident_mib
            share = watched.watch(WINDOW_S)
            after = watched.resident_mib
        finally:
            watched.app.end()
    print(f"app with two live charts of {NUM_POINTS:,} points each at 120×36: {share:.1%} of a core")
    print(f"memory {before:.0f} MiB, {WINDOW_S:.0f} s later {after:.0f} MiB")
