"""Exports, parsed back by other readers."""

import csv
import io
import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.factories import make_result, make_run, make_spec
from tui_optim.report.cells import Cell, Column, Table
from tui_optim.report.formats import EXPORT_FORMATS, FORMATS, export_text
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import open_home

HOSTILE = "=1+1|<script>&\\_50%$#{x}~^\x1b[2J\u202eend\r\n`*[y](z)'\""
TEXT = Column(key="name", title="name")
NUMBER = Column(key="value", title="value %", kind="percent", decimals=2)


@pytest.fixture
def runs(tmp_path: Path) -> list[StoredRun]:
    """A finished run, a better one, a diverged one on the sample, a running one."""
    home = open_home(tmp_path)
    spec, sample, going = make_spec(), make_spec(kind="sample", overrides={"lr": 5.0}), make_spec(epochs=5)
    nan = math.nan
    failed = replace(make_result(sample, 1, test_loss=nan, test_accuracy=0.1), train_loss=nan)
    better = make_result(spec, 2, test_accuracy=0.9034, test_loss=0.27)
    return [
        make_run(home, spec),
        make_run(home, make_spec(overrides={"lr": 0.02}), final=better),
        make_run(home, sample, state="diverged", results=[make_result(sample, 0)], final=failed, reason=HOSTILE),
        make_run(home, going, state="running", results=[make_result(going, 1, test_accuracy=0.99)]),
    ]


def one_cell(value: Cell) -> Table:
    """A table of a text and a number."""
    return Table(title="t", columns=(TEXT, NUMBER), rows=((value, 0.5),), notes=("a note",))


def test_csv_keeps_full_precision_and_provenance(runs: list[StoredRun]) -> None:
    """Every line has the header's cells; numbers parse to the same bits; the command repeats the row."""
    lines = list(csv.reader(io.StringIO(export_text(runs, format="csv"))))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert len(set(lines[0])) == len(lines[0])
    first, second, diverged, running = (dict(zip(lines[0], line, strict=True)) for line in lines[1:])
    assert float(second["test_accuracy"]) == 0.9034
    assert float(first["handout_loss"]) == 0.5 / 64
    assert (diverged["test_loss"], diverged["data"], diverged["state"]) == ("NaN", "sample", "diverged")
    assert (running["epoch"], running["planned_epochs"], running["state"]) == ("1", "5", "running")
    assert first["command"] == runs[0].info.spec.command
    assert (first["device"], first["threads"]) == ("cpu (Test CPU)", "2")
    assert first["versions"] == "python 3.11.7, torch 2.14.1, tui-optim 0.1.0"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_csv_disarms_text_that_a_spreadsheet_would_compute(text: str) -> None:
    """A text cell that begins like a formula gets an apostrophe."""
    cell = list(csv.reader(io.StringIO(FORMATS["csv"](one_cell(text)))))[1][0]
    assert cell.startswith("'")


def test_csv_leaves_negative_numbers_alone() -> None:
    """A number is no formula."""
    table = Table(title="t", columns=(NUMBER,), rows=((-0.25,), (-math.inf,), (None,), (3,)))
    assert FORMATS["csv"](table) == 'value\n-0.25\n-Infinity\n""\n3\n'


def test_markdown_is_a_rectangle(runs: list[StoredRun]) -> None:
    """Every line of the table has the same number of unescaped pipes, and the notes follow as a list."""
    text = export_text(runs, format="markdown")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(runs)
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1
    assert f"- row 1: {runs[0].info.spec.command}" in text


def test_markdown_escapes_text() -> None:
    """Pipes, tags and emphasis in a name stay text; underscores inside words are left to be copied."""
    line = FORMATS["markdown"](one_cell("a|b <b> *x* _y_ weight_decay \\")).splitlines()[4]
    assert line == r"| a\|b &lt;b&gt; \*x\* \_y\_ weight_decay \\ | 50.00 |"


def test_markdown_leaves_no_formula() -> None:
    """GitHub and pandoc set what stands between dollars."""
    line = FORMATS["markdown"](one_cell("$x^2$ for 5 $")).splitlines()[4]
    assert line == r"| \$x^2\$ for 5 \$ | 50.00 |"


