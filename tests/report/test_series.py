"""Folding a log into chart data."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    make_events,
    make_preset,
    make_progress,
    make_records,
    make_result,
    make_run,
    make_series,
    make_spec,
    make_started,
)
from tests.report.points import points
from tui_optim.report.series import AXES, QUANTITIES, SPLITS, RunSeries, load_results, load_series
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Evaluated, Event, Notice, Progress, Record, Rewound
from tui_optim.store.eventlog import effective
from tui_optim.store.home import open_home

SPEC = make_spec()


def test_train_loss_has_a_point_per_bin_on_every_axis() -> None:
    """The loss of each bin is drawn over steps, fractional epochs, seconds and gradient evaluations."""
    series = RunSeries()
    series.absorb(make_records([make_started(SPEC), make_progress(5, loss=2.0), make_progress(10, loss=1.5)]))
    assert points(series, "loss", "train", "step") == ([5, 10], [2.0, 1.5])
    assert points(series, "loss", "train", "epoch")[0] == [0.5, 1.0]
    assert points(series, "loss", "train", "seconds")[0] == [1.0, 2.0]
    assert points(series, "loss", "train", "gradient_evaluations")[0] == [30_000, 60_000]


def test_other_curves_have_a_point_per_epoch() -> None:
    """Test figures start with the untrained model, training accuracy with epoch 1; a missing split is empty."""
    series = RunSeries()
    series.absorb(make_records(make_events(SPEC)))
    assert points(series, "accuracy", "test", "epoch") == ([0.0, 1.0, 2.0], [0.8, 0.8, 0.8])
    assert points(series, "accuracy", "train", "epoch") == ([1.0, 2.0], [0.85, 0.85])
    assert points(series, "loss", "val", "step") == ([], [])
    assert [result.epoch for result in series.epochs] == [0, 1, 2]


def test_the_rate_is_the_same_for_every_split() -> None:
    """The learning rate belongs to no split."""
    series = RunSeries()
    series.absorb(make_records(make_events(SPEC)))
    assert points(series, "lr", "train", "step") is not None
    assert points(series, "lr", "test", "step") == points(series, "lr", "train", "step")
    assert points(series, "lr", "train", "step")[1] == [0.001] * 4


def test_a_loss_that_is_no_number_stays_in_the_curve() -> None:
    """The chart's guard decides what to do with NaN; the data does not hide it."""
    series = RunSeries()
    series.absorb(make_records([make_started(SPEC), make_progress(5, loss=math.nan), make_progress(10, loss=math.inf)]))
    xs, ys = points(series, "loss", "train", "step")
    assert xs == [5, 10]
    assert math.isnan(ys[0])
    assert ys[1] == math.inf


def test_a_rewind_takes_back_what_came_after_it() -> None:
    """A resumed run draws its second attempt, not both."""
    events: list[Event] = [
        make_started(SPEC),
        make_progress(5, loss=3.0),
        make_progress(10, loss=2.0),
        EpochEnded(result=make_result(SPEC, 1)),
        make_progress(15, loss=9.0),
        Rewound(to_seq=2),
        make_started(SPEC, from_step=5, attempt=2),
        make_progress(10, loss=1.0),
    ]
    series = RunSeries()
    series.absorb(make_records(events))
    assert points(series, "loss", "train", "step") == ([5, 10], [3.0, 1.0])
    assert points(series, "accuracy", "test", "step") == ([], [])
    assert list(series.epochs) == []
    assert series.started is not None
    assert series.started.attempt == 2


def test_the_revision_counts_changes_only() -> None:
    """A poll without news leaves the revision, so that nothing is drawn again."""
    series = RunSeries()
    assert series.absorb(make_records([make_started(SPEC)]))
    revision = series.revision
    assert not series.absorb([])
    assert not series.absorb([Record(seq=2, time=0.0, event=Rewound(to_seq=1))])
    assert series.revision == revision
    assert series.absorb([Record(seq=3, time=0.0, event=make_progress(5))])
    assert series.revision > revision


