"""The one-step calculator: what an elementwise optimizer does to one weight, given its state, a gradient and hyper-parameters."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tui_optim.spec.calculator.adaptive import ADAPTIVE
from tui_optim.spec.calculator.averaging import AVERAGING
from tui_optim.spec.calculator.expression import Symbol
from tui_optim.spec.calculator.momentum import MOMENTUM
from tui_optim.spec.calculator.recipe import SHARED, Recipe
from tui_optim.spec.calculator.refusals import REFUSALS
from tui_optim.spec.calculator.worksheet import CHANGE, G, Line, T, W, Worksheet
from tui_optim.spec.errors import UsageError, nearest
from tui_optim.spec.hyperparameters import Hyperparameter, Value, check_all
from tui_optim.spec.optimizers import Optimizer, find_optimizer
from tui_optim.spec.presets import check_together

RECIPES: dict[str, Recipe] = MOMENTUM | ADAPTIVE | AVERAGING
MAX_STEPS = 1000
GRADIENT = Hyperparameter(name="grad", default=1.0, help="gradient g", minimum=-math.inf)
PARAMETER = Hyperparameter(name="parameter", default=0.0, help="weight w before the step", minimum=-math.inf)
STEP = Hyperparameter(
    name="step", kind="int", default=1, help="number t of the step, from 1", minimum=1, maximum=1_000_000
)
CORRECTION = Hyperparameter(
    name="bias_correction", kind="bool", default=True, help="divide running means by what is missing at the start"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a step starts from. What is not given has the optimizer's default."""

    optimizer: str
    gradient: float = 1.0
    parameter: float = 0.0
    step: int = 1
    """Number of the first step, from 1."""
    state: Mapping[str, Value]
    hyperparameters: Mapping[str, Value]
    corrects_bias: bool | None = None
    """None: as the optimizer does."""

    def with_value(self, name: str, value: Value) -> "Question":
        """The same with one value changed: a state, a hyper-parameter, `grad`, `parameter`, `step` or `bias_correction`.

        Raises:
            UsageError: an unknown name, or a value out of bounds.
        """
        recipe, optimizer = find_recipe(self.optimizer), find_optimizer(self.optimizer)
        if name == GRADIENT.name:
            return replace(self, gradient=float(GRADIENT.check(value, where=name)))
        if name == PARAMETER.name:
            return replace(self, parameter=float(PARAMETER.check(value, where=name)))
        if name == STEP.name:
            return replace(self, step=int(STEP.check(value, where=name)))
        if name == CORRECTION.name:
            return replace(self, corrects_bias=bool(CORRECTION.check(value, where=name)))
        if name in {state.symbol.name for state in recipe.states}:
            return replace(self, state={**self.state, name: value})
        keys = {about.name for about in optimizer.hyperparameters}
        if name in keys:
            return replace(self, hyperparameters={**self.hyperparameters, name: value})
        named = {*keys, *(state.symbol.name for state in recipe.states), "grad", "parameter", "step", "bias_correction"}
        raise UsageError(f"{name}: {self.optimizer} has no such value; {nearest(name, named)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """A step with all of its lines."""

    number: int
    lines: tuple[Line, ...]
    remarks: tuple[str, ...]
    state: Mapping[str, float]
    """After the step."""
    change: float
    """Δw."""
    parameter: float
    """After the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """One or several steps with the same gradient."""

    question: Question
    """Complete: with the values of everything that was not given."""
    given: tuple[tuple[Symbol, float], ...]
    """What the first step starts from, in the order in which it is shown: gradient, weight, step, states, hyper-parameters."""
    steps: tuple[StepTaken, ...]


def find_recipe(optimizer_id: str) -> Recipe:
    """The recipe of an optimizer; raises UsageError with the nearest name, or with the reason why there is none."""
    optimizer = find_optimizer(optimizer_id)
    if optimizer_id in RECIPES:
        return RECIPES[optimizer_id]
    reason = REFUSALS.get(optimizer_id, "it is a plugin, whose formula is not known here")
    raise UsageError(f"{optimizer.name} has no step for one weight alone: {reason}")


def calculate(question: Question, *, num_steps: int = 1) -> Calculation:
    """Take a step, or several with the same gradient.

    Raises:
        UsageError: an unknown name, a value out of bounds, or an optimizer that is not elementwise.
    """
    recipe, optimizer = find_recipe(question.optimizer), find_optimizer(question.optimizer)
    if not 1 <= num_steps <= MAX_STEPS:
        raise UsageError(f"steps = {num_steps}: expected a whole number in [1, {MAX_STEPS}]")
    complete = _completed(question, recipe, optimizer)
    numbers = {name: float(value) for name, value in complete.hyperparameters.items() if not isinstance(value, str)}
    switches = {name: value for name, value in complete.hyperparameters.items() if isinstance(value, str | bool)}
    kept = [state.symbol for state in recipe.states if state.is_kept(complete.hyperparameters)]
    state = {name: float(value) for name, value in complete.state.items()}
    parameter, steps = complete.parameter, []
    for number in range(complete.step, complete.step + num_steps):
        values = {**numbers, **state, G.name: complete.gradient, W.name: parameter, T.name: float(number)}
        sheet = Worksheet(values, switches, corrects_bias=bool(complete.corrects_bias))
        recipe.step(sheet)
        state = {symbol.name: sheet.values[symbol.name] for symbol in kept}
        parameter = sheet.values[W.name]
        steps.append(
            StepTaken(
                number=number,
                lines=tuple(sheet.lines),
                remarks=tuple(sheet.remarks),
                state=state,
                change=sheet.values[CHANGE.name],
                parameter=parameter,
            )
        )
    return Calculation(question=complete, given=_given(complete, recipe, numbers), steps=tuple(steps))


def letter(optimizer_id: str, name: str) -> str:
    """How a hyper-parameter or a state stands in the formulas; its name where it has no letter."""
    recipe = find_recipe(optimizer_id)
    letters = {symbol.name: symbol.letter for symbol in (*SHARED, *recipe.symbols)}
    letters |= {state.symbol.name: state.symbol.letter for state in recipe.states}
    return letters.get(name, name)


def _completed(question: Question, recipe: Recipe, optimizer: Optimizer) -> Question:
    """Everything checked, and what is not given filled in."""
    if question.corrects_bias is not None and not recipe.corrects_bias:
        raise UsageError(f"{optimizer.id} has no bias correction to turn on or off")
    known = optimizer.hyperparameters
    values = {about.name: about.default for about in known}
    values |= check_all(question.hyperparameters, known, where="", kind=f"optimizer {optimizer.id!r}")
    check_together(optimizer.id, values)
    checked = check_all(
        question.state,
        tuple(state.about for state in recipe.states),
        where="state ",
        kind=f"optimizer {optimizer.id!r}",
    )
    for state in recipe.states:
        if state.symbol.name in checked and not state.is_kept(values):
            raise UsageError(f"state {state.symbol.name}: {optimizer.id} keeps it only with {state.needs}")
    gradient = float(GRADIENT.check(question.gradient, where=GRADIENT.name))
    parameter = float(PARAMETER.check(question.parameter, where=PARAMETER.name))
    step = int(STEP.check(question.step, where=STEP.name))
    numbers = {name: float(value) for name, value in values.items() if not isinstance(value, str)}
    start = {**numbers, G.name: gradient, W.name: parameter, T.name: float(step)}
    states: dict[str, Value] = {}
    for state in recipe.states:
        value = checked.get(state.symbol.name, state.start(start))
        if state.is_kept(values) and value is not None:
            states[state.symbol.name] = value
    corrects = recipe.corrects_bias if question.corrects_bias is None else question.corrects_bias
    return replace(
        question,
        gradient=gradient,
        parameter=parameter,
        step=step,
        state=states,
        hyperparameters=values,
        corrects_bias=corrects,
    )


def _given(question: Question, recipe: Recipe, numbers: Mapping[str, float]) -> tuple[tuple[Symbol, float], ...]:
    known = {symbol.name: symbol for symbol in (*SHARED, *recipe.symbols)}
    start = [(G, question.gradient), (W, question.parameter), (T, float(question.step))]
    start += [
        (state.symbol, float(question.state[state.symbol.name]))
        for state in recipe.states
        if state.symbol.name in question.state
    ]
    rates = [(known[name], value) for name, value in numbers.items() if name in known and math.isfinite(value)]
    return (*start, *rates)
