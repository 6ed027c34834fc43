"""The limit of a training loop: one batch that is ready, forward, backward, a plain step of SGD, and nothing else.

What a run does beside that (drawing batches, its method's own work, looking at losses, schedules) can only make it slower. The
loop is timed for an instant with a model of its own before a run begins, off its clock; the run's draws begin anew after it.
"""

import time
from collections.abc import Callable

import torch

from tui_optim.engine.commands import without_a_trace
from tui_optim.engine.data import Splits
from tui_optim.engine.devices import make_deterministic, synchronize
from tui_optim.engine.own_model import model_and_criterion
from tui_optim.spec.run import RunSpec

MAX_BATCH = 1024
"""Examples; a step over more takes too long to be timed several times before a run."""
CHUNK_S = 0.01
"""How long steps are timed at a stretch: a look at the clock makes an accelerator wait."""
NUM_CHUNKS = 4
"""The fastest counts, for whatever else the machine does only makes them slower."""
MAX_STEPS = 200
"""Of a chunk."""


def has_bare_loop(run: RunSpec) -> bool:
    """Whether one can be timed: not of a user's code, which may not like to be run once more, nor of a mere function."""
    scenario = run.scenario_info
    is_ours = scenario.model != "own" and scenario.quadratic is None
    return is_ours and run.batch_size != "full" and run.batch_size <= MAX_BATCH


def bare_loop(
    run: RunSpec, data: Splits, device: torch.device, *, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Examples per second of forward, backward and step, with the threads that are set now."""
    make_deterministic()
    with without_a_trace(device):
        model, criterion = model_and_criterion(run, data.train, device)
    count = run.examples_per_step(len(data.train))
    inputs, labels = data.train.inputs[:count].clone(), data.train.labels[:count].clone()
    rule = torch.optim.SGD(model.parameters(), lr=1e-4)

    def seconds_of(num_steps: int) -> float:
        began = clock()
        for _ in range(num_steps):
            rule.zero_grad(set_to_none=True)
            criterion(model(inputs), labels).backward()
            rule.step()
        synchronize(device)
        return clock() - began

    seconds_of(1)  # what is made only once
    once = max(seconds_of(1), 1e-9)
    num_steps = max(1, min(MAX_STEPS, int(CHUNK_S / once)))
    fastest = min(seconds_of(num_steps) for _ in range(NUM_CHUNKS))
    return count * num_steps / max(fastest, 1e-9)
