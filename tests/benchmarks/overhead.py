"""What a step costs in time against what the counters say that it costs, at batch 512 on LeNet-5.

The unit is a forward and a backward pass of the bare model on a batch of 512. Before every step of a method such a pass is
timed, so that whatever else the machine does meets both alike; gathering the batch is inside both times. Times are those of the
process on the CPU: with one thread that is the time it takes on a machine without other work.
"""

import gc
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from tests.benchmarks.measure import machine
from tests.engine.runs_for_tests import CPU, make_run
from tui_optim.engine.averaging import averaged
from tui_optim.engine.batches import Batch, Batches
from tui_optim.engine.counters import Counters
from tui_optim.engine.data import Split, load_splits
from tui_optim.engine.models import MODELS
from tui_optim.engine.objective import Objective
from tui_optim.engine.optimizers import build_method
from tui_optim.engine.optimizers.zoo import ZOO_BUILDERS
from tui_optim.spec.averaging import check_averaging
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import find_optimizer
from tui_optim.store.datasets import find_source

REPEATS = 5
BATCH_SIZE = 512
NUM_BATCHES = 11
"""Batches in a pass here: as many as the sample has. Cost per example does not depend on their number."""
LIMIT = 1.15
"""A method written here may cost this many times its nominal cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A method with the steps after which its costs repeat."""

    optimizer: str
    cycle: int = 10
    warm_up: int = 1
    """Cycles before the clock starts."""
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    averaging: dict[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """With the averaging where there is one."""
        return "+".join([self.optimizer, *(str(value) for name, value in self.averaging.items() if name == "kind")])


WRITTEN_HERE: tuple[Case, ...] = (
    Case(optimizer="momentum-ema"),
    Case(optimizer="svrg", cycle=NUM_BATCHES),
    Case(optimizer="sag", cycle=NUM_BATCHES, hyperparameters={"blocks": NUM_BATCHES}),
    Case(optimizer="saga", cycle=NUM_BATCHES, hyperparameters={"blocks": NUM_BATCHES}),
    Case(optimizer="sarah", cycle=NUM_BATCHES + 1),
    Case(optimizer="geometric-batch", hyperparameters={"growth": 1.0}),
    Case(optimizer="norm-test"),
    Case(optimizer="newton-cg", cycle=5),
    Case(optimizer="sqn", warm_up=11),  # the memory is full of pairs
    Case(optimizer="multibatch-lbfgs", warm_up=2),
    Case(optimizer="kfac", cycle=50),
    Case(optimizer="sgd", cycle=NUM_BATCHES, averaging={"kind": "polyak", "start": 0.0}),
    Case(optimizer="sgd", cycle=NUM_BATCHES, averaging={"kind": "swa", "start": 0.0}),
    Case(optimizer="sgd", cycle=NUM_BATCHES, averaging={"kind": "ema"}),
)
PERIODS = {"shampoo": 20}
"""Steps after which the costs of a packaged method repeat, where that is not 10."""
PACKAGED: tuple[Case, ...] = (
    Case(optimizer="sgd"),
    Case(optimizer="adam"),
    Case(optimizer="muon"),
    Case(optimizer="lbfgs", cycle=3),
    *(Case(optimizer=name, cycle=PERIODS.get(name, 10)) for name in ZOO_BUILDERS),
)
"""For comparison: those around torch's optimizers and the extra `zoo`."""


def main() -> None:
    """Print one line per method."""
    torch.set_num_threads(1)  # a worker's share where several train at once
    source = find_source("fashion-mnist")
    print(f"overhead, {source.kind} data, 1 thread, batch {BATCH_SIZE}, {REPEATS} cycles; {machine()}")
    print(
        f"a cost of 1 is a forward and a backward pass of {BATCH_SIZE} examples; lowest … highest ratio of a cycle behind"
    )
    for case in WRITTEN_HERE:
        _report(case, source, limit=LIMIT)
    for case in PACKAGED:
        _report(case, source)


def _report(case: Case, source: DataSource, *, limit: float | None = None) -> None:
    cycles = list(_cycles(case, source))
    nominal = statistics.median(cycle.nominal for cycle in cycles)
    ratios = sorted(cycle.ratio for cycle in cycles)
    ratio = statistics.median(ratios)
    verdict = "" if limit is None or ratio <= limit else f"  above {limit}"
    spread = f"[{ratios[0]:.2f} … {ratios[-1]:.2f}]"
    print(
        f"{case.name:20} nominal {nominal:7.3f} a step, measured {nominal * ratio:7.3f}, ratio {ratio:.2f} {spread}{verdict}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cycle:
    nominal: float
    """Gradient evaluations of a step, in batches of 512."""
    ratio: float
    """Time over that of as many bare passes."""


def _cycles(case: Case, source: DataSource) -> Iterator[_Cycle]:
    batch_size = "full" if find_optimizer(case.optimizer).is_full_batch else BATCH_SIZE
    run = make_run(source, optimizer=case.optimizer, batch_size=batch_size, **case.hyperparameters)
    run = run.model_copy(update={"averaging": check_averaging(case.averaging) if case.averaging else {}})
    whole = load_splits(run, CPU).train
    data = Split(*(part[: NUM_BATCHES * BATCH_SIZE] for part in (whole.inputs, whole.labels)))
    torch.manual_seed(run.seed)
    bare, model = (MODELS[run.scenario_info.model]() for _ in range(2))
    method = averaged(build_method(run, model), run)
    bare_batches, batches = (Batches(data, BATCH_SIZE, seed=run.seed) for _ in range(2))
    counters = Counters()
    objective = Objective(model, Batch(data.inputs, data.labels), counters=counters, l2=method.l2)
    gc.collect()
    for number in range(-case.warm_up, REPEATS):
        before, bare_s, method_s = counters.gradient_evaluations, 0.0, 0.0
        for _ in range(case.cycle):
            bare_s += _timed_pass(bare, bare_batches)
            if case.optimizer == "norm-test":
                batches.batch_size = BATCH_SIZE  # however the last test ended
            began = time.process_time()
            method.step(objective, batches)
            method_s += time.process_time() - began
        if number >= 0:
            nominal = (counters.gradient_evaluations - before) / (case.cycle * BATCH_SIZE)
            yield _Cycle(nominal=nominal, ratio=method_s / (bare_s * nominal))


def _timed_pass(model: nn.Module, batches: Batches) -> float:
    began = time.process_time()
    inputs, labels = batches.next()
    model.zero_grad()
    nn.functional.cross_entropy(model(inputs), labels).backward()
    return time.process_time() - began
