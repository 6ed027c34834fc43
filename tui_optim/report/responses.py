"""How a result answers to hyper-parameters: a measure against one of them, and over the plane of two.

For choosing, a measure is taken on held-out data wherever runs have it (`choosing_measure`). A diverged run counts as
everywhere, with chance accuracy and loss NaN, and every outcome says how many of its runs diverged.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_optim.report.cells import plain_text
from tui_optim.report.columns import settings as settings_of
from tui_optim.report.comparison import Contest, Setting, contest
from tui_optim.report.measures import judged_by
from tui_optim.report.statistics import mean, sd
from tui_optim.spec.errors import UsageError, unknown
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.run import RunSpec

_USUAL = ("lr", "batch_size")
"""Of numbers with equally many values these are shown first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A measure over the seeds of a setting."""

    values: tuple[float, ...]
    num_runs: int
    num_diverged: int

    @property
    def mean(self) -> float:
        """NaN where there is nothing or a diverged run has no number."""
        return mean(self.values)

    @property
    def sd(self) -> float:
        """NaN for fewer than two runs."""
        return sd(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A measure of one preset against one hyper-parameter, all else equal."""

    scenario: str
    label: str
    is_sample: bool
    xs: tuple[float, ...]
    """Rising."""
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A measure of one preset over two hyper-parameters."""

    scenario: str
    label: str
    is_sample: bool
    x_name: str
    y_name: str
    xs: tuple[float, ...]
    """Rising, as are the ys."""
    ys: tuple[float, ...]
    cells: Mapping[tuple[int, int], Outcome]
    """By the positions of x and y; a cell that was not run is missing."""
    best_over: tuple[str, ...]
    """Hyper-parameters in which runs of one cell differ; of those the best is taken."""
    best: tuple[int, int] | None
    """The cell with the best mean among those without a diverged run; None without any."""


def choosing_measure(settings: Sequence[Setting], quantity: str = "accuracy") -> str:
    """The held-out measure where a preset with several settings has it, else that of the test set, else of training."""
    if settings and not any(setting.spec.scenario_info.has_accuracy for setting in settings):
        return judged_by(settings[0].spec).name
    counts = Counter(map(_who, settings))
    has_held_out = any(counts[_who(setting)] > 1 and setting.values(f"val_{quantity}") for setting in settings)
    if has_held_out:
        return f"val_{quantity}"
    has_test = not settings or any(setting.spec.scenario_info.has_test for setting in settings)
    return f"test_{quantity}" if has_test else judged_by(settings[0].spec).name


def responses(settings: Sequence[Setting], measure: str, parameter: str = "lr") -> list[Response]:
    """A curve for each preset, and for each choice of its other settings, that has two values of the parameter or more.

    Raises:
        UsageError: there is none, or no run has this parameter.
    """
    groups: dict[tuple[object, ...], list[tuple[float, Setting]]] = {}
    known: set[str] = set()
    for setting in settings:
        numbers = _numbers(setting.spec)
        known |= set(numbers)
        if parameter in numbers and setting.values(measure):
            others = tuple((name, str(value)) for name, value in _all(setting.spec).items() if name != parameter)
            groups.setdefault((_who(setting), others), []).append((numbers[parameter], setting))
    if parameter not in known:
        raise unknown("parameter", parameter, known)
    curves = [sorted(group, key=lambda item: item[0]) for group in groups.values() if len(group) > 1]
    if not curves:
        raise UsageError(
            f"no preset has runs with two values of {parameter}: run some, for example with --holdout --set {parameter}=…"
        )
    members = [setting for curve in curves for _, setting in curve]
    return [
        Response(
            scenario=curve[0][1].spec.scenario,
            label=_label(curve[0][1], [one for one in members if _who(one) == _who(curve[0][1])], {parameter}),
            is_sample=curve[0][1].spec.data.kind == "sample",
            xs=tuple(x for x, _ in curve),
            outcomes=tuple(_outcome(setting, measure) for _, setting in curve),
        )
        for curve in curves
    ]


def grids(settings: Sequence[Setting], measure: str, parameters: Sequence[str] = ()) -> list[Grid]:
    """A grid for each preset whose settings differ in two numbers: those named, or the two with the most values.

    Raises:
        UsageError: there is none; the sentence says in what the runs differ.
    """
    groups: dict[tuple[Contest, str], list[Setting]] = {}
    for setting in settings:
        if setting.values(measure):
            groups.setdefault(_who(setting), []).append(setting)
    found: list[Grid] = []
    differing: set[str] = set()
    for group in groups.values():
        counts = _counts(group)
        differing |= set(counts)
        if wrong := [name for name in parameters if name not in _numbers(group[0].spec)]:
            raise unknown("parameter", wrong[0], _numbers(group[0].spec))
        chosen = list(parameters) or sorted(counts, key=lambda name: (-counts[name], name not in _USUAL))[:2]
        if len(chosen) == 2 and all(name in counts for name in chosen):
            found.append(_grid(group, measure, *chosen, others=[name for name in counts if name not in chosen]))
    if not found:
        has = f"these differ in {', '.join(sorted(differing))} only" if differing else "these differ in none"
        raise UsageError(
            f"a heat map needs runs of one preset that differ in two numbers, for example lr and batch_size; {has}"
        )
    return found


def _grid(group: Sequence[Setting], measure: str, x_name: str, y_name: str, *, others: Sequence[str]) -> Grid:
    numbers = [_numbers(setting.spec) for setting in group]
    xs = sorted({one[x_name] for one in numbers if x_name in one})
    ys = sorted({one[y_name] for one in numbers if y_name in one})
    cells: dict[tuple[int, int], Outcome] = {}
    is_shared = False
    for one, setting in zip(numbers, group, strict=True):
        if x_name in one and y_name in one:
            place, outcome = (xs.index(one[x_name]), ys.index(one[y_name])), _outcome(setting, measure)
            is_shared |= place in cells
            if place not in cells or _merit(outcome, measure) > _merit(cells[place], measure):
                cells[place] = outcome
    whole = {place: outcome for place, outcome in cells.items() if not outcome.num_diverged}
    spec = group[0].spec
    return Grid(
        scenario=spec.scenario,
        label=plain_text(spec.preset),
        is_sample=spec.data.kind == "sample",
        x_name=x_name,
        y_name=y_name,
        xs=tuple(xs),
        ys=tuple(ys),
        cells=cells,
        best_over=tuple(others) if is_shared else (),
        best=max(whole, key=lambda place: _merit(whole[place], measure), default=None),
    )


def _outcome(setting: Setting, measure: str) -> Outcome:
    return Outcome(
        values=tuple(setting.values(measure)), num_runs=len(setting.entries), num_diverged=setting.num_diverged
    )


def _merit(outcome: Outcome, measure: str) -> float:
    """Higher is better; what diverged to NaN is worst."""
    value = outcome.mean if measure.endswith("accuracy") else -outcome.mean
    return -math.inf if math.isnan(value) else value


def _who(setting: Setting) -> tuple[Contest, str]:
    return contest(setting.spec), setting.spec.preset


def _all(spec: RunSpec) -> dict[str, Value]:
    return {**settings_of(spec), "epochs": spec.epochs}


def _numbers(spec: RunSpec) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in _all(spec).items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }


def _counts(group: Sequence[Setting]) -> dict[str, int]:
    """How many values the settings have of each number in which they differ."""
    values: dict[str, set[float]] = {}
    for setting in group:
        for name, value in _numbers(setting.spec).items():
            values.setdefault(name, set()).add(value)
    return {name: len(found) for name, found in values.items() if len(found) > 1}


def _label(setting: Setting, alike: Sequence[Setting], without: set[str]) -> str:
    """The preset, and what else differs among those of this name."""
    mine = _all(setting.spec)
    names = [
        name for name in mine if name not in without and len({str(_all(other.spec).get(name)) for other in alike}) > 1
    ]
    return plain_text(" ".join([setting.spec.preset, *(f"{name}={_typed(mine[name])}" for name in names)]))


def _typed(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
