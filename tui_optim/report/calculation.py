"""Calculated steps as an object for files and as a table of several steps; the lines of one step show themselves."""

from collections.abc import Sequence
from typing import Any

from tui_optim.report.cells import MISSING, Column, Table
from tui_optim.spec.calculator.calculation import Calculation, StepTaken, find_recipe
from tui_optim.spec.calculator.numbers import format_number
from tui_optim.spec.optimizers import find_optimizer
from tui_optim.spec.results import encode_number


def calculation_object(calculations: Sequence[Calculation]) -> dict[str, Any]:
    """`{"calculations": [{"optimizer", "gradient", …, "steps": [{"step", "lines", "state", "change", "parameter"}]}]}`."""
    return {"calculations": [_object(one) for one in calculations]}


def steps_table(calculation: Calculation) -> Table:
    """One row per step: the states after it, the change and the weight."""
    question = calculation.question
    states = [
        Column(key=symbol.name, title=symbol.letter, kind="number")
        for symbol, _ in calculation.given
        if symbol.name in calculation.steps[-1].state
    ]
    columns = (
        Column(key="step", title="t", kind="number", decimals=0),
        *states,
        Column(key="change", title="Δw", kind="number"),
        Column(key="parameter", title="w", kind="number"),
    )
    rows = tuple(
        (step.number, *(step.state[column.key] for column in states), step.change, step.parameter)
        for step in calculation.steps
    )
    name = find_optimizer(question.optimizer).name
    return Table(title=f"{name}, the same gradient in every step", columns=columns, rows=rows)


def given_texts(calculation: Calculation) -> dict[str, str]:
    """What the first step starts from, by the letters of the formulas, and whether bias is corrected."""
    texts = {symbol.letter: format_number(value) for symbol, value in calculation.given}
    if find_recipe(calculation.question.optimizer).corrects_bias:
        texts["bias correction"] = "on" if calculation.question.corrects_bias else "off"
    return texts


def differences(calculations: Sequence[Calculation]) -> list[str]:
    """What tells each calculation from the others: `v = 20`; empty where they start from the same."""
    given = [given_texts(one) for one in calculations]
    names = [
        name
        for name in dict.fromkeys(name for one in given for name in one)
        if len({one.get(name) for one in given}) > 1
    ]
    return [", ".join(f"{name} = {one.get(name, MISSING)}" for name in names) for one in given]


def outcome(step: StepTaken) -> str:
    """The states after a step, the change and the weight, in a line: `m 0.65   v 0.238   Δw −0.01332   w −0.01332`."""
    letters = {line.name: line.symbol for line in step.lines}
    parts = [(letters.get(name, name), value) for name, value in step.state.items()]
    return "   ".join(
        f"{name} {format_number(value)}" for name, value in [*parts, ("Δw", step.change), ("w", step.parameter)]
    )


def _object(calculation: Calculation) -> dict[str, Any]:
    question = calculation.question
    return {
        "optimizer": question.optimizer,
        "gradient": question.gradient,
        "parameter": question.parameter,
        "step": question.step,
        "bias_correction": question.corrects_bias if find_recipe(question.optimizer).corrects_bias else None,
        "hyperparameters": dict(question.hyperparameters),
        "state": dict(question.state),
        "steps": [
            {
                "step": step.number,
                "lines": [
                    {
                        "name": line.name,
                        "equation": line.equation,
                        "numbers": line.numbers,
                        "value": encode_number(line.value),
                    }
                    for line in step.lines
                ],
                "remarks": list(step.remarks),
                "state": {name: encode_number(value) for name, value in step.state.items()},
                "change": encode_number(step.change),
                "parameter": encode_number(step.parameter),
            }
            for step in calculation.steps
        ],
    }
