"""Bands over seeds against numpy and scipy: centres, edges, runs of unequal length, and where two bands part."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.factories import (
    STEPS_PER_EPOCH,
    make_events,
    make_preset,
    make_progress,
    make_records,
    make_result,
    make_run,
    make_spec,
    make_started,
)
from tui_optim.report.bands import BAND_KINDS, MAX_POINTS, Band, Seeds, group_seeds, make_band, separation
from tui_optim.report.series import RunSeries, load_series
from tui_optim.spec.events import Event, Progress, RunState
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home

INF, NAN = math.inf, math.nan


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def series_of(losses: Sequence[float], *, seconds: Sequence[float] | None = None) -> RunSeries:
    """A training loss with a bin of ten steps for each value; by default a bin takes a second."""
    spec = make_spec()
    times = [float(number) for number in range(1, len(losses) + 1)] if seconds is None else seconds
    bins: list[Event] = [
        Progress(step=10 * number, epoch=1, loss=loss, lr=0.1, train_time_s=time, effective_epochs=number / 10)
        for number, (loss, time) in enumerate(zip(losses, times, strict=True), start=1)
    ]
    series = RunSeries()
    series.absorb(make_records([make_started(spec), *bins]))
    return series


def seeds_of(
    home: Home,
    curves: Sequence[Sequence[float]],
    *,
    states: Sequence[RunState] = (),
    seconds: Sequence[Sequence[float] | None] = (),
) -> Seeds:
    """A setting whose runs have these training losses; they run where no state is given."""
    runs = [
        make_run(home, make_spec(seed=seed), state=states[seed] if states else "running", results=[])
        for seed in range(len(curves))
    ]
    times = seconds or [None] * len(curves)
    return Seeds(
        runs=tuple(runs),
        series=tuple(series_of(losses, seconds=one) for losses, one in zip(curves, times, strict=True)),
    )


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 8).flatmap(lambda n: st.lists(st.lists(st.floats(0, 10), min_size=n, max_size=n), min_size=1)))
def test_edges_are_those_of_numpy_and_scipy(tmp_path_factory: pytest.TempPathFactory, rows: list[list[float]]) -> None:
    """Mean ± sd, min and max, and Student's interval, computed a second time."""
    seeds = seeds_of(open_home(tmp_path_factory.mktemp("home")), list(zip(*rows, strict=True)))
    table = np.array(rows)
    n = table.shape[1]
    mean, sd = table.mean(axis=1), table.std(axis=1, ddof=1)
    by_kind = {kind: make_band(seeds, "loss", "train", "step", kind=kind) for kind in BAND_KINDS}
    for band in by_kind.values():
        assert band.centre == pytest.approx(mean)
        assert band.counts == (n,) * len(rows)
    assert by_kind["sd"].low == pytest.approx(mean - sd, abs=1e-12)
    assert by_kind["sd"].high == pytest.approx(mean + sd, abs=1e-12)
    assert by_kind["range"].low == tuple(table.min(axis=1))
    assert by_kind["range"].high == tuple(table.max(axis=1))
    half = stats.t.ppf(0.975, n - 1) * sd / np.sqrt(n) if n >= 5 else np.full(len(rows), NAN)
    assert by_kind["quartiles"].low == pytest.approx(np.quantile(table, 0.25, axis=1))
    assert by_kind["quartiles"].high == pytest.approx(np.quantile(table, 0.75, axis=1))
    assert by_kind["ci95"].low == pytest.approx(mean - half, abs=1e-9, nan_ok=True)
    assert by_kind["ci95"].high == pytest.approx(mean + half, abs=1e-9, nan_ok=True)


def test_one_run_is_a_curve_without_a_band(home: Home) -> None:
    """Nothing is said about a spread."""
    for kind in BAND_KINDS:
        band = make_band(seeds_of(home, [[2.0, 1.0]]), "loss", "train", "epoch", kind=kind)
        assert band.centre == (2.0, 1.0)
        assert all(map(math.isnan, band.low + band.high))


def test_a_run_still_going_does_not_count_beyond_its_last_point(home: Home) -> None:
    """The average goes on over fewer runs, and says so."""
    band = make_band(seeds_of(home, [[4.0, 2.0], [2.0], []]), "loss", "train", "step")
    assert band.centre == (3.0, 2.0)
    assert band.counts == (2, 1)
    assert band.num_runs == 3


def test_a_finished_run_keeps_its_last_value(home: Home) -> None:
    """In seconds the seeds end at different times: the fast one waits at its final value for the slow one."""
    seeds = seeds_of(home, [[4.0, 2.0], [6.0, 4.0]], states=["finished"] * 2, seconds=[[1.0, 2.0], [1.0, 4.0]])
    band = make_band(seeds, "loss", "train", "seconds")
    assert band.xs == (1.0, 2.0, 4.0)
    assert band.centre == pytest.approx((5.0, (2.0 + 16 / 3) / 2, 3.0))
    assert band.counts == (2, 2, 2)


def test_seconds_are_interpolated_as_numpy_does(home: Home) -> None:
    """Between the points of a run lies a straight line; the grid has the points of every run that all have reached."""
    times = [[0.5, 1.5, 2.5, 3.5], [0.7, 1.1, 2.9, 3.1], [0.6, 2.0, 2.2, 4.0]]
    losses = [[4.0, 3.0, 2.5, 2.4], [5.0, 2.0, 1.0, 0.5], [3.0, 2.9, 2.8, 2.7]]
    band = make_band(seeds_of(home, losses, seconds=times), "loss", "train", "seconds")
    grid = sorted(x for one in times for x in one if x >= 0.7)
    rows = [
        [np.interp(x, xs, ys) for xs, ys in zip(times, losses, strict=True) if x <= xs[-1]]
        for x in grid
    ]  # fmt: skip
    assert band.xs == tuple(grid)
    assert band.centre == pytest.approx([np.mean(row) for row in rows])
    assert band.counts == tuple(map(len, rows))


