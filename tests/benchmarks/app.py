"""What being looked at costs: training with the app open and drawing against without; and how fast keys are answered."""

import functools
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.measure import quantile
from tests.benchmarks.table import Row, median_of, ratios
from tests.benchmarks.terminal import AppInTerminal
from tests.engine.runs_for_tests import make_run
from tests.runs.lab import Lab, wait_until
from tui_optim.spec.events import Progress
from tui_optim.store.datasets import find_source
from tui_optim.store.eventlog import read_events

ROUNDS = 5
WINDOW_S = 12.0
SETTLE_S = 4.0
AXES = (b"over steps", b"over seconds", b"over gradient", b"over epochs")
"""Titles of the charts as the key x turns their axis."""


def rows() -> list[Row]:
    """Alternate windows with and without the app while one LeNet-5 run trains on all cores."""
    source = find_source("fashion-mnist")
    closed: list[float] = []
    opened: list[float] = []
    answers: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        try:
            (run_id,) = lab.client.submit([make_run(source, lr=0.01, epochs=1000)])
            wait_until(lambda: lab.status(run_id).epoch >= 1, "the run never ended an epoch")
            for _ in range(ROUNDS):
                closed.append(_steps_per_s(lab, run_id, functools.partial(time.sleep, WINDOW_S)))
                app = AppInTerminal(lab.home.root)
                app.wait_for(b"LeNet-5 on Fashion")
                app.read_for(SETTLE_S)
                opened.append(_steps_per_s(lab, run_id, functools.partial(app.read_for, WINDOW_S)))
                answers += _press_keys(app)
                app.hang_up()
        finally:
            lab.close()
    p99_ms = 1000 * quantile(answers, 0.99)
    return [
        Row(
            what="LeNet-5 steps per second with the app open (120×36, both charts live) ÷ without",
            values=ratios(opened, closed),
            unit="×",
            besides=f"{median_of(opened, '/s')} ÷ {median_of(closed, '/s')}",
        ),
        Row(
            what="key answered while LeNet-5 trains on all cores",
            values=[1000 * seconds for seconds in answers],
            unit="ms",
            besides=f"p99 {p99_ms:.0f} ms",
        ),
    ]


def _steps_per_s(lab: Lab, run_id: str, pass_time: Callable[[], None]) -> float:
    """Training steps per second of the steps' own clock over the window: evaluations fall into some windows and not others."""
    began = time.time()
    pass_time()
    points = [
        r.event for r in read_events(lab.folder(run_id).events) if isinstance(r.event, Progress) and r.time >= began
    ]
    return (points[-1].step - points[0].step) / (points[-1].train_time_s - points[0].train_time_s)


def _press_keys(app: AppInTerminal, *, presses: int = 40) -> list[float]:
    """Seconds from a key to its effect on the screen, at random moments."""
    chance = random.Random(len(app.seen))
    times: list[float] = []
    for press in range(presses):
        app.read_for(chance.uniform(0.02, 0.25))
        app.press(b"x")
        began = time.perf_counter()
        app.wait_for(AXES[press % len(AXES)])
        times.append(time.perf_counter() - began)
    return times
