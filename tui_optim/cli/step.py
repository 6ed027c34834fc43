"""`tui-optim step`: one step of an optimizer for one weight, line by line."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.json_answer import json_answer
from tui_optim.cli.options import Json, parse_settings
from tui_optim.spec.errors import UsageError

if TYPE_CHECKING:
    from tui_optim.spec.calculator.calculation import Calculation
    from tui_optim.spec.hyperparameters import Value

EXAMPLE = """Calculate one step of an optimizer for one weight, with every line of its formula.

Example: tui-optim step adam --state m=0.5 --state v=0.2 --grad 2 --set lr=0.01 --set beta1=0.9 --set beta2=0.99

--against v=20 puts a second calculation beside it that starts from another value: a state, a hyper-parameter, grad, parameter,
step or bias_correction.
"""


def step(
    optimizer: Annotated[str, typer.Argument(help="Optimizer id: tui-optim list optimizers; or a preset's id.")],
    gradient: Annotated[float, typer.Option("--grad", help="Gradient g.")] = 1.0,
    state: Annotated[
        list[str] | None, typer.Option(help="name=value of a state before the step; 0 unless given; repeatable.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="key=value of a hyper-parameter: lr, beta1, …; repeatable.")
    ] = None,
    parameter: Annotated[float, typer.Option(help="Weight w before the step.")] = 0.0,
    number: Annotated[int, typer.Option("--step", help="Number t of the step, from 1.")] = 1,
    num_steps: Annotated[int, typer.Option("--steps", help="Take so many steps with the same gradient.")] = 1,
    corrects_bias: Annotated[
        bool | None,
        typer.Option(
            "--bias-correction/--no-bias-correction",
            help="As the method has it by default, or not.",
        ),
    ] = None,
    against: Annotated[
        list[str] | None, typer.Option(help="name=value that a second calculation beside it starts from; repeatable.")
    ] = None,
    is_json: Json = False,
) -> None:
    from tui_optim.report.calculation import calculation_object
    from tui_optim.spec.calculator.calculation import Question, calculate

    optimizer_id, preset_values = _find(optimizer)
    question = Question(
        optimizer=optimizer_id,
        gradient=gradient,
        parameter=parameter,
        step=number,
        state=parse_settings(state or [], option="--state", example="v=0.2"),
        hyperparameters=preset_values | parse_settings(settings or []),
        corrects_bias=corrects_bias,
    )
    calculations = [calculate(question, num_steps=num_steps)]
    if against:
        other: Question = question
        for name, value in parse_settings(against, option="--against", example="v=20").items():
            other = other.with_value(name, value)
        calculations.append(calculate(other, num_steps=num_steps))
    if is_json:
        print(json_answer(calculation_object(calculations)))
        return
    _print(calculations)


step.__doc__ = EXAMPLE


def _find(name: str) -> "tuple[str, dict[str, Value]]":
    """The optimizer of this name, or that of a preset with the preset's values. Raises UsageError with the nearest name."""
    from tui_optim.spec.errors import nearest
    from tui_optim.spec.optimizers import all_optimizers
    from tui_optim.store.library import load_library

    optimizers = all_optimizers()
    if name in optimizers:
        return name, {}
    presets = load_library().presets
    if name not in presets:
        raise UsageError(f"unknown optimizer {name!r}: {nearest(name, {*optimizers, *presets})}")
    return presets[name].optimizer, dict(presets[name].hyperparameters)


def _print(calculations: "list[Calculation]") -> None:
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.calculation import differences, given_texts, outcome, steps_table
    from tui_optim.spec.optimizers import find_optimizer

    first = calculations[0]
    titles = differences(calculations)
    print(f"{find_optimizer(first.question.optimizer).name}, step {first.question.step} of one weight w")
    print("   ".join(f"{name} = {text}" for name, text in given_texts(first).items()))
    equations = [[line.equation for line in one.steps[0].lines] for one in calculations]
    if all(lines == equations[0] for lines in equations):
        _print_lines(calculations, titles)
    else:
        for one, title in zip(calculations, titles, strict=True):
            _print_lines([one], [title])
    print()
    for one, title in zip(calculations, titles, strict=True):
        if len(one.steps) > 1:
            print(f"with {title}" if title else "", end="\n" if title else "")
            table = steps_table(one)
            print(table.title)  # rich would fold it to the width of the table
            print_table(replace(table, title=""))
        else:
            print("   ".join(part for part in (f"with {title}:" if title else "then:", outcome(one.steps[0])) if part))
        for remark in dict.fromkeys(remark for taken in one.steps for remark in taken.remarks):
            print(remark)


def _print_lines(calculations: "list[Calculation]", titles: list[str]) -> None:
    """The lines of the first step: the equation, then for each calculation its numbers and their value."""
    from rich.table import Table
    from rich.text import Text

    from tui_optim.cli.rich_table import out_console
    from tui_optim.spec.calculator.numbers import format_number

    table = Table(box=None, pad_edge=False, show_header=any(titles), header_style="bold", padding=(0, 3, 0, 0))
    table.add_column("")
    for title in titles:
        table.add_column(Text(title), overflow="fold")
        table.add_column("")
    for lines in zip(*(one.steps[0].lines for one in calculations), strict=True):
        cells = [text for line in lines for text in (f"= {line.numbers}", f"= {format_number(line.value)}")]
        table.add_row(Text(lines[0].equation), *map(Text, cells))
    print()
    out_console().print(table)
