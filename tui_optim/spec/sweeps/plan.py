"""A sweep: which settings are tried, how they are searched, what is compared, and what the winners do at the end.

An *arm* is a scenario with a preset. Every arm has the same budget, is searched by itself, and has its own winner. A *point* is
an arm with values for the searched keys; a *trial* is a point with one of the tuning seeds, and is one run.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tui_optim.spec.errors import UsageError, nearest
from tui_optim.spec.hyperparameters import Hyperparameter, Value, format_value
from tui_optim.spec.keeping import MAX_EPOCHS, Keeping
from tui_optim.spec.presets import Preset
from tui_optim.spec.scenarios import find_scenario
from tui_optim.spec.settable import settable
from tui_optim.spec.sweeps.space import Dimension, Range, check_dimension

SearchKind = Literal["grid", "random", "tpe", "rate"]
SEARCH_KINDS: tuple[SearchKind, ...] = get_args(SearchKind)
Metric = Literal["val_loss", "val_accuracy", "train_loss", "train_accuracy"]
METRICS: tuple[Metric, ...] = get_args(Metric)
PruneRule = Literal["none", "median"]
PRUNE_RULES: tuple[PruneRule, ...] = get_args(PruneRule)
WinnerRule = Literal["each", "overall"]
WINNER_RULES: tuple[WinnerRule, ...] = get_args(WinnerRule)
MAX_TRIALS = 10_000
RATE_FACTOR = 10 ** (1 / 3)
RATE_OFFSETS = range(-3, 5)
"""Rates that every arm tries, in powers of `RATE_FACTOR` from the preset's own; more while the best lies on the border."""
RATE_ORDER = tuple(sorted(RATE_OFFSETS, key=abs))
"""The order in which they are tried: the preset's own, then what lies around it."""
MAX_RATES = 14
RATE_REACH = range(
    RATE_OFFSETS.start - (MAX_RATES - len(RATE_OFFSETS)), RATE_OFFSETS.stop + (MAX_RATES - len(RATE_OFFSETS))
)
"""The furthest that a search may extend itself, on either side."""
EPOCHS_KEY = Hyperparameter(
    name="epochs", kind="int", default=10, help="length of the run", minimum=1, maximum=MAX_EPOCHS
)


class _Frozen(BaseModel):
    # Deferred here and in what contains it: a start of the app imports sweeps for their names alone.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class FinalSpec(_Frozen):
    """What winners do once the search is over: they train on the full training set, and test is shown."""

    seeds: tuple[int, ...] = ()
    """Fresh seeds; none: the sweep ends with its search."""
    epochs: int | None = None
    """Length of these runs; that of the winning trial if None."""
    winner: WinnerRule = "each"
    """'each': every preset has its own winner. 'overall': one wins over all presets, and each of them trains with its values."""
    test_once: bool = False
    """Evaluate the test set at the end of these runs alone, not after each epoch."""


