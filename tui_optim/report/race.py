"""The race: settings at equal cost. Who leads at some x, and what each had spent when it met a target."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tui_optim.report.bands import Seeds, values_at
from tui_optim.report.comparison import contest
from tui_optim.report.measures import MEASURES, Measure, judged_by
from tui_optim.report.series import Axis
from tui_optim.report.statistics import mean, sd
from tui_optim.report.targets import Reach, Target, reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A setting at some x."""

    seeds: Seeds
    measure: Measure
    """What it is ranked by."""
    values: tuple[float, ...]
    """Of the runs that count there (`bands`): accuracies as fractions."""
    rank: int | None = None
    """By the mean, 1 for the best of those that may be compared; equal means share one. None where no run has got there."""

    @property
    def mean(self) -> float:
        """Over the runs that count; NaN for none."""
        return mean(self.values)

    @property
    def sd(self) -> float:
        """Over the runs that count; NaN for fewer than two."""
        return sd(self.values)


def measures_of(field: Sequence[Seeds]) -> list[Measure]:
    """Those that some run has a point of."""
    return [
        one
        for one in MEASURES
        if any(series.curve(one.quantity, one.split, "step")[0] for seeds in field for series in seeds.series)
    ]


def finish(field: Sequence[Seeds], measure: Measure, axis: Axis) -> float:
    """The last x of any run; NaN where none has a point."""
    curves = (one.curve(measure.quantity, measure.split, axis)[0] for seeds in field for one in seeds.series)
    return max((xs[-1] for xs in curves if xs), default=math.nan)


def standings(field: Sequence[Seeds], measure: Measure | None, axis: Axis, x: float) -> list[Standing]:
    """All settings at x, the best first; those on other data follow with ranks of their own, those not there yet last.

    Without a measure each scenario, split and kind of data is ranked by the first that its runs have.
    """
    found: list[Standing] = []
    for group in dict.fromkeys(contest(seeds.spec) for seeds in field):
        alike = [seeds for seeds in field if contest(seeds.spec) == group]
        decides = measure or next(iter(measures_of(alike)), judged_by(alike[0].spec))
        values = [tuple(values_at(seeds, decides.quantity, decides.split, axis, x)) for seeds in alike]
        here = [Standing(seeds=a, measure=decides, values=b) for a, b in zip(alike, values, strict=True)]
        found += _ranked(here, decides)
    return found


def costs(field: Sequence[Seeds], target: Target, axis: Axis, *, until_s: float = math.inf) -> list[Reach]:
    """What each setting had spent when it met a target; `until_s` hides what came after so much training."""
    return [
        reach(
            [(run.status.state, series) for run, series in zip(seeds.runs, seeds.series, strict=True)],
            target,
            axis,
            until_s=until_s,
        )
        for seeds in field
    ]


def _ranked(found: Sequence[Standing], measure: Measure) -> list[Standing]:
    sign = 1.0 if measure.is_minimised else -1.0
    there = sorted((one for one in found if one.values), key=lambda one: sign * one.mean)
    means = [one.mean for one in there]
    ranked = [replace(one, rank=1 + means.index(one.mean)) for one in there]
    return [*ranked, *(one for one in found if not one.values)]
