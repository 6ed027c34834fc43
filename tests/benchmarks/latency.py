"""From Enter (submitting a run) to its first training step, with a warm worker."""

import tempfile
import time
from pathlib import Path

from tests.benchmarks.table import Row
from tests.engine.runs_for_tests import make_run
from tests.runs.lab import Lab, wait_until
from tui_optim.spec.events import Progress
from tui_optim.store.datasets import find_source
from tui_optim.store.eventlog import read_events

REPEATS = 9


def rows() -> list[Row]:
    """The first run warms the worker and is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        try:
            times = [_submit_to_first_step_s(lab) for _ in range(REPEATS + 1)][1:]
        finally:
            lab.close()
    return [Row(what="Enter to the end of the first 37 steps of LeNet-5, warm worker", values=times, unit="s")]


def _submit_to_first_step_s(lab: Lab) -> float:
    run = make_run(find_source("fashion-mnist"), lr=0.001)
    began = time.time()
    (run_id,) = lab.client.submit([run])
    log = lab.folder(run_id).events
    wait_until(lambda: any(isinstance(r.event, Progress) for r in read_events(log)), "no first step")
    first = next(r.time for r in read_events(log) if isinstance(r.event, Progress))
    lab.client.stop(run_id)
    lab.wait_for_end(run_id)
    return first - began
