"""The one-step calculator: the sheet's numbers, one source for text and value, states, steps and refusals."""

import math
import re
from dataclasses import replace
from typing import Any

import pytest

from tui_optim.spec.calculator.calculation import MAX_STEPS, RECIPES, Question, calculate, find_recipe
from tui_optim.spec.calculator.refusals import REFUSALS
from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import OPTIMIZERS
from tui_optim.spec.plugins import FILES_VARIABLE

SHEET = Question(
    optimizer="adam",
    gradient=2.0,
    state={"m": 0.5, "v": 0.2},
    hyperparameters={"lr": 0.01, "beta1": 0.9, "beta2": 0.99},
    corrects_bias=False,
)
"""The exercise: β₁ 0.9, β₂ 0.99, α 0.01, ε 1e-8, m 0.5, v 0.2, g 2."""


def lines(question: Question) -> dict[str, float]:
    """Value of each line by its symbol; of two with one symbol, the last."""
    return {line.symbol: line.value for line in calculate(question).steps[0].lines}


def test_the_exercise_of_the_sheet() -> None:
    """m 0.65, v 0.238, Δw −0.01332 without bias correction."""
    assert lines(SHEET) == pytest.approx({"m": 0.65, "v": 0.238, "Δw": -0.0133237, "w": -0.0133237}, rel=1e-5)


def test_a_larger_second_moment_takes_a_smaller_step() -> None:
    """With v 20 instead of 0.2: v 19.84 and Δw −0.001459."""
    other = lines(SHEET.with_value("v", 20.0))
    assert (other["v"], other["Δw"]) == pytest.approx((19.84, -0.00145929), rel=1e-5)


def test_bias_correction_divides_by_what_is_missing() -> None:
    """At step 1 m is divided by 1 − 0.9 and v by 1 − 0.99: from rest the step is the rate, whatever the gradient."""
    corrected = lines(replace(SHEET, state={}, corrects_bias=None))
    assert (corrected["m̂"], corrected["v̂"], corrected["Δw"]) == pytest.approx((2.0, 4.0, -0.01))


def test_late_in_training_the_correction_no_longer_matters() -> None:
    """At step 10,000 both give the same step."""
    late = replace(SHEET, step=10_000)
    assert lines(late)["Δw"] == pytest.approx(lines(replace(late, corrects_bias=True))["Δw"], rel=1e-12)


def test_several_steps_hand_the_state_on() -> None:
    """Three steps at once are three single ones, each from where the last one ended."""
    at_once = calculate(SHEET, num_steps=3).steps
    question = SHEET
    for taken in at_once:
        (single,) = calculate(question).steps
        assert single == taken
        question = replace(question, state=taken.state, parameter=taken.parameter, step=taken.number + 1)
    assert [taken.number for taken in at_once] == [1, 2, 3]


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"dampening": 0.3}, 2.0), ({}, 2.0)],
)
def test_the_first_velocity_is_not_dampened(values: dict[str, Value], expected: float) -> None:
    """Before the first step SGD has no velocity: v is g itself; later ones take (1 − τ) g."""
    question = Question(optimizer="sgd", gradient=2.0, state={}, hyperparameters={"momentum": 0.9, **values})
    assert lines(question)["v"] == expected
    later = replace(question, step=2, state={"v": 1.0})
    assert lines(later)["v"] == pytest.approx(0.9 + 2.0 * (1 - float(values.get("dampening", 0))))


def test_rprop_leaves_the_step_out_after_a_change_of_sign() -> None:
    """Δ is halved and nothing moves; a remark says why."""
    question = Question(optimizer="rprop", gradient=-1.0, state={"g_last": 2.0, "delta": 0.4}, hyperparameters={})
    (taken,) = calculate(question).steps
    assert (taken.change, taken.state["delta"], taken.state["g_last"]) == (0.0, 0.2, 0.0)
    assert "sign has changed" in taken.remarks[0]


