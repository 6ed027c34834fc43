"""A thing that can be explained, and the experiment that shows it."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from tui_optim.spec.datasets import DataSource
from tui_optim.spec.hyperparameters import Value, flag, option, word_of
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import DeviceRequest, RunSpec, resolve_run
from tui_optim.spec.seeds import format_seeds
from tui_optim.spec.xray import XRayWish

Kind = Literal["preset", "optimizer", "scenario", "schedule", "averaging", "metric", "split", "word"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KIND_TITLES: dict[Kind, str] = {
    "preset": "Presets",
    "optimizer": "Optimizers",
    "scenario": "Scenarios",
    "schedule": "Learning-rate schedules",
    "averaging": "Averages of the iterates",
    "metric": "Figures",
    "split": "Splits of the data",
    "word": "Words",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Runs that differ in preset and seed alone: one command."""

    scenario: str
    presets: tuple[str, ...]
    settings: Mapping[str, Value] = field(default_factory=dict)
    epochs: int | None = None
    """None: the scenario's own."""
    seeds: tuple[int, ...] = (42,)
    holdout: bool = False
    xray: XRayWish = 0

    @property
    def command(self) -> str:
        """The command line that starts these runs."""
        words = ["tui-optim", "run", self.scenario, *self.presets, *option("--epochs", self.epochs)]
        words += option("--seeds", format_seeds(self.seeds), usual="42")
        words += [word for name, value in self.settings.items() for word in ("--set", f"{name}={word_of(value)}")]
        return shlex.join(words + flag("--holdout", self.holdout) + option("--xray", self.xray, usual=0))

    def runs(
        self,
        find_preset: Callable[[str], Preset],
        data: DataSource,
        *,
        device: DeviceRequest = "auto",
        threads: int | None = None,
    ) -> list[RunSpec]:
        """These runs, resolved. Raises UsageError where a preset is missing or does not suit the scenario."""
        return [
            resolve_run(
                self.scenario,
                find_preset(preset),
                data=data,
                seed=seed,
                epochs=self.epochs,
                overrides=self.settings,
                holdout=self.holdout,
                xray=self.xray,
                device=device,
                threads=threads,
            )
            for preset in self.presets
            for seed in self.seeds
        ]


Experiment = tuple[Arm, ...]
"""All its runs belong on one chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a registry does not say of its entry."""

    look: str
    """What to look at in the chart of the experiment."""
    experiment: Experiment
    what: str = ""
    """What it is, where the registry has no sentence for it."""
    was_seen: bool = True
    """Whether the experiment has been run and `look` tells what it showed; else it only says where to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """An explanation, complete."""

    id: str
    """The name by which it is asked for."""
    kind: Kind
    title: str
    what: str
    formula: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    """(what, sentence): what a step costs, when it helps, …"""
    look: str = ""
    experiment: Experiment = ()
    was_seen: bool = True
    """Whether `look` tells what the experiment showed."""
    source: str = ""
    see: tuple[str, ...] = ()
    """Names of what belongs to it."""
    aliases: tuple[str, ...] = ()
    """Other names."""
