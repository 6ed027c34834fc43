"""One epoch here against one epoch of the DataLoader script, and the steps alone against a bare loop over ready batches."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn

from tests.benchmarks.table import Row, median_of, ratios
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


def rows() -> list[Row]:
    """Both networks, each against the script and against the bare loop."""
    torch.set_num_threads(cpu_budget())
    source = find_source("fashion-mnist")
    with tempfile.TemporaryDirectory() as folder:
        root = write_torchvision_root(source, Path(folder))
        return [
            *_compare("LeNet-5", make_run(source, lr=LR), lenet_script, root),
            *_compare("MLP", make_run(source, scenario="mlp-fashion", lr=LR), mlp_script, root),
        ]


def _compare(name: str, run: RunSpec, script: Script, root: Path) -> list[Row]:
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
    how = f"{run.data.kind} data, {torch.get_num_threads()} threads"
    return [
        Row(
            what=f"{name} epoch, evaluation included: time of the DataLoader script ÷ ours ({how})",
            values=ratios(script_s, engine_s),
            unit="×",
            besides=f"{median_of(script_s)} ÷ {median_of(engine_s)}",
        ),
        Row(
            what=f"{name} steps: our time ÷ that of a bare loop over ready batches",
            values=ratios(steps_s, bare_s),
            unit="×",
            besides=f"{median_of(steps_s)} ÷ {median_of(bare_s)}",
        ),
    ]


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
