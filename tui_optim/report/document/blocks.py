"""What a report is made of: sections with sentences, tables, figures and commands."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui_optim.report.cells import Table
from tui_optim.report.figures.canvas import Picture


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or more."""

    text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """Sentences in small print."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """Command lines, to be copied."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what they are: device, versions, seeds."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustration:
    """A figure, with a name for its file and its ids, and its caption."""

    name: str
    picture: Picture
    caption: str


Block = Paragraph | Notes | Commands | Facts | Illustration | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with what stands below it."""

    title: str
    level: int = 2
    """2 for a chapter, 3 for a part of one."""
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report."""

    title: str
    blocks: tuple[Block, ...]
    """Before the first section."""
    sections: tuple[Section, ...]

    @property
    def illustrations(self) -> list[Illustration]:
        """All figures, in order."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Illustration)]


def columns_of(table: Table, keys: Sequence[str]) -> Table:
    """The table with these columns only, in this order; notes and files are left behind."""
    index = {column.key: position for position, column in enumerate(table.columns)}
    chosen = [index[key] for key in keys if key in index]
    return Table(
        title=table.title,
        columns=tuple(table.columns[position] for position in chosen),
        rows=tuple(tuple(row[position] for position in chosen) for row in table.rows),
        best=frozenset((row, chosen.index(column)) for row, column in table.best if column in chosen),
    )
