"""Hostile names come through every format escaped: a parser of the format reads back what a reader should see."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from tests.factories import make_preset, make_run, make_spec, write_log
from tests.report.hostile import EVERYTHING, FILE_NAME, names
from tui_optim.cli.rich_table import print_table
from tui_optim.report.cells import Column, Table, plain_text
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.formats import EXPORT_FORMATS, FORMATS, comparison_text, export_text, row_objects
from tui_optim.report.series import load_series
from tui_optim.spec.events import Notice
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import open_home

patient = settings(deadline=None)
hostile = example(EVERYTHING)


def table_of(text: str) -> Table:
    """The text as title, as head of a column, in two rows and as a note."""
    columns = (Column(key="name", title=text), Column(key="value", title="value", kind="number", decimals=1))
    return Table(title=text, columns=columns, rows=((text, 1.0), (f"{text}2", 2.0)), notes=(text,))


class Page(HTMLParser):
    """The tags of a page, and the texts of its table."""

    def __init__(self, page: str) -> None:
        """Read it."""
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.cells: list[str] = []
        self.notes: list[str] = []
        self._into: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note tags and attributes; a cell or a list item begins."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in ("td", "th", "li"):
            self._into = self.notes if tag == "li" else self.cells
            self._into.append("")

    def handle_endtag(self, tag: str) -> None:
        """Cells and items end."""
        if tag in ("td", "th", "li"):
            self._into = None

    def handle_data(self, data: str) -> None:
        """The text inside."""
        if self._into is not None:
            self._into[-1] += data


def blanks_joined(text: str) -> str:
    """Markdown and HTML show runs of blanks as one, and none at an edge."""
    return re.sub(r"\s+", " ", text).strip()


@patient
@given(names)
@hostile
def test_csv_gives_the_text_back(text: str) -> None:
    """As one cell, without control characters, behind an apostrophe where a spreadsheet would compute it."""
    rows = list(csv.reader(io.StringIO(FORMATS["csv"](table_of(text)))))
    assert [len(row) for row in rows] == [2, 2, 2]
    cell = rows[1][0]
    assert cell.removeprefix("'") == plain_text(text).removeprefix("'")
    assert not re.match(r"\s*[=+\-@\t\r]", cell)


@patient
@given(names)
@hostile
def test_json_gives_the_text_back(text: str) -> None:
    """Unchanged: JSON has escapes of its own."""
    written = json.dumps(row_objects(table_of(text)), allow_nan=False)
    assert [row["name"] for row in json.loads(written)] == [text, f"{text}2"]
    assert written.isprintable()


@patient
@given(names)
@hostile
def test_html_gives_the_text_back(text: str) -> None:
    """A reader sees the text; no tag or attribute comes from it."""
    page = Page(FORMATS["html"](table_of(text)))
    assert page.cells == [plain_text(text), "value", plain_text(text), "1.0", plain_text(f"{text}2"), "2.0"]
    assert page.notes == [plain_text(text)]
    assert not {"script", "img", "a", "link"} & page.tags
    assert page.attributes <= {"lang", "charset", "class", "name", "content"}


@patient
@given(names)
@hostile
def test_markdown_gives_the_text_back(text: str) -> None:
    """CommonMark's own parser sees one table of two columns and three rows, with the texts in its cells."""
    written = FORMATS["markdown"](table_of(text))
    page = Page(MarkdownIt("commonmark").enable("table").render(written))
    shown = [blanks_joined(cell) for cell in page.cells]
    names = [blanks_joined(plain_text(one)) for one in (text, text, f"{text}2")]
    assert shown == [names[0], "value", names[1], "1.0", names[2], "2.0"]
    assert not {"script", "img", "a", "em", "code", "h1"} & page.tags


@patient
@given(names)
@hostile
def test_latex_cells_stay_cells(text: str) -> None:
    """Printable, with as many separators as columns, balanced braces, and no command that is not ours."""
    written = FORMATS["latex"](table_of(text))
    assert all(character == "\n" or character.isprintable() for character in written)
    body = written.split(r"\toprule")[1].split(r"\bottomrule")[0]
    rows = [line for line in body.splitlines() if line and line != r"\midrule"]
    assert len(rows) == 3
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {1}
    assert all(re.search(r"(?<!\\)\\\\$", row) and row.count(r"\\") == 1 for row in rows)
    without_commands = re.sub(r"\\([A-Za-z]+|.)", "", body)
    assert not re.search(r"[%#_~^]", re.sub(r"\$[^$]*\$", "", without_commands))
    assert without_commands.count("{") == without_commands.count("}")
    assert r"\input" not in written


@pytest.fixture
def hostile_runs(tmp_path: Path) -> list[StoredRun]:
    """Runs of a preset with a hostile id; one diverged for a hostile reason, and a hostile sentence is in its log."""
    home = open_home(tmp_path)
    preset = make_preset().model_copy(update={"id": FILE_NAME})
    runs = [make_run(home, make_spec(preset=preset, seed=seed)) for seed in (1, 2)]
    failed = make_run(home, make_spec(preset=preset, seed=3), state="diverged", reason=EVERYTHING)
    write_log(failed.folder, [Notice(text=EVERYTHING)])
    return [*runs, failed]


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_exports_of_hostile_runs_are_printable(hostile_runs: list[StoredRun], name: str) -> None:
    """Neither the results nor the comparison of such runs moves a cursor or turns text around, in any format."""
    series = {run.run_id: load_series(run.folder) for run in hostile_runs}
    table = comparison_table(hostile_runs, series)
    for text in (export_text(hostile_runs, format=name), comparison_text(table, hostile_runs, format=name)):
        assert all(character == "\n" or character.isprintable() for character in text)
        assert "alert" in text


def test_the_command_line_prints_hostile_names(
    hostile_runs: list[StoredRun], capsys: pytest.CaptureFixture[str]
) -> None:
    """Brackets are no markup, and no escape sequence reaches the terminal."""
    series = {run.run_id: load_series(run.folder) for run in hostile_runs}
    print_table(comparison_table(hostile_runs, series))
    printed = capsys.readouterr().out
    assert "[red]x[bold]" in printed
    assert all(character == "\n" or character.isprintable() for character in printed)
