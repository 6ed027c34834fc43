"""One epoch here against one epoch of the DataLoader script, and the steps alone against a bare loop over ready batches."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn

from tests.benchmarks.measure import describe, machine, ratio
from tests.engine.dataloader_script import ScriptEpoch, lenet_script, mlp_script, write_torchvision_root
from tests.engine.runs_for_tests import CPU, Listener, make_run
from tui_optim.engine.data import Splits, load_splits
from tui_optim.engine.loop import train
from tui_optim.engine.models import MODELS
from tui_optim.runs.machine import cpu_budget
from tui_optim.spec.events import EpochEnded, Event, Progress, Started
from tui_optim.spec.run import RunSpec
from tui_optim.store.datasets import find_source

REPEATS = 5
LR = 0.001
Script = Callable[..., Iterator[ScriptEpoch]]


class Stopwatch(Listener):
    """Notes when each event came."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[tuple[float, Event]] = []

    def emit(self, event: Event) -> None:
        super().emit(event)
        self.times.append((time.perf_counter(), event))

    def epoch_s(self) -> float:
        """From the start to the first epoch's evaluated end, without the evaluation of the untrained model."""
        began = next(t for t, event in self.times if isinstance(event, Started))
        first_bin = next(t for t, event in self.times if isinstance(event, Progress))
        untrained, ended = (t for t, event in self.times if isinstance(event, EpochEnded))
        return (ended - began) - (untrained - first_bin)


def main() -> None:
    """Print both scenarios."""
    torch.set_num_threads(cpu_budget())
    source = find_source("fashion-mnist")
    print(f"training, {source.kind} data, {torch.get_num_threads()} threads, {REPEATS} repeats; {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        root = write_torchvision_root(source, Path(folder))
        for scenario, script in (("lenet5-fashion", lenet_script), ("mlp-fashion", mlp_script)):
            _compare(make_run(source, scenario=scenario, lr=LR), script, root)


def _compare(run: RunSpec, script: Script, root: Path) -> None:
    data = load_splits(run, CPU)
    theirs = script(root, seed=run.seed, lr=LR, epochs=REPEATS + 1)
    next(theirs)  # the first epoch warms up
    script_s: list[float] = []
    engine_s: list[float] = []
    steps_s: list[float] = []
    bare_s: list[float] = []
    for repeat in range(REPEATS + 1):
        watch = Stopwatch()
        ended = train(run, watch.emit, watch, data=data, device=CPU)
        bare = _bare_epoch(run, data)
        if repeat == 0:
            continue
        assert ended.final is not None
        engine_s.append(watch.epoch_s())
        steps_s.append(ended.final.train_time_s)
        bare_s.append(bare)
        began = time.perf_counter()
        next(theirs)
        script_s.append(time.perf_counter() - began)
    print(f"{run.scenario}: script epoch  {describe(script_s)}")
    print(f"{run.scenario}: engine epoch  {describe(engine_s)}, evaluation included")
    print(f"{run.scenario}: engine steps  {describe(steps_s)}")
    print(f"{run.scenario}: bare loop     {describe(bare_s)} over pre-gathered batches")
    print(f"{run.scenario}: faster than the DataLoader script: {ratio(script_s, engine_s):.2f}×")
    print(f"{run.scenario}: time over the bare loop's: {ratio(steps_s, bare_s):.3f}")


def _bare_epoch(run: RunSpec, data: Splits) -> float:
    """The same steps with nothing around them: batches gathered before the clock starts, nothing recorded."""
    torch.manual_seed(run.seed)
    model = MODELS[run.scenario_info.model]()
    rule = torch.optim.SGD(model.parameters(), lr=LR)
    order = torch.randperm(len(data.train))
    batches = [(data.train.inputs[rows], data.train.labels[rows]) for rows in order.split(64)]
    began = time.perf_counter()
    for x, y in batches:
        rule.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        rule.step()
    return time.perf_counter() - began
