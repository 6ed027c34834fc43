"""`tui-optim compare --replay`: the standings as they were, against a clock of training time."""

import sys
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from tui_optim.report.bands import Seeds
from tui_optim.report.cells import format_cell
from tui_optim.report.comparison import contest
from tui_optim.report.labels import setting_labels
from tui_optim.report.measures import Measure
from tui_optim.report.race import Standing
from tui_optim.report.race_table import standing_table
from tui_optim.report.replay import ClockReplay, changes, clock_text, training_time

if TYPE_CHECKING:
    from rich.console import RenderableType

LOOKS_HZ = 5.0


def play(field: Sequence[Seeds], measure: Measure | None, *, speed: float | None = None) -> None:
    """Play it: on a terminal a table at the chosen speed, in a pipe at once a line for each change of the standings."""
    if sys.stdout.isatty():
        _play_live(field, measure, speed=speed)
        return
    duration_s = training_time(field)
    for clock_s, found in changes(field, measure):
        print(f"clock {clock_text(clock_s, duration_s)}   {_line(found)}", flush=True)


def _play_live(
    field: Sequence[Seeds],
    measure: Measure | None,
    *,
    speed: float | None,
    watch: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    from rich.live import Live

    replay = ClockReplay(speed=speed).turned(0.0, training_time(field))
    seen_at = watch()
    with Live(_picture(field, measure, replay), auto_refresh=False) as live:
        while not replay.is_over:
            wait(1.0 / LOOKS_HZ)
            now = watch()
            replay, seen_at = replay.played(now - seen_at), now
            live.update(_picture(field, measure, replay), refresh=True)


def _picture(field: Sequence[Seeds], measure: Measure | None, replay: ClockReplay) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from tui_optim.cli.rich_table import grid

    return Group(Text(replay.words, style="bold"), grid(standing_table(field, measure, "seconds", replay.clock_s)))


def _line(found: Sequence[Standing]) -> str:
    """The standings in a line, runs that may not be compared apart; who is not there yet has no rank."""
    names = setting_labels([one.seeds.spec for one in found])
    there = [(one, name) for one, name in zip(found, names, strict=True) if one.rank is not None]
    contests = groupby(there, key=lambda place: contest(place[0].seeds.spec))
    return "  |  ".join(
        "   ".join(f"{one.rank}. {name} {format_cell(one.measure.column, one.mean)}" for one, name in places)
        for _, places in contests
    )
