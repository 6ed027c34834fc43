"""How a result answers to hyper-parameters: a measure of what was `tried` against one of them, and over the plane of two."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_optim.report.cells import is_number, plain_text, short_value
from tui_optim.report.columns import settings as settings_of
from tui_optim.report.comparison import contest
from tui_optim.report.tried import Outcome, Tried
from tui_optim.spec.errors import UsageError, unknown
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.run import RunSpec

_USUAL = ("lr", "batch_size")
"""Of numbers with equally many values these are shown first."""
_MAX_SPARSE = 15
"""Values on an axis up to which a grid may be mostly empty: more make a sheet of dashes, as points drawn at random do."""
PRESET = "preset"
"""The name of an axis of presets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A measure of one preset against one hyper-parameter."""

    scenario: str
    label: str
    is_sample: bool
    xs: tuple[float, ...]
    """Rising."""
    outcomes: tuple[Outcome, ...]
    moving_too: tuple[str, ...] = ()
    """What else differs among the outcomes, which are then points and no curve; () where all else is equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A measure of one preset over two hyper-parameters, or of several presets over one."""

    scenario: str
    label: str
    is_sample: bool
    x_name: str
    y_name: str
    xs: tuple[float, ...]
    """Rising, as are the ys."""
    ys: tuple[float, ...]
    presets: tuple[str, ...]
    """What the ys stand for where each row is a preset; () where they are numbers."""
    cells: Mapping[tuple[int, int], Outcome]
    """By the positions of x and y; a cell that was not run is missing."""
    best_over: tuple[str, ...]
    """Hyper-parameters in which runs of one cell differ; of those the chosen or the best is taken."""
    best: tuple[int, int] | None
    """The cell that the sweep chose; of other runs that with the best mean among those that are whole; None without any."""

    @property
    def num_places(self) -> int:
        """As many cells as there could be."""
        return len(self.xs) * len(self.ys)

    @property
    def is_next_to_empty(self) -> bool:
        """Whether it has many values of which hardly any two meet, as those of a random search.

        Rows that are presets stay: each may have been searched around a rate of its own.
        """
        is_small = max(len(self.xs), len(self.ys)) <= _MAX_SPARSE
        return not self.presets and not is_small and 2 * len(self.cells) < self.num_places


def responses(all_tried: Sequence[Tried], parameter: str = "lr", *, max_lines: int = 12) -> list[Response]:
    """For each preset a curve for each choice of its other settings that has two values of the parameter or more.

    Where that would leave out some points of a sweep, or most of what was run by hand, or make more curves than can be told
    apart, all of a preset are points of one response, which says what else moves.

    Raises:
        UsageError: there is none, or no run has this parameter.
    """
    known = {name for one in all_tried for name in _numbers(one.spec)}
    if parameter not in known:
        raise unknown("parameter", parameter, known)
    by_preset: dict[object, list[Tried]] = {}
    for one in all_tried:
        if parameter in _numbers(one.spec):
            by_preset.setdefault(one.who, []).append(one)
    moving = {
        who: group for who, group in by_preset.items() if len({_numbers(one.spec)[parameter] for one in group}) > 1
    }
    if not moving:
        raise UsageError(
            f"no preset has runs with two values of {parameter}: run some, for example with --holdout --set {parameter}=…"
        )
    curves = {who: _curves(group, parameter) for who, group in moving.items()}
    has_room = sum(map(len, curves.values())) <= max_lines
    found: list[Response] = []
    for who, group in moving.items():
        num_needed = len(group) if group[0].sweep else len(group) // 2 + 1
        if has_room and sum(map(len, curves[who])) >= num_needed:
            shown = [one for curve in curves[who] for one in curve]
            found += [_response(curve, shown, parameter) for curve in curves[who]]
        else:
            others = tuple(name for name in _differing(group) if name != parameter)
            found.append(_response(group, group, parameter, moving_too=others))
    return found


def num_left_out(all_tried: Sequence[Tried], shown: Sequence[Response], parameter: str) -> int:
    """How many that have the parameter are on none of the responses: their other settings have one value of it only."""
    having = sum(parameter in _numbers(one.spec) for one in all_tried)
    return having - sum(len(one.outcomes) for one in shown)


def grids(all_tried: Sequence[Tried], measure: str, parameters: Sequence[str] = ()) -> list[Grid]:
    """A grid for each preset whose settings differ in two numbers: those named, or the two with the most values.

    Where none does, presets that differ in one number are the rows of a grid over it.

    Raises:
        UsageError: there is none, and the sentence says in what the runs differ; or all are next to empty.
    """
    groups: dict[object, list[Tried]] = {}
    for one in all_tried:
        groups.setdefault(one.who, []).append(one)
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
    if not found and len(parameters) < 2:
        found = _grids_of_presets(all_tried, measure, parameters)
    if not found:
        has = f"these differ in {', '.join(sorted(differing))} only" if differing else "these differ in none"
        raise UsageError(
            f"a heat map needs runs of one preset that differ in two numbers, for example lr and batch_size, or of several "
            f"that differ in one; {has}"
        )
    if all(grid.is_next_to_empty for grid in found):
        grid = found[0]
        raise UsageError(
            f"a heat map of {len(grid.xs)} values of {grid.x_name} by {len(grid.ys)} of {grid.y_name} would be next to empty: "
            f"{len(grid.cells)} of its {grid.num_places} cells were run; --kind sensitivity with --parameter {grid.x_name} or "
            f"{grid.y_name} draws them as points"
        )
    return found


def _grids_of_presets(all_tried: Sequence[Tried], measure: str, parameters: Sequence[str]) -> list[Grid]:
    """For each contest, or sweep, in which several presets differ in one number: the presets over it."""
    groups: dict[object, list[Tried]] = {}
    for one in all_tried:
        groups.setdefault((one.who[0], one.sweep), []).append(one)
    found: list[Grid] = []
    for group in groups.values():
        counts = _counts(group)
        names = list(parameters) or sorted(counts, key=lambda name: (-counts[name], name not in _USUAL))[:1]
        tried_twice = {one.spec.preset for one in group for name in names if _has_others(one, group, name)}
        if len(tried_twice) > 1:
            found.append(_grid(group, measure, names[0], PRESET, others=[name for name in counts if name != names[0]]))
    return found


def _has_others(one: Tried, group: Sequence[Tried], name: str) -> bool:
    """Whether its preset was tried with another value of this number too."""
    value = _numbers(one.spec).get(name)
    mine = [_numbers(other.spec).get(name) for other in group if other.spec.preset == one.spec.preset]
    return value is not None and any(other not in (None, value) for other in mine)


def _curves(group: Sequence[Tried], parameter: str) -> list[list[Tried]]:
    """Those that are equal in all else, where they are two or more."""
    alike: dict[object, list[Tried]] = {}
    for one in group:
        others = tuple((name, str(value)) for name, value in _all(one.spec).items() if name != parameter)
        alike.setdefault(others, []).append(one)
    return [curve for curve in alike.values() if len(curve) > 1]


def _response(
    group: Sequence[Tried], shown: Sequence[Tried], parameter: str, *, moving_too: tuple[str, ...] = ()
) -> Response:
    rising = sorted(group, key=lambda one: _numbers(one.spec)[parameter])
    spec = rising[0].spec
    without = {parameter, *moving_too}
    return Response(
        scenario=spec.scenario,
        label=_label(spec, [one.spec for one in shown], without),
        is_sample=spec.data.kind == "sample",
        xs=tuple(_numbers(one.spec)[parameter] for one in rising),
        outcomes=tuple(one.outcome for one in rising),
        moving_too=moving_too,
    )


def _grid(group: Sequence[Tried], measure: str, x_name: str, y_name: str, *, others: Sequence[str]) -> Grid:
    presets = list(dict.fromkeys(one.spec.preset for one in reversed(group))) if y_name == PRESET else []
    numbers = [_numbers(item.spec) for item in group]
    if presets:
        rows = [float(presets.index(item.spec.preset)) for item in group]
        numbers = [{**mine, PRESET: row} for mine, row in zip(numbers, rows, strict=True)]
    xs = sorted({one[x_name] for one in numbers if x_name in one})
    ys = sorted({one[y_name] for one in numbers if y_name in one})
    cells: dict[tuple[int, int], Outcome] = {}
    is_shared = False
    for one, item in zip(numbers, group, strict=True):
        if x_name in one and y_name in one:
            place = (xs.index(one[x_name]), ys.index(one[y_name]))
            is_shared |= place in cells
            if place not in cells or _merit(item.outcome, measure) > _merit(cells[place], measure):
                cells[place] = item.outcome
    chosen = [place for place, outcome in cells.items() if outcome.is_chosen]
    whole = {place: outcome for place, outcome in cells.items() if outcome.is_whole}
    best = max(whole, key=lambda place: _merit(whole[place], measure), default=None)
    spec = group[0].spec
    return Grid(
        scenario=spec.scenario,
        label="presets" if presets else plain_text(spec.preset),
        is_sample=spec.data.kind == "sample",
        x_name=x_name,
        y_name=y_name,
        xs=tuple(xs),
        ys=tuple(ys),
        presets=tuple(map(plain_text, presets)),
        cells=cells,
        best_over=tuple(others) if is_shared else (),
        best=max(chosen, key=lambda place: _merit(cells[place], measure))
        if chosen
        else None
        if group[0].sweep
        else best,
    )


def _merit(outcome: Outcome, measure: str) -> tuple[bool, bool, float]:
    """Higher is better: what was chosen, then what is whole, then the figure; what diverged to NaN is worst."""
    value = outcome.mean if measure.endswith("accuracy") else -outcome.mean
    return outcome.is_chosen, outcome.state == "finished", -math.inf if math.isnan(value) else value


def _all(spec: RunSpec) -> dict[str, Value]:
    return {**settings_of(spec), "epochs": spec.epochs}


def _numbers(spec: RunSpec) -> dict[str, float]:
    return {name: float(value) for name, value in _all(spec).items() if is_number(value)}


def _differing(group: Sequence[Tried]) -> list[str]:
    """Settings that are not the same in all."""
    names = dict.fromkeys(name for one in group for name in _all(one.spec))
    return [name for name in names if len({str(_all(one.spec).get(name)) for one in group}) > 1]


def _counts(group: Sequence[Tried]) -> dict[str, int]:
    """How many values the settings have of each number in which they differ."""
    values: dict[str, set[float]] = {}
    for one in group:
        for name, value in _numbers(one.spec).items():
            values.setdefault(name, set()).add(value)
    return {name: len(found) for name, found in values.items() if len(found) > 1}


def _label(spec: RunSpec, alike: Sequence[RunSpec], without: set[str]) -> str:
    """The preset, and what else differs among those of this name."""
    mine = _all(spec)
    others = [_all(other) for other in alike if other.preset == spec.preset and contest(other) == contest(spec)]
    names = [name for name in mine if name not in without and len({str(one.get(name)) for one in others}) > 1]
    return plain_text(" ".join([spec.preset, *(f"{name}={short_value(mine[name])}" for name in names)]))
