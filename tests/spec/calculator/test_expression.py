"""Formulas with letters, with numbers, and their values."""

import math

import pytest

from tui_optim.spec.calculator.expression import (
    Expression,
    Symbol,
    constant,
    largest,
    magnitude,
    root,
    sign,
    smallest,
)
from tui_optim.spec.calculator.numbers import format_number

A, B, T = Symbol("a", "α"), Symbol("b", "β₁"), Symbol("t", "t")
VALUES = {"a": 2.0, "b": -0.5, "t": 3.0}


@pytest.mark.parametrize(
    ("expression", "formula", "numbers", "value"),
    [
        (A + B, "α + β₁", "2 − 0.5", 1.5),
        (A - B, "α − β₁", "2 − (−0.5)", 2.5),
        (A - (B + T), "α − (β₁ + t)", "2 − (−0.5 + 3)", -0.5),
        (A * (1 - B), "α (1 − β₁)", "2 · (1 − (−0.5))", 3.0),
        (-(A * B / (root(T) + 1)), "−α β₁ / (√t + 1)", "−2 · (−0.5) / (√3 + 1)", 1 / (math.sqrt(3) + 1)),
        (A / (B * T), "α / (β₁ t)", "2 / ((−0.5) · 3)", -4 / 3),
        (A / B * T, "(α / β₁) t", "(2 / (−0.5)) · 3", -12.0),
        (B**2, "β₁²", "(−0.5)²", 0.25),
        (1 - A**T, "1 − αᵗ", "1 − 2^3", -7.0),
        (0.96 ** (A * T), "0.96^(α t)", "0.96^(2 · 3)", 0.96**6),
        (root(A + T), "√(α + t)", "√(2 + 3)", math.sqrt(5)),
        (magnitude(B) + sign(B), "|β₁| + sign(β₁)", "|−0.5| + sign(−0.5)", -0.5),
        (largest(A, smallest(B, T)), "max(α, min(β₁, t))", "max(2, min(−0.5, 3))", 2.0),
        (A + 0, "α + 0", "2 + 0", 2.0),
    ],
)
def test_letters_numbers_and_value_agree(expression: Expression, formula: str, numbers: str, value: float) -> None:
    """Parentheses stand where they are needed; products are set side by side with letters, with a dot with numbers."""
    assert expression.formula == formula
    assert expression.numbers(VALUES) == numbers
    assert expression.value(VALUES) == pytest.approx(value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (constant(1) / constant(0), math.inf),
        (constant(-1) / constant(0), -math.inf),
        (constant(0) / constant(0), math.nan),
        (root(constant(-1)), math.nan),
        (constant(10) ** 400, math.inf),
        (constant(0) ** -1, math.inf),
        (constant(-2) ** 0.5, math.nan),
        (largest(constant(math.nan), constant(1)), math.nan),
        (sign(constant(math.nan)), math.nan),
    ],
)
def test_nothing_raises(expression: Expression, value: float) -> None:
    """Division by zero, roots of negative numbers and numbers beyond floats are ∞ and NaN, as in torch."""
    assert expression.value({}) == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.65, "0.65"),
        (0.1 + 0.2, "0.3"),
        (0.99999, "0.99999"),
        (-0.01332370072936606, "−0.01332"),
        (19.840000000000003, "19.84"),
        (12.3456789, "12.3457"),
        (1e-8, "1e-8"),
        (6.25e-6, "6.25e-6"),
        (1234.0, "1234"),
        (1.23456789e9, "1.235e9"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
        (-0.0, "0"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    """As short as they are exact; else four digits."""
    assert format_number(value) == text
