"""Which settings a figure draws, and how each of them looks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tui_optim.report.bands import Seeds
from tui_optim.report.entry import Entry
from tui_optim.report.figures.frame import scenario_title, seed_labels
from tui_optim.report.figures.palette import MAX_LINES, Look, look
from tui_optim.report.measures import Measure, followed_by
from tui_optim.report.statistics import mean
from tui_optim.spec.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The settings of a scenario, or of a few with the same data, splits and loss, so that their figures compare."""

    scenarios: tuple[str, ...]
    is_sample: bool
    measure: Measure
    """What they are followed by."""
    groups: tuple[Seeds, ...]
    looks: dict[str, Look]
    """By their names, in the order of the groups."""
    note: str
    """What was left out; '' for nothing."""

    @property
    def title(self) -> str:
        """The scenario, and what is unusual about its data."""
        if len(self.scenarios) == 1:
            title = scenario_title(self.scenarios[0], is_sample=self.is_sample)
        else:
            title = " and ".join(self.scenarios) + (" (sample)" if self.is_sample else "")
        return f"{title}, held out" if self.groups[0].spec.holdout else title


def by_scenario(
    groups: Sequence[Seeds], measure: Measure | None = None, *, chosen_by: Measure | None = None
) -> list[Choice]:
    """Settings by scenario, held-out ones apart from those on the test set, and of many the best.

    Scenarios with the same data, splits and loss come together where that leaves none of their settings out.
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
    numbers: dict[str, int] = {}
    choices: list[Choice] = []
    for alike in _panels(begun):
        decides = followed_by(alike[0].spec)
        chosen = _best(alike, measure or (chosen_by if alike[0].spec.holdout and chosen_by else decides))
        labels = _labels(chosen)
        for label in labels:
            numbers.setdefault(label, len(numbers))
        choices.append(
            Choice(
                scenarios=tuple(dict.fromkeys(seeds.spec.scenario for seeds in chosen)),
                is_sample=any(seeds.spec.data.kind == "sample" for seeds in chosen),
                measure=decides,
                groups=tuple(chosen),
                looks={label: look(numbers[label]) for label in labels},
                note=f"the {len(chosen)} best of {len(alike)} settings are drawn" if len(chosen) < len(alike) else "",
            )
        )
    return choices


def _panels(begun: Sequence[Seeds]) -> list[list[Seeds]]:
    """Settings that are drawn in the same panels."""
    by_data: dict[tuple[object, ...], dict[str, list[Seeds]]] = {}
    for seeds in begun:
        scenario = seeds.spec.scenario_info
        is_alone = scenario.quadratic is not None or bool(scenario.origin)
        about = scenario.id if is_alone else (scenario.loss, scenario.normalise, scenario.validation_size)
        key = (scenario.dataset, about, seeds.spec.holdout)
        by_data.setdefault(key, {}).setdefault(scenario.id, []).append(seeds)
    panels: list[list[Seeds]] = []
    for scenarios in by_data.values():
        together = [seeds for alike in scenarios.values() for seeds in alike]
        panels += [together] if len(together) <= MAX_LINES else scenarios.values()
    return panels


def _labels(chosen: Sequence[Seeds]) -> list[str]:
    """Names for the legend, which say the scenario where there are several."""
    scenarios = list(dict.fromkeys(seeds.spec.scenario for seeds in chosen))
    if len(scenarios) == 1:
        return seed_labels(chosen)
    named: dict[int, str] = {}
    for scenario in scenarios:
        numbers = [number for number, seeds in enumerate(chosen) if seeds.spec.scenario == scenario]
        labels = seed_labels([chosen[number] for number in numbers])
        named |= {number: f"{scenario} {label}" for number, label in zip(numbers, labels, strict=True)}
    return [named[number] for number in range(len(chosen))]


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