def test_marks_tell_commands_sentences_and_ends() -> None:
    """What the user did and what went wrong can be marked on the chart at its step."""
    events: list[Event] = [
        make_started(SPEC),
        make_progress(5),
        CommandSeen(command="pause", step=5),
        Notice(text="the worker was lost"),
        Ended(state="diverged", reason="loss is NaN"),
    ]
    series = RunSeries()
    series.absorb(make_records(events))
    assert series.marks == [(5, "pause"), (5, "the worker was lost"), (5, "diverged: loss is NaN")]
    assert series.ended is not None
    assert series.ended.state == "diverged"


def test_a_new_attempt_has_not_ended() -> None:
    """A run that was stopped and resumed is under way again."""
    series = RunSeries()
    series.absorb(make_records([make_started(SPEC), Ended(state="stopped"), make_started(SPEC, attempt=2)]))
    assert series.ended is None


def test_a_log_without_its_start_still_has_epochs() -> None:
    """Where the first line was damaged, the curves keep their places: every point carries the work done."""
    series = RunSeries()
    series.absorb(make_records([make_progress(15), EpochEnded(result=make_result(SPEC, 2))]))
    assert points(series, "loss", "train", "epoch")[0] == [1.5]
    assert points(series, "loss", "test", "epoch")[0] == [2]


def test_a_stored_run_is_loaded_whole(tmp_path: Path) -> None:
    """One call reads a run's log."""
    run = make_run(open_home(tmp_path))
    series = load_series(run.folder)
    assert len(series.epochs) == 3
    assert series.ended is not None
    assert series.ended.final == run.status.final


def test_results_alone_are_those_of_the_whole_log(tmp_path: Path) -> None:
    """What tables need is the same without the progress within epochs; only the curves within them are empty."""
    run = make_run(open_home(tmp_path))
    whole, brief = load_series(run.folder), load_results(run.folder)
    assert (brief.started, brief.ended, brief.epochs) == (whole.started, whole.ended, whole.epochs)
    assert points(brief, "loss", "test", "epoch") == points(whole, "loss", "test", "epoch")
    assert points(brief, "loss", "train", "epoch") == ([], [])


def test_a_gap_counts_after_every_step_in_results_too(tmp_path: Path) -> None:
    """A target of a small problem is met at the same step, whichever reading looks for it."""
    run = make_run(open_home(tmp_path), make_spec("quadratic-f1", make_preset("gd", hyperparameters={"lr": 0.1})))
    whole, brief = load_series(run.folder), load_results(run.folder)
    assert len(points(whole, "gap", "train", "step")[0]) > len(whole.epochs)
    assert points(brief, "gap", "train", "step") == points(whole, "gap", "train", "step")


def test_polling_a_long_run_copies_nothing() -> None:
    """However long the run, a poll returns the very arrays that it returned before."""
    series = RunSeries()
    series.absorb(make_records([make_started(SPEC), *(make_progress(step) for step in range(1, 20_001))]))
    before = series.curve("loss", "train", "seconds")
    for step in range(1000):
        series.absorb([Record(seq=30_000 + step, time=0.0, event=make_progress(20_001 + step))])
        xs, ys = series.curve("loss", "train", "seconds")
    assert xs is before[0]
    assert ys is before[1]
    assert len(xs) == len(ys) == 21_000


@st.composite
def logs(draw: st.DrawFn) -> list[Record]:
    """Logs of several attempts: results, sentences and rewinds to any earlier event."""
    records: list[Record] = [Record(seq=1, time=0.0, event=make_started(SPEC))]
    for seq in range(2, draw(st.integers(2, 30))):
        kind = draw(st.sampled_from(["progress", "progress", "epoch", "notice", "rewind"]))
        event: Event = Notice(text="hello")
        if kind == "progress":
            event = make_progress(draw(st.integers(1, 50)), loss=float(seq))
        elif kind == "epoch":
            event = EpochEnded(result=replace(make_result(SPEC, draw(st.integers(0, 5))), test_loss=float(seq)))
        elif kind == "rewind":
            event = Rewound(to_seq=draw(st.integers(0, seq - 1)))
        records.append(Record(seq=seq, time=0.0, event=event))
    return records


