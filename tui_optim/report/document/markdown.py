"""A report as Markdown, with its figures as files beside it."""

from pathlib import PurePath

from tui_optim.report.cells import Table, plain_text
from tui_optim.report.document.blocks import Block, Commands, Document, Facts, Illustration, Notes, Paragraph
from tui_optim.report.figures.canvas import render
from tui_optim.report.formats import markdown_escaped, markdown_text


def markdown_files(document: Document, *, name: str) -> dict[str, bytes]:
    """The files by their names: `name` first, then its figures as PNG, whose names begin as it does.

    Raises:
        UsageError: it has figures and Matplotlib is not installed.
    """
    stem = PurePath(name).stem
    lines = [f"# {_line(document.title)}", *(_block(block, stem) for block in document.blocks)]
    for section in document.sections:
        lines.append(f"{'#' * section.level} {_line(section.title)}")
        lines += [_block(block, stem) for block in section.blocks]
    figures = {_figure_name(one, stem): render(one.picture, "png") for one in document.illustrations}
    return {name: ("\n\n".join(lines) + "\n").encode(), **figures}


def _block(block: Block, stem: str) -> str:
    match block:
        case Paragraph(text):
            return _line(text)
        case Notes(lines):
            return "\n".join(f"- {_line(line)}" for line in lines)
        case Commands(lines):
            fence = "`" * max(3, 1 + max((_longest_run(line) for line in lines), default=0))
            return "\n".join([f"{fence}bash", *map(plain_text, lines), fence])
        case Facts(items):
            return "\n".join(f"- {_line(name)}: {_line(text)}" for name, text in items)
        case Illustration():
            about = markdown_escaped(block.picture.about)
            return f"![{about}]({_figure_name(block, stem)})\n\n*{_line(block.caption)}*"
        case Table():
            return markdown_text(block).strip()


def _figure_name(one: Illustration, stem: str) -> str:
    return f"{stem}-{one.name}.png"


def _line(text: str) -> str:
    return markdown_escaped(text).strip()


def _longest_run(line: str) -> int:
    """Of backticks: a fence has to be longer."""
    longest = current = 0
    for character in line:
        current = current + 1 if character == "`" else 0
        longest = max(longest, current)
    return longest