def test_a_division_by_zero_is_a_result() -> None:
    """Without ε a weight that never had a gradient gets 0/0, as in torch."""
    question = Question(optimizer="adam", gradient=0.0, state={}, hyperparameters={"eps": 0.0})
    assert math.isnan(calculate(question).steps[0].change)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("step", [1, 40])
def test_the_written_numbers_give_the_value(name: str, step: int) -> None:
    """Every line, calculated as its numbers are written, gives its value up to their four digits."""
    known = {about.name for about in OPTIMIZERS[name].hyperparameters}
    decay: dict[str, Value] = {"weight_decay": 0.125} if "weight_decay" in known else {}
    question = Question(
        optimizer=name, gradient=-1.5, parameter=0.75, step=step, state=_some_state(name), hyperparameters=decay
    )
    for line in calculate(question).steps[0].lines:
        assert _evaluated(line.numbers) == pytest.approx(line.value, rel=2e-3, abs=2e-4), line


def test_every_optimizer_is_calculated_or_refused_with_a_reason() -> None:
    """None is forgotten, none is both."""
    assert not set(RECIPES) & set(REFUSALS)
    assert set(RECIPES) | set(REFUSALS) == set(OPTIMIZERS)


@pytest.mark.parametrize("name", RECIPES)
def test_every_hyperparameter_that_is_a_number_has_a_letter(name: str) -> None:
    """What the step starts from is shown complete; those of Lookahead's other base excepted."""
    question = Question(optimizer=name, state={}, hyperparameters={})
    shown = {symbol.name for symbol, _ in calculate(question).given}
    numbers = {about.name for about in OPTIMIZERS[name].hyperparameters if about.kind in ("float", "int")}
    assert numbers <= shown


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_not_elementwise_is_refused(name: str) -> None:
    """With its name and the reason."""
    with pytest.raises(UsageError, match=re.escape(REFUSALS[name])):
        find_recipe(name)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"optimizer": "adm"}, "unknown optimizer 'adm': did you mean 'adam'?"),
        ({"state": {"mm": 1.0}}, "state mm: optimizer 'adam' has no such key; did you mean 'm'?"),
        ({"state": {"v": -1.0}}, "state v = -1.0: expected a number ≥ 0"),
        ({"state": {"v_max": 1.0}}, "state v_max: adam keeps it only with amsgrad"),
        ({"hyperparameters": {"bta1": 0.9}}, "bta1: optimizer 'adam' has no such key; did you mean 'beta1'?"),
        ({"hyperparameters": {"beta1": 1.0}}, "beta1 = 1.0: expected a number in [0, 0.999999]"),
        ({"gradient": math.inf}, "grad = inf: expected a number"),
        ({"parameter": math.nan}, "parameter = nan: expected a number"),
        ({"step": 0}, "step = 0: expected a whole number in [1, 1e+06]"),
        (
            {"optimizer": "sgd", "state": {}, "hyperparameters": {"nesterov": True}, "corrects_bias": None},
            "nesterov = True: needs momentum > 0",
        ),
        ({"optimizer": "sgd", "state": {}, "hyperparameters": {}}, "sgd has no bias correction"),
        (
            {"optimizer": "lookahead", "state": {}, "hyperparameters": {"base": "adamw"}, "corrects_bias": None},
            "base = adamw: here Lookahead's fast weights take steps of SGD",
        ),
    ],
)
def test_a_mistake_is_told(changes: dict[str, Any], expected: str) -> None:
    """One sentence with the nearest valid name or the bounds."""
    with pytest.raises(UsageError, match=re.escape(expected)):
        calculate(replace(SHEET, **changes))


@pytest.mark.parametrize("count", [0, -1, MAX_STEPS + 1])
def test_the_number_of_steps_is_bounded(count: int) -> None:
    """Neither none nor so many that a terminal is flooded."""
    with pytest.raises(UsageError, match="expected a whole number in"):
        calculate(SHEET, num_steps=count)


