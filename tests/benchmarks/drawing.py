"""What charts cost in processor time: 4 settings × 5 seeds with bands, and two runs of 10,000 points with their averages."""

import math
import random
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import describe, machine
from tests.factories import make_preset, make_records, make_run, make_spec, make_started
from tui_optim.report.bands import Seeds
from tui_optim.report.series import Axis, RunSeries
from tui_optim.spec.events import Event, Progress, Record
from tui_optim.store.home import Home, open_home
from tui_optim.ui.charting.band_cache import BandCache
from tui_optim.ui.charting.curves import Entry, Selection, chart_series, limits_from_zero
from tui_optim.ui.charting.drawing import draw_chart
from tui_optim.ui.charting.overlay import Shown
from tui_optim.ui.charting.series import ChartLimits
from tui_optim.ui.charting.view import ChartView, extent_of

ROUNDS = 30
NUM_SETTINGS, NUM_SEEDS = 4, 5
EPOCHS, BINS_PER_EPOCH = 10, 25
"""As LeNet-5 reports at batch 64."""
WIDTH, HEIGHT = 118, 24
"""The race at 120×36 with four rows below it."""
AXES: tuple[Axis, ...] = ("epoch", "seconds")
NUM_POINTS, GROWTH = 10_000, 40
"""Of each long run, and how many come between two drawings: a quarter of a second at 160 bins a second."""
LONG_WIDTH, LONG_HEIGHT = 40, 14
"""A chart beside the lists and another one at 120×36; alone it is as wide as the bands above."""


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
    _long_runs()


def _long_runs() -> None:
    """Two runs that grow on one chart: raw, smoothed, zoomed; beside another chart, and alone."""
    views = {
        "raw": ChartView(),
        "EMA 0.97": ChartView(smoothing=0.97),
        "EMA 0.97, log y": ChartView(smoothing=0.97, is_log_y=True),
        "EMA 0.97, zoomed": ChartView(smoothing=0.97, x=(4.0, 6.0)),
    }
    for width, height in ((LONG_WIDTH, LONG_HEIGHT), (WIDTH, LONG_HEIGHT + 12)):
        for name, view in views.items():
            with tempfile.TemporaryDirectory() as folder:
                entries = [_long_entry(open_home(Path(folder)), slot) for slot in range(2)]
            costs = []
            for number in range(ROUNDS):
                for entry in entries:
                    entry.seeds.series[0].absorb(_bins(NUM_POINTS + number * GROWTH, GROWTH, slot=entry.shown.slot))
                costs.append(_draw_view(entries, view, width, height))
            what = f"2 runs × {NUM_POINTS} points, growing, {name}, {width}×{height}, CPU time"
            print(f"{what}: {describe(costs[1:], unit='ms', scale=1000)}; first {1000 * costs[0]:.1f} ms")


def _draw_view(entries: list[Entry], view: ChartView, width: int, height: int) -> float:
    began = time.thread_time()
    lines = chart_series(entries, "loss", Selection(split="train"), BandCache(), smoothing=view.smoothing)
    window = view.window(extent_of(lines, is_log=view.is_log_x))
    draw_chart(lines, width=width, height=height, log_y=view.is_log_y, limits=ChartLimits(x=window))
    return time.thread_time() - began


def _long_entry(home: Home, slot: int) -> Entry:
    run = make_run(home, make_spec(preset=make_preset(f"preset-{slot}"), epochs=EPOCHS), results=[])
    series = RunSeries()
    series.absorb(make_records([make_started(make_spec())]))
    series.absorb(_bins(0, NUM_POINTS, slot=slot))
    return Entry(shown=Shown(slot=slot, run_ids=(run.run_id,)), seeds=Seeds(runs=(run,), series=(series,)))


def _bins(first: int, count: int, *, slot: int) -> list[Record]:
    """Noisy losses of a long run, from this point on."""
    chance = random.Random(first + slot)
    places = [(number, EPOCHS * number / NUM_POINTS) for number in range(first + 1, first + count + 1)]
    return [
        Record(
            seq=number + 1,
            time=float(number),
            event=Progress(
                step=number,
                epoch=math.ceil(epoch),
                loss=0.3 + 2 * math.exp(-0.5 * epoch) + abs(chance.gauss(0, 0.05)),
                lr=0.1,
                train_time_s=3 * epoch,
                effective_epochs=epoch,
            ),
        )
        for number, epoch in places
    ]


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
