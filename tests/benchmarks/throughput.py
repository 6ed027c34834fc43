"""Runs side by side against runs one after the other: a grid of twelve, two at a time with a thread each, or singly with two.

Two homes with warm workers take turns, so that whatever else the machine does meets both alike. The memory of an additional
worker is what one of two holds for itself (pages that no other process shares).
"""

import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.measure import describe, machine, ratio
from tests.engine.runs_for_tests import make_run
from tests.runs.lab import Lab
from tui_optim.runs.footprint import footprints
from tui_optim.runs.machine import cpu_budget, default_threads
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.run import RunSpec
from tui_optim.store.datasets import find_source

ROUNDS = 3
NUM_JOBS = 2
EPOCHS = 2
RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
MOMENTA = (0.0, 0.5)
LIMIT = 1.4
"""Side by side must be this many times as fast on two idle cores."""


def main() -> None:
    """Print both and their ratio."""
    print(f"throughput; {machine()}")
    measure(find_source("fashion-mnist"), rounds=ROUNDS, epochs=EPOCHS)


def measure(source: DataSource, *, rounds: int, epochs: int) -> None:
    """Let both ways take turns over the same grid and print what came of it."""
    grid = [
        make_run(source, epochs=epochs, lr=lr, momentum=momentum) for lr, momentum in itertools.product(RATES, MOMENTA)
    ]
    beside_s: list[float] = []
    after_s: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        beside, after = Lab(Path(folder) / "beside"), Lab(Path(folder) / "after")
        try:
            beside.client.set_slots(NUM_JOBS)
            for lab in (beside, after):
                seconds(lab, [run.model_copy(update={"epochs": 1}) for run in grid[:NUM_JOBS]])  # warms the workers
            for _ in range(rounds):
                beside_s.append(seconds(beside, grid))
                after_s.append(seconds(after, grid))
            workers = [one for one in footprints(beside.home) if one.role == "worker"]
        finally:
            beside.close()
            after.close()
    print(f"{len(grid)} LeNet-5 runs of {epochs} epochs, {source.kind} data, evaluation included, {rounds} rounds")
    print(f"--jobs {NUM_JOBS}, {default_threads(NUM_JOBS)} thread(s) each  {describe(beside_s)}")
    print(f"one after the other, {cpu_budget()} threads  {describe(after_s)}")
    print(f"ratio of the medians: {ratio(after_s, beside_s):.2f} (bar {LIMIT})")
    own = ", ".join(f"{worker.own_mib:.0f}" for worker in workers)
    shared = ", ".join(f"{worker.resident_mib - worker.own_mib:.0f}" for worker in workers)
    print(f"memory of each worker: {own} MiB of its own; {shared} MiB shared")
    print(f"memory of an additional worker: {max(worker.own_mib for worker in workers):.0f} MiB")


def seconds(lab: Lab, runs: Sequence[RunSpec]) -> float:
    """From submitting runs to the end of the last of them."""
    began = time.perf_counter()
    run_ids = lab.client.submit(runs)
    ends = [lab.wait_for_end(run_id) for run_id in run_ids]
    assert all(status.state in ("finished", "diverged") for status in ends)
    return time.perf_counter() - began
