"""A comparison seen again against a clock of training time that is the same for all its runs; those at their end wait there."""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tui_optim.report.bands import Seeds
from tui_optim.report.measures import Measure
from tui_optim.report.race import Standing, standings
from tui_optim.report.series import Axis, RunSeries, position_of

USUAL_S = 15.0
"""About how long a replay takes whose speed nobody has chosen."""
SLOWEST, FASTEST = 2.0**-10, 2.0**20


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReplay:
    """Where a replay stands."""

    is_on: bool = False
    """Whether what comes after the clock is hidden."""
    is_playing: bool = False
    clock_s: float = 0.0
    """Training time."""
    duration_s: float = 0.0
    """That of the longest run."""
    speed: float | None = None
    """Seconds of training in a second: 1 is real time. None until it is chosen, or suits what is played."""

    @property
    def is_over(self) -> bool:
        """Whether the clock has come to the end."""
        return self.clock_s >= self.duration_s

    @property
    def words(self) -> str:
        """The clock and its speed."""
        return f"clock {clock_text(self.clock_s, self.duration_s)}  {speed_text(self._chosen)}"

    def turned(self, start_s: float, duration_s: float) -> "ClockReplay":
        """Begun there, or held, or going on."""
        if self.is_on:
            return replace(self, is_playing=not self.is_playing)
        begun = replace(self, is_on=True, is_playing=True, clock_s=start_s, duration_s=duration_s)
        return replace(begun, speed=begun._chosen)

    def played(self, elapsed_s: float) -> "ClockReplay":
        """So much later, by the watch of whoever looks on."""
        return self.at(self.clock_s + elapsed_s * self._chosen) if self.is_playing else self

    def at(self, clock_s: float) -> "ClockReplay":
        """With the clock put somewhere."""
        return replace(self, clock_s=min(self.duration_s, max(0.0, clock_s)))

    def at_pace(self, by: int, duration_s: float) -> "ClockReplay":
        """Twice or half as fast, and that again for each number more."""
        known = replace(self, duration_s=duration_s)
        return replace(known, speed=min(FASTEST, max(SLOWEST, known._chosen * 2.0**by)))

    def left(self) -> "ClockReplay":
        """Nothing is hidden any more; the speed stays chosen."""
        return replace(self, is_on=False, is_playing=False)

    @property
    def _chosen(self) -> float:
        return self.speed or suitable_speed(self.duration_s)


def suitable_speed(duration_s: float) -> float:
    """The power of two at which so much training takes about `USUAL_S`."""
    if not duration_s > 0.0:
        return 1.0
    return min(FASTEST, max(SLOWEST, 2.0 ** round(math.log2(duration_s / USUAL_S))))


def speed_text(speed: float) -> str:
    """`×8`, `×1/4`, or that it is real time."""
    if speed == 1.0:
        return "×1, real time"
    return f"×1/{1 / speed:g}" if speed < 1.0 and (1 / speed).is_integer() else f"×{speed:g}"


def clock_text(clock_s: float, duration_s: float) -> str:
    """`12.4 of 105.3 s`, with as many digits as the whole needs."""
    decimals = max(1, 2 - math.floor(math.log10(duration_s))) if duration_s > 0.0 else 1
    return f"{clock_s:.{decimals}f} of {duration_s:.{decimals}f} s"


def training_time(field: Sequence[Seeds]) -> float:
    """Seconds of training of the longest run; 0 where none has begun."""
    return max((_course(series, "seconds")[0][-1] for seeds in field for series in seeds.series), default=0.0)


def place_at(series: RunSeries, axis: Axis, clock_s: float) -> float:
    """How far along an axis a run had come after so much training, between its points on a straight line; ∞ at its end."""
    times, xs = _course(series, axis)
    i = bisect_right(times, clock_s)
    if i == len(times):
        return math.inf
    share = (clock_s - times[i - 1]) / (times[i] - times[i - 1])
    return xs[i - 1] + share * (xs[i] - xs[i - 1])


def changes(field: Sequence[Seeds], measure: Measure | None) -> Iterator[tuple[float, list[Standing]]]:
    """When somebody got there or overtook somebody, and the standings then; looked at where runs have been evaluated."""
    before: list[tuple[str, int | None]] = []
    for clock_s in _moments(field):
        found = standings(field, measure, "seconds", clock_s)
        order = [(one.seeds.runs[0].run_id, one.rank) for one in found]
        if order != before and any(one.values for one in found):
            yield clock_s, found
            before = order


def _moments(field: Sequence[Seeds]) -> list[float]:
    """When runs have been evaluated, and their ends."""
    results = (result.train_time_s for seeds in field for series in seeds.series for result in series.epochs)
    return sorted({*results, training_time(field)})


def _course(series: RunSeries, axis: Axis) -> tuple[list[float], list[float]]:
    """Seconds of training and places on the axis, from 0 on; as of the bins of steps, and of the last evaluation."""
    times, xs = (series.curve("loss", "train", one)[0] for one in ("seconds", axis))
    last = [result for result in series.epochs[-1:] if not times or result.train_time_s > times[-1]]
    return (
        [0.0, *times, *(result.train_time_s for result in last)],
        [0.0, *xs, *(position_of(result, axis) for result in last)],
    )
