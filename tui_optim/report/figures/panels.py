"""A panel for each function that settings ran on; a setting has the same look in all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_optim.report.bands import Seeds
from tui_optim.report.figures.palette import Look, look
from tui_optim.report.labels import distinct, setting_labels
from tui_optim.spec.scenarios import Scenario, find_scenario

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Panels:
    """Which settings are in which panel."""

    groups: Sequence[Seeds]
    labels: Sequence[str]
    """Of each group."""
    scenarios: Sequence[Scenario]
    looks: dict[str, Look]
    """By label."""

    @property
    def names(self) -> str:
        """The settings, for a description."""
        return ", ".join(self.looks)

    @property
    def titles(self) -> str:
        """The functions, for a description."""
        return " and ".join(one.title for one in self.scenarios)

    def of(self, scenario: Scenario) -> list[tuple[Seeds, Look]]:
        """What is drawn in a panel."""
        return [
            (seeds, self.looks[label])
            for seeds, label in zip(self.groups, self.labels, strict=True)
            if seeds.spec.scenario == scenario.id
        ]

    def on(self, figure: "Figure") -> Iterator[tuple[Scenario, "Axes"]]:
        """The panels of a figure, side by side."""
        yield from zip(self.scenarios, figure.subplots(1, len(self.scenarios), squeeze=False)[0], strict=True)


def panels_of(groups: Sequence[Seeds]) -> Panels:
    """Sort settings into panels, in the order of the first of each function."""
    labels = _distinct_by_scenario(groups)
    return Panels(
        groups=groups,
        labels=labels,
        scenarios=[find_scenario(name) for name in dict.fromkeys(seeds.spec.scenario for seeds in groups)],
        looks={label: look(number) for number, label in enumerate(dict.fromkeys(labels))},
    )


def _distinct_by_scenario(groups: Sequence[Seeds]) -> list[str]:
    """Names of settings that are equal on all scenarios, so that they have the same look there."""
    found: dict[int, str] = {}
    for scenario in dict.fromkeys(seeds.spec.scenario for seeds in groups):
        numbers = [number for number, seeds in enumerate(groups) if seeds.spec.scenario == scenario]
        names = distinct(setting_labels([groups[number].spec for number in numbers]))
        found |= dict(zip(numbers, names, strict=True))
    return [found[number] for number in range(len(groups))]
