"""The lines of calculated steps as text of a given width: one calculation, or two side by side."""

import textwrap
from collections.abc import Callable, Sequence
from itertools import zip_longest

from textual.content import Content

from tui_optim.report.calculation import differences
from tui_optim.spec.calculator.calculation import Calculation
from tui_optim.spec.calculator.numbers import format_number
from tui_optim.spec.calculator.worksheet import CHANGE, Line
from tui_optim.ui.look.spelling import spelled_text

STYLES = ("$primary", "$accent")
"""Of the first and the second calculation."""
GAP = 2
MIN_COLUMN = 28
"""In narrower columns two calculations stand one below the other under each equation."""
Part = tuple[str, str]
Spell = Callable[[str], str]


def step_text(calculations: Sequence[Calculation], width: int, *, is_ascii: bool = False) -> Content:
    """Every line of the (first) step: the equation, and below it the numbers and their value for each calculation.

    In ASCII letters and signs stand there by their names.
    """
    spell: Spell = spelled_text if is_ascii else str
    equations = [[line.equation for line in one.steps[0].lines] for one in calculations]
    titles = [spell(title) for title in differences(calculations)]
    if all(one == equations[0] for one in equations):
        parts = _block(calculations, titles, width, first=0, spell=spell)
    else:
        numbered = enumerate(zip(calculations, titles, strict=True))
        parts = [part for i, (one, title) in numbered for part in _block([one], [title], width, first=i, spell=spell)]
    return Content.assemble(*parts)


def _block(
    calculations: Sequence[Calculation], titles: Sequence[str], width: int, *, first: int, spell: Spell
) -> list[Part]:
    """Calculations with the same equations; `first` is the place of the first among all."""
    column = (width - GAP * (len(calculations) - 1)) // len(calculations)
    if column < MIN_COLUMN:
        column = width
    parts: list[Part] = []
    if any(titles):
        parts += _cells([_wrapped(title, column) for title in titles], column, width, first=first, style="bold ")
        parts.append(("\n", ""))
    for lines in zip(*(one.steps[0].lines for one in calculations), strict=True):
        style = "bold " if lines[0].name == CHANGE.name else ""
        parts.append((f"{spell(lines[0].equation)}\n", style.strip()))
        parts += _cells([_numbers(line, column, spell) for line in lines], column, width, first=first, style=style)
    remarks = dict.fromkeys(remark for one in calculations for remark in one.steps[0].remarks)
    parts += [(f"\n{spell(remark)}\n", "$quiet") for remark in remarks]
    return [*parts, ("\n", "")]


def _cells(cells: Sequence[Sequence[str]], column: int, width: int, *, first: int, style: str) -> list[Part]:
    """Wrapped texts side by side, or one below the other where a column is as wide as all."""
    if column == width:
        return [(f"{line}\n", f"{style}{STYLES[first + i]}") for i, lines in enumerate(cells) for line in lines]
    parts: list[Part] = []
    for texts in zip_longest(*cells, fillvalue=""):
        *left, last = texts
        parts += [(f"{text:<{column + GAP}}", f"{style}{STYLES[first + i]}") for i, text in enumerate(left)]
        parts.append((f"{last}\n", f"{style}{STYLES[first + len(left)]}"))
    return parts


def _numbers(line: Line, width: int, spell: Spell) -> list[str]:
    """`= 0.9 · 0.5 + (1 − 0.9) · 2 = 0.65`, in as many lines as it needs; the value stands alone where it would be parted."""
    value = f"= {format_number(line.value)}"
    if line.numbers == format_number(line.value):
        return [f"  {value}"]
    numbers = spell(line.numbers)
    whole = f"  = {numbers} {value}"
    return [whole] if len(whole) <= width else [*_wrapped(f"= {numbers}", width - 2, indent="  "), f"  {value}"]


def _wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    lines = textwrap.wrap(text, max(4, width), subsequent_indent="  " if indent else "", break_long_words=True)
    return [f"{indent}{line}" for line in lines]
