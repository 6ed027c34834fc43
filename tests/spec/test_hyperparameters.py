"""Hyper-parameters: bounds, types, and what is said when they are broken."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Hyperparameter, check_all, parse_value
from tui_optim.spec.optimizers import FAMILIES, OPTIMIZERS
from tui_optim.spec.scenarios import PENALTY_PARAMETERS
from tui_optim.spec.schedules import SCHEDULES

LR = Hyperparameter(name="lr", default=0.1, help="rate", maximum=10.0)
STEPS = Hyperparameter(name="steps", kind="int", default=5, help="steps", minimum=1, maximum=20)
SHARE = Hyperparameter(name="share", default=0.5, help="share", maximum=1.0, is_open=True)
SWITCH = Hyperparameter(name="nesterov", kind="bool", default=False, help="look ahead")
PENALTY = Hyperparameter(name="kind", kind="choice", default="l2", choices=("l2", "l1"), help="penalty")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [(LR, 0), (LR, 10), (STEPS, 1), (STEPS, 20), (STEPS, 7.0), (SHARE, 0.999), (SWITCH, True), (PENALTY, "l1")],
)
def test_values_within_bounds_are_returned_in_their_type(parameter: Hyperparameter, value: object) -> None:
    """A whole number becomes a float where floats are kept, and 7.0 becomes 7 where whole numbers are."""
    checked = parameter.check(value, where="x")

    assert checked == value
    assert type(checked) is {"float": float, "int": int, "bool": bool, "choice": str}[parameter.kind]


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        (LR, -1e-9, r"a number in \[0, 10\]"),
        (LR, 10.01, r"a number in \[0, 10\]"),
        (LR, math.nan, r"a number in \[0, 10\]"),
        (LR, math.inf, r"a number in \[0, 10\]"),
        (LR, "fast", r"lr = 'fast': expected a number"),
        (LR, True, r"lr = True: expected a number"),
        (LR, None, r"a number"),
        (LR, 10**400, r"a number in \[0, 10\]"),
        pytest.param(LR, 16**5000, r"a number of thousands of digits", id="thousands-of-digits"),
        (STEPS, 0, r"a whole number in \[1, 20\]"),
        (STEPS, 1.5, r"a whole number in \[1, 20\]"),
        (SHARE, 0, r"a number in \(0, 1\)"),
        (SHARE, 1, r"a number in \(0, 1\)"),
        (SWITCH, 1, r"true or false"),
        (SWITCH, "true", r"true or false"),
        (PENALTY, "l3", r"one of l2, l1; did you mean"),
        (PENALTY, 2, r"one of l2, l1"),
    ],
)
def test_values_out_of_bounds_are_refused_with_what_was_expected(
    parameter: Hyperparameter, value: object, expected: str
) -> None:
    """A wrong type, a bound crossed or a number that is not finite: the message says what is valid."""
    with pytest.raises(UsageError, match=expected):
        parameter.check(value, where=parameter.name)


@given(st.one_of(st.floats(), st.integers(), st.text(), st.booleans(), st.none(), st.binary()))
def test_a_checked_value_is_always_finite_and_within_bounds(value: object) -> None:
    """Whatever comes in, what comes out can be used."""
    for parameter in (LR, STEPS, SHARE, SWITCH, PENALTY):
        try:
            checked = parameter.check(value, where="x")
        except UsageError:
            continue
        assert isinstance(checked, (str, bool)) or parameter.minimum <= checked <= parameter.maximum


def test_an_unknown_key_names_the_nearest() -> None:
    """`momentm` is refused and `momentum` is proposed."""
    known = OPTIMIZERS["sgd"].hyperparameters

    with pytest.raises(UsageError, match=r"momentm: optimizer 'sgd' has no such key; did you mean 'momentum'\?"):
        check_all({"momentm": 0.9}, known, where="", kind="optimizer 'sgd'")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.05", 0.05),
        ("1e-3", 1e-3),
        ("64", 64),
        ("true", True),
        ("False", False),
        (" full ", "full"),
        ("-2", -2),
        ("010", 10),
    ],
)
def test_typed_text_becomes_a_value(text: str, value: object) -> None:
    """Numbers, switches and words are told apart as a person would."""
    parsed = parse_value(text)

    assert parsed == value
    assert type(parsed) is type(value)


@given(st.text())
def test_any_text_can_be_typed(text: str) -> None:
    """Reading a value never fails; checking it is another step."""
    assert isinstance(parse_value(text), (bool, int, float, str))


@pytest.mark.parametrize(
    "parameter",
    [
        *(p for optimizer in OPTIMIZERS.values() for p in optimizer.hyperparameters),
        *(p for schedule in SCHEDULES.values() for p in schedule.parameters),
        *PENALTY_PARAMETERS,
    ],
    ids=lambda p: p.name,
)
def test_every_default_is_valid_and_explained(parameter: Hyperparameter) -> None:
    """The registries hold no default outside its own bounds and no hyper-parameter without a help text."""
    assert parameter.check(parameter.default, where=parameter.name) == parameter.default
    assert parameter.help


def test_every_optimizer_belongs_to_a_family_and_has_a_rate() -> None:
    """The panel groups by family, and every optimizer has a learning rate to tune."""
    for optimizer_id, optimizer in OPTIMIZERS.items():
        assert optimizer.id == optimizer_id
        assert optimizer.family in FAMILIES
        assert "lr" in {p.name for p in optimizer.hyperparameters}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("elastic", "penalty = 'elastic': expected one of l2, l1"),
        ("L1", "penalty = 'L1': expected one of l2, l1; did you mean 'l1'?"),
    ],
)
def test_choices_are_named_once(typed: str, message: str) -> None:
    """What is expected is the list already; a near miss is named besides."""
    with pytest.raises(UsageError) as refusal:
        PENALTY.check(typed, where="penalty")
    assert str(refusal.value) == message