def test_a_diverged_run_has_infinite_loss_to_the_end(home: Home) -> None:
    """The mean breaks where one diverges and does not come back."""
    seeds = seeds_of(home, [[3.0, 2.0, 1.0], [4.0, NAN], [5.0, 4.0, 3.0]], states=["finished", "diverged", "finished"])
    mean = make_band(seeds, "loss", "train", "step")
    assert mean.centre == (4.0, INF, INF)
    assert [math.isnan(low) for low in mean.low] == [False, True, True]
    assert mean.counts == (3, 3, 3)
    assert make_band(seeds, "loss", "train", "step", kind="range").high == (5.0, INF, INF)


def test_a_diverged_run_has_chance_accuracy_from_there_on(home: Home) -> None:
    """As in the tables: a failure counts, and is never dropped."""
    spec = make_spec(epochs=4)
    good = make_run(home, spec)
    bad = make_run(home, spec.model_copy(update={"seed": 1}), state="diverged", reason="loss")
    series = {good.run_id: RunSeries(), bad.run_id: RunSeries()}
    for run, last in ((good, 4), (bad, 2)):
        series[run.run_id].absorb(make_records(epochs_of(run, last)))
    (seeds,) = group_seeds([good, bad], series)
    band = make_band(seeds, "accuracy", "test", "epoch")
    assert band.xs == (0.0, 1.0, 2.0, 2.5, 3.0, 4.0)
    assert band.centre == pytest.approx((0.8, 0.8, 0.8, 0.45, 0.45, 0.45))


def test_a_run_that_diverged_at_its_end_has_chance_accuracy_there(home: Home) -> None:
    """Its last epoch was evaluated, and counts no more than the weights that it ended with."""
    run = make_run(home, make_spec(), state="diverged", reason="the loss is not finite after epoch 2")
    (seeds,) = group_seeds([run], {run.run_id: load_series(run.folder)})
    assert make_band(seeds, "accuracy", "test", "epoch").centre == (0.8, 0.8, 0.1)


def test_runs_are_grouped_by_all_but_the_seed(home: Home) -> None:
    """Another rate is another setting; of a seed that ran twice the newest counts; runs without a curve are members."""
    spec = make_spec(preset=make_preset("sgd"), seed=1)
    other = make_spec(preset=make_preset("sgd"), seed=1, overrides={"lr": 0.5})
    runs = [make_run(home, one, state="queued") for one in (spec, spec.model_copy(update={"seed": 2}), other, spec)]
    groups = group_seeds(runs, {})
    assert [[run.run_id for run in one.runs] for one in groups] == [[runs[3].run_id, runs[1].run_id], [runs[2].run_id]]
    assert make_band(groups[0], "loss", "train", "step") == Band(
        xs=(), centre=(), low=(), high=(), counts=(), num_runs=2
    )


def test_long_curves_are_sampled_from_first_to_last(home: Home) -> None:
    """A band costs no more than a screen can show."""
    losses = [float(number) for number in range(5 * MAX_POINTS)]
    band = make_band(seeds_of(home, [losses, losses]), "loss", "train", "step")
    assert len(band.xs) == MAX_POINTS
    assert (band.centre[0], band.centre[-1]) == (losses[0], losses[-1])
    assert band.xs == tuple(10 * (loss + 1) for loss in band.centre)


def band_between(xs: Sequence[float], low: Sequence[float], high: Sequence[float]) -> Band:
    """A band with these edges."""
    middle = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
    return Band(xs=tuple(xs), centre=middle, low=tuple(low), high=tuple(high), counts=(2,) * len(xs), num_runs=2)


def test_bands_part_where_they_stop_to_overlap_for_good() -> None:
    """A gap that closes again does not count; the order of the two does not matter."""
    a = band_between([0, 1, 2, 3, 4], [0, 4, 1, 4, 5], [1, 5, 3, 5, 6])
    b = band_between([0, 1, 2, 3, 4], [0, 1, 2, 1, 1], [1, 2, 4, 2, 2])
    assert separation(a, b) == separation(b, a) == 3


def test_bands_that_cross_part_after_the_crossing() -> None:
    """Between two points one changed from above to below: they met on the way."""
    a = band_between([0, 1, 2], [4, 4, 4], [5, 5, 5])
    b = band_between([0, 1, 2], [9, 1, 1], [9, 2, 2])
    assert separation(a, b) == 1


def test_bands_on_other_points_are_compared_where_both_are() -> None:
    """Up to the end of the shorter one, at the points of both."""
    a = band_between([0, 10], [0, 10], [1, 11])
    b = band_between([0, 4, 8], [0, 0, 0], [2, 2, 2])
    assert separation(a, b) == 4


@pytest.mark.parametrize(
    "other",
    [
        band_between([0, 1], [0, 0], [1, 3]),
        band_between([0, 1], [0, NAN], [1, NAN]),
        band_between([5, 6], [0, 0], [1, 1]),
        band_between([], [], []),
    ],
)
def test_bands_that_touch_or_have_gaps_never_part(other: Band) -> None:
    """Where nothing can be said, nothing is."""
    assert separation(band_between([0, 1], [0, 3], [1, 4]), other) is None


def epochs_of(run: StoredRun, last: int) -> list[Event]:
    """The events of a run up to this epoch, and the first bin of the next."""
    spec = run.info.spec
    events = make_events(spec, results=[make_result(spec, epoch) for epoch in range(last + 1)])
    return [*events, make_progress(last * STEPS_PER_EPOCH + STEPS_PER_EPOCH // 2, loss=NAN)]