@pytest.mark.parametrize(
    ("name", "value"),
    [("grad", -3), ("parameter", 1.5), ("step", 7), ("bias_correction", True), ("v", 20), ("lr", 0.5)],
)
def test_any_value_can_be_changed(name: str, value: Value) -> None:
    """What a second calculation starts from differs in that alone."""
    before, after = calculate(SHEET).question, calculate(SHEET.with_value(name, value)).question
    changed = [field for field in before.__slots__ if getattr(before, field) != getattr(after, field)]
    assert len(changed) == 1


def test_an_unknown_value_names_the_nearest() -> None:
    """`bta2` proposes `beta2`."""
    with pytest.raises(UsageError, match="bta2: adam has no such value; did you mean 'beta2'"):
        SHEET.with_value("bta2", 0.9)


def test_a_plugin_is_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its formula is text that nobody can calculate."""
    path = tmp_path / "mine.py"
    path.write_text(
        "from tui_optim.spec.optimizers import Optimizer\n"
        "OPTIMIZER = Optimizer(id='mine', name='Mine', family='basic', formula='', source='', hyperparameters=(), stores='')\n"
        "def build(model, hyperparameters): ...\n",
        encoding="utf-8",
    )
    monkeypatch.setenv(FILES_VARIABLE, str(path))
    with pytest.raises(UsageError, match="Mine has no step for one weight alone: it is a plugin"):
        find_recipe("mine")


def _some_state(name: str) -> dict[str, Value]:
    positive = {state.symbol.name for state in RECIPES[name].states if state.is_positive}
    kept = calculate(Question(optimizer=name, step=40, state={}, hyperparameters={})).question.state
    return {state: 0.5 if state in positive else -0.25 for state in kept if state not in ("S", "mu_product")}


def _evaluated(numbers: str) -> float:
    """What the written line comes to, read as Python."""
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", numbers)
    text = text.replace("²", "**2").replace("^", "**").replace("·", "*").replace("−", "-")
    text = re.sub(r"√([\d.e-]+)", r"sqrt(\1)", text).replace("√(", "sqrt(")
    names = {"sqrt": math.sqrt, "abs": abs, "max": max, "min": min, "sign": lambda x: (x > 0) - (x < 0)}
    return float(eval(text, {"__builtins__": {}}, names))


@pytest.mark.parametrize(("beta1", "psi"), [(0.9, 0.004), (0.9999, 0.004), (0.999, 0.0), (0.99, 3.0)])
def test_a_late_step_of_nadam_is_reckoned_without_those_before_it(beta1: float, psi: float) -> None:
    """The product of its μ over 2,000 steps by a series is that of 2,000 factors; a millionth step is as quick."""
    numbers = {"beta1": beta1, "momentum_decay": psi}
    question = Question(optimizer="nadam", state={}, hyperparameters=numbers, step=2001)
    expected = math.prod(beta1 * (1 - 0.5 * 0.96 ** (t * psi)) for t in range(1, 2001))
    assert calculate(question).question.state["mu_product"] == pytest.approx(expected, rel=1e-10)
    assert 0 <= float(calculate(replace(question, step=1_000_000)).question.state["mu_product"]) < 1


def test_the_weights_of_a_late_schedule_free_step_are_a_sum_of_squares() -> None:
    """Σ ηᵢ² over the warm-up and what follows it."""
    numbers: dict[str, Value] = {"lr": 0.5, "warmup_steps": 10}
    for step, rising in ((5, 4), (2001, 9)):
        question = Question(optimizer="schedule-free-sgd", state={}, hyperparameters=numbers, step=step)
        expected = 0.25 * (sum((i / 10) ** 2 for i in range(1, rising + 1)) + (step - 1 - rising))
        assert calculate(question).question.state["S"] == pytest.approx(expected)