def test_latex_is_balanced(runs: list[StoredRun]) -> None:
    """Each row ends in two backslashes and has as many columns as the tabular; braces and environments close."""
    text = export_text(runs, format="latex")
    body = text.split(r"\toprule")[1].split(r"\bottomrule")[0]
    lines = [line for line in body.splitlines() if line and line != r"\midrule"]
    specification = re.search(r"\\begin\{tabular\}\{([lr]+)\}", text)
    assert specification is not None
    assert len(lines) == 1 + len(runs)
    assert all(line.endswith(r" \\") for line in lines)
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {len(specification[1]) - 1}
    assert_balanced(text)
    assert re.findall(r"\\begin\{(\w+)\}", text) == ["table", "tabular", "minipage"]
    assert sorted(re.findall(r"\\end\{(\w+)\}", text)) == ["minipage", "table", "tabular"]


def test_latex_escapes_every_special() -> None:
    """A hostile name neither ends a row nor starts a command; two hyphens of an option stay two."""
    line = FORMATS["latex"](one_cell(HOSTILE + " --set")).splitlines()[9]
    assert_balanced(line)
    assert len(re.findall(r"(?<!\\)&", line)) == 1
    assert not re.search(r"(?<!\\)[%$#_~^](?!\\)", line.replace(r"\_", "").replace(r"\%", ""))
    assert "-{}-set" in line
    assert r"\textbackslash{}" in line


def assert_balanced(text: str) -> None:
    """Count the braces that are not escaped."""
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0


def test_the_best_finished_row_is_bold(runs: list[StoredRun]) -> None:
    """A running run with a higher accuracy is not the best, and neither is a row on the sample."""
    text = export_text(runs, format="latex")
    assert re.findall(r"\\textbf\{([^}]*)\}", text) == ["0.2700", "90.34"]
    assert re.findall(r"<b>([^<]*)</b>", export_text(runs, format="html")) == ["0.2700", "90.34"]


class Reader(HTMLParser):
    """Collects tags and the texts of cells."""

    def __init__(self) -> None:
        """Nothing read yet."""
        super().__init__()
        self.opened: list[str] = []
        self.stack: list[str] = []
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the tag."""
        self.opened.append(tag)
        if tag != "meta":
            self.stack.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        """Tags close in order."""
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        """Texts of cells."""
        if {"td", "th"} & set(self.stack):
            self.rows[-1][-1] += data


def test_html_is_a_page_of_its_own(runs: list[StoredRun]) -> None:
    """All tags close, nothing is loaded, and every row has the header's cells."""
    reader = Reader()
    reader.feed(export_text(runs, format="html"))
    assert reader.stack == []
    assert not {"script", "link", "img"} & set(reader.opened)
    assert len(reader.rows) == 1 + len(runs)
    assert {len(cells) for cells in reader.rows} == {len(reader.rows[0])}


def test_html_escapes_text() -> None:
    """A script in a name is shown, not run."""
    reader = Reader()
    reader.feed(FORMATS["html"](one_cell("<script>alert(1)</script>")))
    assert "script" not in reader.opened
    assert reader.rows[1][0] == "<script>alert(1)</script>"


def test_json_is_the_runs_object(runs: list[StoredRun]) -> None:
    """The same objects as `run --json`, valid for a strict parser."""

    def refuse(name: str) -> float:
        raise AssertionError(name)

    body = json.loads(export_text(runs, format="json"), parse_constant=refuse)
    assert [run["run_id"] for run in body["runs"]] == [run.run_id for run in runs]
    assert body["runs"][2]["final"]["test_loss"] == "NaN"
    assert body["runs"][2]["data"] == "sample"


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_no_format_lets_control_characters_through(runs: list[StoredRun], name: str) -> None:
    """Showing an export in a terminal moves no cursor and turns no text around; the sample is marked in all of them."""
    text = export_text(runs, format=name)
    assert all(character == "\n" or character.isprintable() for character in text)
    assert "sample" in text
    assert text.endswith("\n")


def test_an_unknown_format_is_refused_with_the_nearest(runs: list[StoredRun]) -> None:
    """One line with a hint."""
    with pytest.raises(UsageError, match="unknown format 'latx': did you mean 'latex'"):
        export_text(runs, format="latx")
