"""The table type that screen, command line and exports share, and the one place that formats a cell."""

import math
from dataclasses import dataclass
from typing import Literal, TypeGuard

from tui_optim.spec.hyperparameters import Value

Cell = str | int | float | None
ColumnKind = Literal["text", "number", "percent", "seconds"]

MISSING = "–"
LARGE = 1e6
"""Numbers with decimals from here on are shown in scientific notation."""
SMALL = 1e-4
"""Parts of a second from here on are written out, with two digits or more, so that a column of times reads alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table."""

    key: str
    """Name in files; the same as in a run's JSON object where both have it."""
    title: str
    kind: ColumnKind = "text"
    """'percent' cells hold fractions and are shown multiplied by 100."""
    decimals: int | None = None
    """Digits after the point; None shows up to six significant digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Values with their columns, and the sentences that belong below them."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    file_columns: tuple[Column, ...] = ()
    """Columns for files that carry no notes; one with the key of a shown column takes its place there."""
    file_rows: tuple[tuple[Cell, ...], ...] = ()
    best: frozenset[tuple[int, int]] = frozenset()
    """(row, column) of the best figures, which formats make bold."""

    def __post_init__(self) -> None:
        """Every row has a cell for each column."""
        assert all(len(row) == len(self.columns) for row in self.rows)
        assert not self.file_columns or len(self.file_rows) == len(self.rows)
        assert all(len(row) == len(self.file_columns) for row in self.file_rows)


def text_grid(table: Table) -> list[list[str]]:
    """The titles and then the formatted rows."""
    rows = ([format_cell(c, value) for c, value in zip(table.columns, row, strict=True)] for row in table.rows)
    return [[plain_text(column.title) for column in table.columns], *rows]


def format_cell(column: Column, value: Cell) -> str:
    """A value as people read it; text is made safe to print."""
    if value is None:
        return MISSING
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and column.kind != "percent" and not column.decimals:
        return str(value)
    number = float(value) * 100 if column.kind == "percent" else float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    if column.decimals is None:
        return f"{number:.6g}"
    if abs(number) >= LARGE:
        return f"{number:.3e}"
    decimals = column.decimals
    if column.kind == "seconds" and SMALL <= abs(number) < 1:
        decimals = max(2, math.ceil(-math.log10(abs(number))))
    if number != 0 and abs(number) < 0.5 * 10**-decimals:
        return f"{number:.1e}"
    return f"{number:.{decimals}f}"


def loss_text(value: float) -> str:
    """A loss within a sentence: four decimals, or two digits where these would all be 0, or stand behind six others."""
    return f"{value:.1e}" if 0 < abs(value) < 5e-5 or LARGE <= abs(value) < math.inf else f"{value:.4f}"


def short_value(value: Value) -> str:
    """A hyper-parameter with six digits at most: for names and sentences."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def typed_number(text: str) -> float:
    """A number as users type it, of which `81.5%` is 0.815. Raises ValueError."""
    if not text.endswith("%"):
        return float(text)
    return float(f"{float(text[:-1]) / 100:.15g}")  # of 15 digits: the float that 0.815 is too, so that ≥ holds for it


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether this is a number, which yes and no are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def plain_text(text: str) -> str:
    """Text without line ends, control characters, marks that turn the reading direction, or broken surrogates.

    White space becomes a blank, everything else '?'.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)
