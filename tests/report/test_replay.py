"""The replay of a comparison: one clock of training time for all runs."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_preset, make_result, make_run, make_series, make_spec, make_started, write_log
from tui_optim.report.bands import Seeds, group_seeds
from tui_optim.report.replay import (
    ClockReplay,
    changes,
    clock_text,
    place_at,
    speed_text,
    suitable_speed,
    training_time,
)
from tui_optim.report.series import load_series
from tui_optim.spec.events import EpochEnded, Event, Progress
from tui_optim.spec.run import RunSpec
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def timed(spec: RunSpec, accuracies: Sequence[float], *, seconds: float) -> list[Event]:
    """The log of a run whose epochs of ten steps take so long."""
    events: list[Event] = [make_started(spec)]
    for epoch, accuracy in enumerate(accuracies):
        result = replace(make_result(spec, epoch, test_accuracy=accuracy), train_time_s=epoch * seconds)
        step = Progress(
            step=epoch * 10, epoch=epoch, loss=1.0, lr=0.1, train_time_s=epoch * seconds, effective_epochs=epoch
        )
        events += [*([step] if epoch else []), EpochEnded(result=result)]
    return events


def field_of(home: Home, *settings: tuple[str, Sequence[float], float]) -> list[Seeds]:
    """Finished runs: preset, accuracies, seconds an epoch takes."""
    runs = []
    for preset, accuracies, seconds in settings:
        spec = make_spec(preset=make_preset(preset), epochs=len(accuracies) - 1)
        run = make_run(home, spec)
        run.folder.events.unlink()
        write_log(run.folder, timed(spec, accuracies, seconds=seconds))
        runs.append(run)
    return group_seeds(runs, {run.run_id: load_series(run.folder) for run in runs})


def test_each_run_stands_where_it_was_after_the_same_time() -> None:
    """The slow one is two epochs behind; between two points on a straight line; one at its end waits there."""
    spec = make_spec(epochs=3)
    slow, fast = (make_series(timed(spec, [0.1, 0.5, 0.6, 0.7], seconds=s)) for s in (4.0, 1.0))
    assert [place_at(slow, axis, 2.5) for axis in ("epoch", "step", "seconds")] == pytest.approx([0.625, 6.25, 2.5])
    assert place_at(fast, "epoch", 2.5) == 2.5
    assert place_at(fast, "epoch", 3.0) == place_at(fast, "seconds", 9.0) == math.inf
    assert place_at(make_series([]), "epoch", 0.0) == math.inf


def test_the_clock_runs_until_the_longest_run_ends(home: Home) -> None:
    """Who overtakes whom, and when: the quick one leads while the other computes its first epoch."""
    field = field_of(home, ("quick", [0.1, 0.5, 0.6], 1.0), ("slow", [0.1, 0.9], 8.0))
    assert training_time(field) == 8.0
    found = [(s, [(one.seeds.spec.preset, one.rank) for one in standings]) for s, standings in changes(field, None)]
    assert found == [
        (0.0, [("quick", 1), ("slow", 1)]),
        (1.0, [("quick", 1), ("slow", 2)]),
        (8.0, [("slow", 1), ("quick", 2)]),
    ]
    assert training_time([]) == 0.0


def test_a_replay_is_begun_held_moved_and_left() -> None:
    """At the speed that was chosen, or one that suits; never beyond its ends."""
    begun = ClockReplay().turned(0.0, 120.0)
    assert (begun.is_on, begun.is_playing, begun.speed) == (True, True, 8.0)
    later = begun.at_pace(1, 120.0).played(2.0)
    assert (later.clock_s, later.words) == (32.0, "clock 32.0 of 120.0 s  ×16")
    held = later.turned(0.0, 120.0)
    assert held.played(1.0) == held
    assert held.at(-5.0).clock_s == 0.0
    assert later.played(1e9).is_over
    assert ClockReplay(speed=1.0).turned(0.0, 120.0).played(2.0).clock_s == 2.0
    assert later.left().turned(60.0, 120.0).speed == 16.0


def test_speeds_and_clocks_read_well_at_any_length() -> None:
    """Milliseconds are seen in slow motion, hours in quick motion, both in a quarter of a minute or so."""
    for duration in (1e-3, 0.02, 3.0, 105.3, 7200.0):
        assert 10.0 < duration / suitable_speed(duration) < 22.0 or suitable_speed(duration) == 2.0**-10
    assert suitable_speed(0.0) == 1.0
    assert [speed_text(one) for one in (0.125, 0.3, 1.0, 8.0)] == ["×1/8", "×0.3", "×1, real time", "×8"]
    assert clock_text(0.0123, 0.02) == "0.0123 of 0.0200 s"
    assert clock_text(12.42, 105.3) == "12.4 of 105.3 s"
    assert clock_text(0.0, 0.0) == "0.0 of 0.0 s"
