"""Which settings a figure draws, and how each of them looks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tui_optim.report.bands import Seeds
from tui_optim.report.entry import Entry
from tui_optim.report.figures.frame import scenario_title, seed_labels
from tui_optim.report.figures.palette import MAX_LINES, Look, look
from tui_optim.report.measures import Measure, judged_by
from tui_optim.report.statistics import mean
from tui_optim.spec.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The settings of one scenario, on equal data and splits."""

    scenario: str
    is_sample: bool
    measure: Measure
    """What they are judged by."""
    groups: tuple[Seeds, ...]
    looks: dict[str, Look]
    """By their names, in the order of the groups."""
    note: str
    """What was left out; '' for nothing."""

    @property
    def title(self) -> str:
        """The scenario, and what is unusual about its data."""
        title = scenario_title(self.scenario, is_sample=self.is_sample)
        return f"{title}, held out" if self.measure.split == "val" else title


def by_scenario(
    groups: Sequence[Seeds], measure: Measure | None = None, *, chosen_by: Measure | None = None
) -> list[Choice]:
    """Settings by scenario, held-out ones apart from those on the test set, and of many the best.

    The best are those by `measure`, else, of held-out ones, by `chosen_by`, else by what they are judged by.

    Equal names have equal looks in all scenarios.

    Raises:
        UsageError: no run has begun, or none has the measure.
    """
    begun = [seeds for seeds in groups if any(one.epochs for one in seeds.series)]
    if not begun:
        raise UsageError("none of these runs has a result yet: wait for them, or see `tui-optim list runs`")
    if measure is not None:
        begun = [
            seeds
            for seeds in begun
            if any(one.curve(measure.quantity, measure.split, "epoch")[0] for one in seeds.series)
        ]
        if not begun:
            raise UsageError(f"--measure {measure.name}: none of these runs has it")
    places = dict.fromkeys((seeds.spec.scenario, seeds.spec.holdout) for seeds in begun)
    numbers: dict[str, int] = {}
    choices: list[Choice] = []
    for scenario, is_holdout in places:
        alike = [seeds for seeds in begun if (seeds.spec.scenario, seeds.spec.holdout) == (scenario, is_holdout)]
        decides = judged_by(alike[0].spec)
        chosen = _best(alike, measure or (chosen_by if is_holdout and chosen_by else decides))
        labels = seed_labels(chosen)
        for label in labels:
            numbers.setdefault(label, len(numbers))
        choices.append(
            Choice(
                scenario=scenario,
                is_sample=any(seeds.spec.data.kind == "sample" for seeds in chosen),
                measure=decides,
                groups=tuple(chosen),
                looks={label: look(numbers[label]) for label in labels},
                note=f"the {len(chosen)} best of {len(alike)} settings are drawn" if len(chosen) < len(alike) else "",
            )
        )
    return choices


def _best(groups: Sequence[Seeds], measure: Measure) -> list[Seeds]:
    """At most `MAX_LINES`, in the order given."""
    sign = -1.0 if measure.is_minimised else 1.0

    def merit(seeds: Seeds) -> float:
        outcomes = [Entry(run=run).outcome for run in seeds.runs]
        values = [getattr(outcome, measure.name) for outcome in outcomes if outcome is not None]
        value = sign * mean([one for one in values if one is not None])
        return -math.inf if math.isnan(value) else value

    best = sorted(groups, key=merit, reverse=True)[:MAX_LINES]
    return [seeds for seeds in groups if seeds in best]
