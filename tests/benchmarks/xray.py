"""What X-rays at the default schedule cost: their time as a share of the training time.

Both are in the log of one run of the scenario's own length: the training clock stands while an X-ray is taken.
"""

from typing import Any

import torch

from tests.benchmarks.measure import machine
from tests.engine.runs_for_tests import CPU, Listener, make_run
from tui_optim.engine.data import load_splits
from tui_optim.engine.loop import train
from tui_optim.runs.machine import cpu_budget
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.events import XRayed
from tui_optim.spec.scenarios import find_scenario
from tui_optim.spec.xray import usual_interval
from tui_optim.store.datasets import find_source

LIMIT = 0.03
CASES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("mlp-fashion", "sgd", {"lr": 0.05, "momentum": 0.9}),
    ("mlp-fashion", "adam", {"lr": 0.002}),
    ("lenet5-fashion", "sgd", {"lr": 0.05, "momentum": 0.9}),
    ("lenet5-fashion", "adam", {"lr": 0.002}),
)
"""Adam has its effective rates besides."""


def main() -> None:
    """Print one line per scenario and optimizer, with one thread and with all."""
    source = find_source("fashion-mnist")
    print(f"xray, {source.kind} data; {machine()}")
    for threads in sorted({1, cpu_budget()}):
        torch.set_num_threads(threads)
        for scenario, optimizer, values in CASES:
            print(
                f"{scenario} {optimizer}, {threads} thread(s): {_cost(source, scenario, optimizer, values)}", flush=True
            )


def _cost(source: DataSource, scenario: str, optimizer: str, values: dict[str, Any]) -> str:
    run = make_run(source, scenario=scenario, optimizer=optimizer, epochs=find_scenario(scenario).epochs, **values)
    data = load_splits(run, CPU)
    every = usual_interval(
        num_steps=run.length(len(data.train)).num_steps,
        batch_size=run.examples_per_step(len(data.train)),
        num_parameters=run.scenario_info.num_parameters,
    )
    heard = Listener(wants_checkpoints=False)
    ended = train(run.model_copy(update={"xray": every}), heard.emit, heard, data=data, device=CPU)
    assert ended.final is not None
    costs = sorted(event.xray.seconds for event in heard.events if isinstance(event, XRayed))
    share = sum(costs) / ended.final.train_time_s
    verdict = "" if share <= LIMIT else f"  above {LIMIT:.0%}"
    return (
        f"every {every:,} steps, {len(costs)} in {sum(costs):.2f} s ({1000 * costs[0]:.0f} … {1000 * costs[-1]:.0f} ms) "
        f"of {ended.final.train_time_s:.1f} s: {share:.1%}{verdict}"
    )
