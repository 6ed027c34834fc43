"""The circles sweep, many at once, against a script that trains the same runs one after the other.

Theirs: `circles_script`, the source's procedure as a student would write it, in a process that has torch loaded and warm: only
the calls of its `run` count. Ours: the ready-made sweep from its submission to 'finished', through the supervisor and warm
workers, all folders, logs and checkpoints written; not counted are torch's loading and the one measurement of stacks, which a
short sweep before has made. The sweep has two workers of one thread each. The script has one thread: with two it takes as long on
an idle machine (its tensors are too small to be shared out) and far longer where something else wants a core. Script and sweep
take turns, so that whatever else the machine does meets both alike. Where it does much, look at the processor time of each
process too: idle, a sweep takes little more than what its busiest worker computes.
"""

import tempfile
import time
from pathlib import Path
from typing import Literal

import torch

from tests.benchmarks import circles_script
from tests.benchmarks.measure import machine
from tests.benchmarks.table import Row, median_of, ratios
from tests.runs.lab import Lab
from tui_optim.runs.machine import cpu_budget
from tui_optim.spec.generated import circle_points
from tui_optim.spec.sweeps.plan import SweepPlan, grid
from tui_optim.spec.sweeps.sweep import SweepSpec, resolve_sweep
from tui_optim.store.datasets import find_source
from tui_optim.store.library import load_library
from tui_optim.store.sweepfolder import SweepFolder
from tui_optim.store.sweeplibrary import find_plan

NUM_JOBS = 2
BARS = {1: 10.0, 10: 60.0}
"""By number of seeds: how many times as fast the sweep has to be."""


def rows() -> list[Row]:
    """One seed. In a round the sweep goes through its whole grid, the script through one rate of it with each batch size.

    What the script takes for one rate, times the number of rates, is what it takes for the grid: its time hangs on the batch
    size, and over all rounds each point has its turn once.
    """
    torch.set_num_threads(1)
    plan, data = find_plan("circles"), script_data()
    assert plan.epochs is not None
    by_rate: dict[float, list[tuple[int, float, int]]] = {}
    for point in grid(plan):
        values = dict(point.values)
        lr = float(str(values["lr"]))
        by_rate.setdefault(lr, []).append((int(str(values["batch_size"])), lr, 1))
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        try:
            lab.client.set_slots(NUM_JOBS)
            sweep_s(lab, plan, num_seeds=1, epochs=2)
            circles_script.run(data, batch_size=10, lr=0.1, seed=0, epochs=2)
            rounds = [
                (sweep_s(lab, plan, num_seeds=1, epochs=plan.epochs), script_s(data, settings, epochs=plan.epochs))
                for settings in by_rate.values()
            ]
        finally:
            lab.close()
    ours_s = [sweep for sweep, _ in rounds]
    theirs_s = [len(by_rate) * script for _, script in rounds]
    num_runs = sum(map(len, by_rate.values()))
    return [
        Row(
            what=f"sweep `circles`, {num_runs} runs of {plan.epochs} epochs: a script, one after the other ÷ "
            f"ours from submission to end ({NUM_JOBS} workers)",
            values=ratios(theirs_s, ours_s),
            unit="×",
            besides=f"{median_of(theirs_s)} ÷ {median_of(ours_s)}; bar {BARS[1]:.0f}",
        )
    ]


def main() -> None:
    """Print the ratios for one seed and for ten, in full."""
    torch.set_num_threads(1)
    print(f"stack; {machine()}; {NUM_JOBS} workers, {cpu_budget()} threads in the budget")
    plan = find_plan("circles")
    data = script_data()
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        try:
            lab.client.set_slots(NUM_JOBS)
            for num_seeds in BARS:
                sweep_s(lab, plan, num_seeds=num_seeds, epochs=2)
            circles_script.run(data, batch_size=10, lr=0.1, seed=0, epochs=2)
            for num_seeds, bar in BARS.items():
                compare(lab, plan, data, num_seeds=num_seeds, bar=bar)
        finally:
            lab.close()


def compare(lab: Lab, plan: SweepPlan, data: circles_script.Data, *, num_seeds: int, bar: float) -> None:
    """Time the sweep before, between and after the halves of the script, and print what came of it."""
    seeds = list(range(1, num_seeds + 1))
    points = [dict(point.values) for point in grid(plan)]
    settings = [(int(str(one["batch_size"])), float(str(one["lr"])), seed) for one in points for seed in seeds]
    assert plan.epochs is not None
    halves = settings[::2], settings[1::2]
    ours_s = [sweep_s(lab, plan, num_seeds=num_seeds, epochs=plan.epochs)]
    theirs_s, theirs_cpu_s = 0.0, 0.0
    ours_cpu_s: dict[str, float] = {}
    for half in halves:
        began_cpu_s = time.process_time()
        theirs_s += script_s(data, half, epochs=plan.epochs)
        theirs_cpu_s += time.process_time() - began_cpu_s
        before = cpu_s(lab)
        ours_s.append(sweep_s(lab, plan, num_seeds=num_seeds, epochs=plan.epochs))
        ours_cpu_s = {name: seconds - before.get(name, 0.0) for name, seconds in cpu_s(lab).items()}
    what, gain = f"{len(settings)} runs of {plan.epochs} epochs", theirs_s / sorted(ours_s)[1]
    computed = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in ours_cpu_s.items())
    print(f"{what}: script {theirs_s:.2f} s, sweep {', '.join(f'{one:.2f}' for one in ours_s)} s")
    print(f"{what}: processor time: script {theirs_cpu_s:.2f} s; in the last sweep {computed}")
    print(f"{what}: {gain:.1f} times as fast (median; bar {bar:.0f}); {machine()}", flush=True)


def cpu_s(lab: Lab) -> dict[str, float]:
    """Processor seconds so far of each process of the lab, by role and number."""
    times = {
        f"{process.info['cmdline'][2].rpartition('.')[2]} {process.pid}": process.cpu_times()
        for process in lab.processes()
    }
    return {name: one.user + one.system for name, one in times.items()}


def sweep_s(lab: Lab, plan: SweepPlan, *, num_seeds: int, epochs: int) -> float:
    """From the submission of the sweep to its end."""
    spec = resolved(plan.model_copy(update={"seeds": tuple(range(1, num_seeds + 1)), "epochs": epochs}))
    began = time.perf_counter()
    folder = SweepFolder(lab.home.sweeps / lab.client.submit_sweep(spec))
    while folder.read_status().state == "running":
        time.sleep(0.01)
    took_s = time.perf_counter() - began
    assert folder.read_status().state == "finished"
    return took_s


def script_s(data: circles_script.Data, settings: list[tuple[int, float, int]], *, epochs: int) -> float:
    """The script's runs, one after the other."""
    began = time.perf_counter()
    for batch_size, lr, seed in settings:
        circles_script.run(data, batch_size=batch_size, lr=lr, seed=seed, epochs=epochs)
    return time.perf_counter() - began


def resolved(plan: SweepPlan) -> SweepSpec:
    """The sweep with the presets of the program."""
    library = load_library()
    presets = {name: library.find(name) for name in plan.presets}
    return resolve_sweep(plan, presets, data={"circles": find_source("circles")})


def script_data() -> circles_script.Data:
    """The same points, as the script wants them."""

    def part(name: Literal["train", "test"]) -> tuple[torch.Tensor, torch.Tensor]:
        points, labels = circle_points(name)
        return torch.tensor(points).float(), torch.nn.functional.one_hot(torch.tensor(labels), 2).float()

    return circles_script.Data(*part("train"), *part("test"))
