"""What a chart of bands costs: processor time to draw the training losses of 4 settings × 5 seeds as wide as 120 columns."""

import math
import random
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import describe, machine
from tests.factories import make_preset, make_records, make_run, make_spec, make_started
from tui_optim.report.bands import Seeds
from tui_optim.report.series import Axis, RunSeries
from tui_optim.spec.events import Event, Progress
from tui_optim.store.home import Home, open_home
from tui_optim.ui.band_cache import BandCache
from tui_optim.ui.charts import draw_chart
from tui_optim.ui.curves import Entry, Selection, chart_series, limits_from_zero
from tui_optim.ui.overlay import Shown

ROUNDS = 30
NUM_SETTINGS, NUM_SEEDS = 4, 5
EPOCHS, BINS_PER_EPOCH = 10, 25
"""As LeNet-5 reports at batch 64."""
WIDTH, HEIGHT = 118, 24
"""The race at 120×36 with four rows below it."""
AXES: tuple[Axis, ...] = ("epoch", "seconds")


def main() -> None:
    """Draw with bands that have to be computed, as after news of every run, and with bands that are known."""
    print(f"drawing; {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        entries = [_entry(open_home(Path(folder)), slot) for slot in range(NUM_SETTINGS)]
    for axis in AXES:
        anew, known = [], []
        for _ in range(ROUNDS):
            bands = BandCache()
            anew.append(_draw(entries, axis, bands))
            known.append(_draw(entries, axis, bands))
        what = f"{NUM_SETTINGS} settings × {NUM_SEEDS} seeds over {axis}, CPU time"
        print(f"{what}, all bands new: {describe(anew, unit='ms', scale=1000)}")
        print(f"{what}, bands known:   {describe(known, unit='ms', scale=1000)}")


def _draw(entries: list[Entry], axis: Axis, bands: BandCache) -> float:
    began = time.thread_time()
    lines = chart_series(entries, "loss", Selection(axis=axis, split="train"), bands)
    draw_chart(lines, width=WIDTH, height=HEIGHT, limits=limits_from_zero(lines))
    return time.thread_time() - began


def _entry(home: Home, slot: int) -> Entry:
    specs = [make_spec(preset=make_preset(f"preset-{slot}"), seed=seed, epochs=EPOCHS) for seed in range(NUM_SEEDS)]
    runs = tuple(make_run(home, spec, results=[]) for spec in specs)
    series = tuple(_series(rate=0.3 + 0.1 * slot, seed=seed) for seed in range(NUM_SEEDS))
    shown = Shown(slot=slot, run_ids=tuple(run.run_id for run in runs))
    return Entry(shown=shown, seeds=Seeds(runs=runs, series=series))


def _series(*, rate: float, seed: int) -> RunSeries:
    """A falling, noisy loss; each seed at a pace of its own, so that seconds have to be interpolated."""
    chance = random.Random(seed)
    places = [number / BINS_PER_EPOCH for number in range(1, EPOCHS * BINS_PER_EPOCH + 1)]
    bins: list[Event] = [
        Progress(
            step=round(1000 * epoch),
            epoch=math.ceil(epoch),
            loss=0.3 + 2 * math.exp(-rate * epoch) + chance.gauss(0, 0.05),
            lr=0.1,
            train_time_s=epoch * (3 + 0.1 * seed),
            effective_epochs=epoch,
        )
        for epoch in places
    ]
    series = RunSeries()
    series.absorb(make_records([make_started(make_spec()), *bins]))
    return series