@given(log=logs(), cut=st.integers(0, 30))
def test_absorbing_in_pieces_equals_reading_what_counts(log: list[Record], cut: int) -> None:
    """However a log is split over polls, the curves are those of its effective records."""
    series = RunSeries()
    series.absorb(log[:cut])
    series.absorb(log[cut:])
    kept = list(effective(log))
    assert points(series, "loss", "train", "step")[1] == [r.event.loss for r in kept if isinstance(r.event, Progress)]
    assert list(series.epochs) == [r.event.result for r in kept if isinstance(r.event, EpochEnded)]
    for quantity in QUANTITIES:
        for split in SPLITS:
            lengths = {len(values) for axis in AXES for values in points(series, quantity, split, axis)}
            assert len(lengths) == 1


def test_throughput_is_work_over_time_between_bins() -> None:
    """Gradients of examples per second; a bin that took no time is a gap, and a resumed run begins anew where it stood."""
    bins = [
        replace(make_progress(i), effective_epochs=0.1 * i, train_time_s=seconds)
        for i, seconds in enumerate([1.0, 3.0, 3.0, 4.0], 1)
    ]
    series = make_series([make_started(make_spec()), *bins])
    values = points(series, "throughput", "train", "step")[1]
    assert values[0] == pytest.approx(6_000)
    assert values[1] == pytest.approx(3_000)
    assert math.isnan(values[2])
    assert values[3] == pytest.approx(6_000)


def test_a_gradient_norm_is_a_curve_where_the_log_has_it() -> None:
    """Bins without one leave no point; non-finite ones are gaps."""
    bins = [replace(make_progress(i), grad_norm=norm) for i, norm in enumerate([0.5, None, math.inf], 1)]
    series = make_series([make_started(make_spec()), *bins])
    assert points(series, "grad_norm", "train", "step") == ([1, 3], [0.5, math.inf])


def test_what_a_run_was_told_and_looked_at_stands_where_it_happened() -> None:
    """A command has its place on every axis; a look adds a point to held-out curves, which a rewind takes back."""
    series = RunSeries()
    looked = replace(make_result(make_spec(), 1), step=40, epoch=0, effective_epochs=0.5)
    records = make_records(
        [
            make_started(make_spec()),
            make_progress(40),
            CommandSeen(command="rate", step=40, value=0.5),
            CommandSeen(command="evaluate", step=40),
            Evaluated(result=looked),
        ]
    )
    series.absorb(records)
    (rate, look), progress = series.commands, make_progress(40)

    assert (rate.command, rate.value, rate.step) == ("rate", 0.5, 40)
    assert rate.at("epoch") == look.at("epoch") == progress.effective_epochs
    assert points(series, "loss", "test", "step") == ([40], [looked.test_loss])
    assert points(series, "accuracy", "train", "step") == ([], [])
    assert series.marks == [(40, "rate ×0.5"), (40, "evaluate")]

    series.absorb([Record(seq=6, time=6.0, event=Rewound(to_seq=1))])

    assert list(series.evaluations) == []
    assert points(series, "loss", "test", "step") == ([], [])
    assert len(series.commands) == 2


def test_an_early_end_stands_where_it_came() -> None:
    """Only that of the latest attempt, and only of a run whose patience was at its end."""
    spec = make_spec()
    reason = "stopped early: val_loss 0.5 at epoch 1 was not bettered for 1 epoch"
    ended = make_series(make_events(spec, Ended(state="finished", reason=reason)))
    assert ended.early_end is not None
    assert (ended.early_end.step, ended.early_end.at("epoch")) == (20, 2.0)
    assert make_series(make_events(spec, Ended(state="finished"))).early_end is None
    assert (
        make_series([*make_events(spec, Ended(state="finished", reason=reason)), make_started(spec)]).early_end is None
    )