class SweepPlan(_Frozen):
    """What the user says; the content of a file in `presets/sweeps/`."""

    name: str = ""
    """Of its file, without the ending; '' where it comes from none. The newest sweep of a name can be called by it."""
    title: str = ""
    about: str = ""
    """What the sweep shows, for the panel."""
    scenarios: tuple[str, ...]
    presets: tuple[str, ...]
    space: dict[str, Dimension] = Field(default_factory=dict)
    """Searched keys in the order of the grid: the last one turns fastest."""
    search: SearchKind = "grid"
    trials: int | None = None
    """Points of each arm for 'random' and 'tpe'; the grid has its own number, 'rate' 8 to 14."""
    tuned: str = "lr"
    """The key that 'rate' tunes."""
    seed: int = 0
    """Of the search itself."""
    seeds: tuple[int, ...] = (7,)
    """Tuning seeds: every point is trained with each, and judged by their mean."""
    epochs: int | None = None
    patience: int | None = None
    """Epochs after which a trial ends whose lowest validation loss has not been bettered; the winners' runs never do."""
    min_delta: float = 0.0
    """There a loss is better when it is lower by more than this."""
    settings: dict[str, Value] = Field(default_factory=dict)
    """Values that all trials share, over the presets'."""
    metric: Metric = "val_loss"
    """What decides, at the last epoch of a trial. Never the test set."""
    prune: PruneRule = "none"
    holdout: bool = True
    """Hold validation data out of the training set and never evaluate test; False is for showing, not for choosing."""
    final: FinalSpec = FinalSpec()

    @field_validator("scenarios", "presets")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """Two arms that are the same would be one arm with twice the budget."""
        return tuple(dict.fromkeys(names))

    @property
    def arms(self) -> list[tuple[str, str]]:
        """(scenario, preset) in the order in which they are tried."""
        return list(itertools.product(self.scenarios, self.presets))

    @property
    def keeping(self) -> Keeping:
        """When trials end by themselves."""
        return Keeping(patience=self.patience, min_delta=self.min_delta)

    @property
    def is_minimised(self) -> bool:
        """Whether a smaller metric is better."""
        return self.metric.endswith("loss")

    @property
    def num_points(self) -> int | None:
        """Points of the whole sweep; None for 'rate', which extends itself."""
        if self.search == "rate":
            return None
        if self.search == "grid":
            return len(self.arms) * math.prod(len(_values(self.space[name])) for name in self.space)
        return len(self.arms) * (self.trials or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An arm with values for the searched keys."""

    scenario: str
    preset: str
    values: tuple[tuple[str, Value], ...] = ()

    @property
    def arm(self) -> tuple[str, str]:
        """Scenario and preset."""
        return self.scenario, self.preset

    @property
    def text(self) -> str:
        """`adam lr=0.01 batch_size=64`, for people."""
        return " ".join([self.preset, *(f"{name}={format_value(value)}" for name, value in self.values)])


def grid(plan: SweepPlan) -> Iterator[Point]:
    """All points of a grid: arms outermost, then the keys in their order, the last one turning fastest."""
    names = list(plan.space)
    for scenario, preset in plan.arms:
        for values in itertools.product(*(_values(plan.space[name]) for name in names)):
            yield Point(scenario=scenario, preset=preset, values=tuple(zip(names, values, strict=True)))


def check_plan(plan: SweepPlan, presets: Mapping[str, Preset]) -> None:
    """Refuse a plan that cannot be carried out, before anything is made.

    Values are checked where a run of them is resolved; here are the rules of the sweep itself.

    Raises:
        UsageError: names the key and what was expected.
    """
    if not plan.scenarios or not plan.presets:
        raise UsageError("a sweep needs at least one scenario and one preset")
    _check_search(plan)
    _check_final(plan)
    for scenario, preset in plan.arms:
        _check_keys(plan, scenario, presets[preset])
    _check_size(plan)
    _check_choice(plan)


def _check_search(plan: SweepPlan) -> None:
    """What is said goes together with how it is searched."""
    if plan.search == "rate" and plan.space:
        raise UsageError(f"search rate tunes {plan.tuned!r} by itself: leave --grid out, or search grid, random or tpe")
    if plan.search in ("random", "tpe") and not plan.space:
        raise UsageError(f"search {plan.search} needs something to search: --grid lr=1e-4..1")
    if plan.search in ("random", "tpe") and plan.trials is None:
        raise UsageError(f"search {plan.search} needs a number of trials for each preset: --trials 20")
    if plan.search in ("grid", "rate") and plan.trials is not None:
        raise UsageError(f"search {plan.search} knows its number of trials; --trials is for random and tpe")
    if plan.trials is not None and not 1 <= plan.trials <= MAX_TRIALS:
        raise UsageError(f"trials = {plan.trials}: expected a whole number in [1, {MAX_TRIALS}]")
    if plan.search != "rate" and plan.tuned != "lr":
        raise UsageError(f"tuned = {plan.tuned!r} is for search rate, which tries values of one key by itself")


def _check_final(plan: SweepPlan) -> None:
    """Nothing is said about final runs where there are none."""
    said = [
        name for name in ("epochs", "winner", "test_once") if getattr(plan.final, name) != getattr(FinalSpec(), name)
    ]
    if said and not plan.final.seeds:
        raise UsageError(
            f"final {said[0].replace('_', ' ')} without final seeds: no winner is trained; say with which seeds "
            "(--final-seeds 101..105)"
        )


def _check_size(plan: SweepPlan) -> None:
    """There is a number of runs, none of them twice, and not too large a one."""
    if plan.search == "grid":
        for name, dimension in plan.space.items():
            if isinstance(dimension, Range):
                raise UsageError(
                    f"{name} is a range: a grid takes values (lr=0.01,0.1); search random or tpe for ranges"
                )
    for name, dimension in plan.space.items():
        if not isinstance(dimension, Range) and len(set(dimension)) < len(dimension):
            raise UsageError(f"{name}: a value stands twice")
    num_points = plan.num_points or len(plan.arms)  # 'rate' tries each arm at several rates
    if (num_trials := num_points * len(plan.seeds)) > MAX_TRIALS:
        more = " or more" if plan.num_points is None else ""
        raise UsageError(f"{num_trials:,} runs{more}: a sweep has at most {MAX_TRIALS:,}")


def _check_keys(plan: SweepPlan, scenario: str, preset: Preset) -> None:
    """Every searched key exists for this arm; kinds that are searched or set decide which."""
    given = dict(plan.settings)
    for kind in ("schedule.kind", "averaging.kind"):
        if kind in plan.space:
            raise UsageError(
                f"{kind} decides which other keys there are: search one kind at a time, with --set {kind}=…"
            )
    keys = {**settable(find_scenario(scenario), preset, given), "epochs": EPOCHS_KEY}
    searched = [plan.tuned] if plan.search == "rate" else list(plan.space)
    for name in searched:
        if name not in keys:
            raise UsageError(f"{name}: preset {preset.id!r} has no such key; {nearest(name, keys)}")
        if name in plan.settings:
            raise UsageError(f"{name} is searched and set at once: leave one of them out")
    for name in plan.space:
        check_dimension(name, plan.space[name], keys[name])


def _check_choice(plan: SweepPlan) -> None:
    """What is chosen is never chosen by data that the choice is reported on."""
    has_validation = all(plan.holdout or find_scenario(name).validation_size for name in plan.scenarios)
    if plan.metric.startswith("val") and not has_validation:
        raise UsageError(
            f"metric {plan.metric}: without a held-out part there is no validation set; choose by train_loss"
        )
    without = [name for name in plan.scenarios if not find_scenario(name).has_accuracy]
    if plan.metric.endswith("accuracy") and without:
        raise UsageError(f"metric {plan.metric}: {without[0]} has no classes to get right; choose by {_loss(plan)}")
    if not plan.holdout and plan.final.seeds:
        raise UsageError(
            "without a held-out part nothing may be chosen, so no winner is trained: leave the final seeds out"
        )
    if shared := set(plan.seeds) & set(plan.final.seeds):
        raise UsageError(f"seed {min(shared)} is a tuning seed: the final runs need fresh ones")
    if len(set(plan.seeds)) < len(plan.seeds) or not plan.seeds:
        raise UsageError("tuning seeds: expected at least one, each once")


def _loss(plan: SweepPlan) -> str:
    return plan.metric.replace("accuracy", "loss")


def _values(dimension: Dimension) -> Sequence[Value]:
    assert isinstance(dimension, tuple)
    return dimension
