"""Runs side by side against runs one after the other: a grid of twelve, two at a time with a thread each, or singly with all.

Two homes with warm workers take turns, so that whatever else the machine does meets both alike. One run alone, with the thread
that it has beside another, says what the machine gives at most: two that do not slow each other at all. The memory of an
additional worker is what one of two holds for itself (pages that no other process shares).
"""

import itertools
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.table import Row, figure, median_of, ratios
from tests.engine.runs_for_tests import make_run
from tests.runs.lab import Lab
from tui_optim.runs.footprint import footprints
from tui_optim.runs.machine import cpu_budget, default_threads
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.events import ENDED_STATES
from tui_optim.spec.run import RunSpec
from tui_optim.store.datasets import find_source

ROUNDS = 3
NUM_JOBS = 2
EPOCHS = 2
RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
MOMENTA = (0.0, 0.5)
LOOK_S = 0.1
"""A hundred looks a second would take a twentieth of a core from what is measured."""
LIMIT = 1.4
"""Side by side must be this many times as fast on two idle cores, where their threads allow it."""


def rows() -> list[Row]:
    """The ratio, and the memory."""
    return measure(find_source("fashion-mnist"), rounds=ROUNDS, epochs=EPOCHS)


def measure(source: DataSource, *, rounds: int, epochs: int) -> list[Row]:
    """Let both ways take turns over the same grid."""
    grid = [
        make_run(source, epochs=epochs, lr=lr, momentum=momentum) for lr, momentum in itertools.product(RATES, MOMENTA)
    ]
    beside_s: list[float] = []
    after_s: list[float] = []
    alone_s: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        beside, after = Lab(Path(folder) / "beside"), Lab(Path(folder) / "after")
        try:
            beside.client.set_slots(NUM_JOBS)
            for lab in (beside, after):
                seconds(lab, [run.model_copy(update={"epochs": 1}) for run in grid[:NUM_JOBS]])  # warms the workers
            for _ in range(rounds):
                beside_s.append(seconds(beside, grid))
                after_s.append(seconds(after, grid))
                alone_s.append(seconds(beside, grid[:1]))
            workers = [one for one in footprints(beside.home) if one.role == "worker"]
        finally:
            beside.close()
            after.close()
    beside_threads, after_threads = default_threads(NUM_JOBS), cpu_budget()
    at_most = NUM_JOBS * statistics.median(ratios(after_s, alone_s)) / len(grid)
    return [
        Row(
            what=f"{len(grid)} LeNet-5 runs of {epochs} epochs, {source.kind} data: "
            f"one after the other ({after_threads} threads) ÷ {NUM_JOBS} at once ({beside_threads} each)",
            values=ratios(after_s, beside_s),
            unit="×",
            besides=f"{median_of(after_s)} ÷ {median_of(beside_s)}; bar {LIMIT} on two cores; at most {figure(at_most)} × here: "
            f"one alone, {beside_threads} thread{'s' if beside_threads > 1 else ''}, takes {median_of(alone_s)}",
        ),
        Row(what="memory of an additional worker", values=[worker.own_mib for worker in workers], unit="MiB"),
    ]


def seconds(lab: Lab, runs: Sequence[RunSpec]) -> float:
    """From submitting runs to the end of the last of them."""
    began = time.perf_counter()
    for run_id in lab.client.submit(runs):
        while lab.status(run_id).state not in ENDED_STATES:
            time.sleep(LOOK_S)
        assert lab.status(run_id).state in ("finished", "diverged")
    return time.perf_counter() - began
