"""The app over a slow link, two runs training and both charts live: how fast keys are answered, and that nobody waits for it."""

import random
import statistics
import tempfile
import time
from pathlib import Path

from tests.benchmarks.app import AXES
from tests.benchmarks.measure import machine, quantile
from tests.benchmarks.slow_link import AppOverSlowLink
from tests.engine.runs_for_tests import make_run
from tests.runs.lab import Lab, wait_until
from tui_optim.spec.events import Progress
from tui_optim.store.datasets import find_source
from tui_optim.store.eventlog import read_events

PRESSES = 40
WINDOW_S = 30.0
SETTLE_S = 12.0
BYTES_PER_S = 25_000.0


def main() -> None:
    """25 kB/s both ways with 100 ms delay; then the link stands for half a minute."""
    print(f"link; {machine()}")
    source = find_source("fashion-mnist")
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        app: AppOverSlowLink | None = None
        try:
            lab.client.set_slots(2)
            runs = [make_run(source, lr=0.01, epochs=1000, seed=seed) for seed in (1, 2)]
            run_ids = lab.client.submit([run.model_copy(update={"threads": 1}) for run in runs])
            wait_until(lambda: all(lab.status(one).epoch >= 1 for one in run_ids), "the runs never ended an epoch")
            app = AppOverSlowLink(lab.home.root, bytes_per_s=BYTES_PER_S)
            app.wait_for(b"LeNet-5 on Fashion")
            app.read_for(SETTLE_S)
            answers = _press_keys(app, PRESSES)
            before_bytes = app.num_bytes
            before = _steps_per_s(lab, run_ids, app)
            used = (app.num_bytes - before_bytes) / WINDOW_S
            app.stop()
            during = _steps_per_s(lab, run_ids, app)
            app.go_on()
            app.press(b"x")
            began = time.perf_counter()
            app.wait_for(AXES[PRESSES % len(AXES)])
            recovery_s = time.perf_counter() - began
            after = _steps_per_s(lab, run_ids, app)
            again = _press_keys(app, 8, first=PRESSES + 1)
        finally:
            if app is not None:
                app.end()
            lab.close()
    print(
        f"key answered after {_ms(answers)} (median), {quantile(answers, 0.9) * 1000:.0f} ms (p90 of {len(answers)}), "
        f"200 ms of them on the way; without keys {used / 1000:.1f} of {BYTES_PER_S / 1000:.0f} kB/s used"
    )
    print(
        f"steps per second, both runs: {before:.0f}, link stopped for {WINDOW_S:.0f} s {during:.0f}, after it {after:.0f}"
    )
    print(f"after the stop a key is answered within {recovery_s:.1f} s, later ones after {_ms(again)} (median)")


def _ms(times: list[float]) -> str:
    return f"{statistics.median(times) * 1000:.0f} ms"


def _press_keys(app: AppOverSlowLink, presses: int, *, first: int = 0) -> list[float]:
    """Seconds from a key to its effect on the screen, at random moments."""
    chance = random.Random(presses)
    times: list[float] = []
    for press in range(first, first + presses):
        app.read_for(chance.uniform(0.6, 2.0))
        app.press(b"x")
        began = time.perf_counter()
        app.wait_for(AXES[press % len(AXES)])
        times.append(time.perf_counter() - began)
    return times


def _steps_per_s(lab: Lab, run_ids: list[str], app: AppOverSlowLink) -> float:
    """Steps of all runs per second of the wall clock, evaluations included."""
    began = time.time()
    app.read_for(WINDOW_S)
    total = 0.0
    for run_id in run_ids:
        points = [
            r for r in read_events(lab.folder(run_id).events) if isinstance(r.event, Progress) and r.time >= began
        ]
        first, last = points[0], points[-1]
        assert isinstance(first.event, Progress)
        assert isinstance(last.event, Progress)
        total += (last.event.step - first.event.step) / (last.time - first.time)
    return total
