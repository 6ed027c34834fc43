"""`tui-optim report`, and the export for TensorBoard: what is written where."""

from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_run, make_spec
from tests.report.document.pages import Page
from tests.report.figures.drawing import write_runs
from tui_optim.spec import extras
from tui_optim.spec.events import RunState
from tui_optim.spec.sweeps.pruning import pruned_reason
from tui_optim.store.home import open_home


@pytest.fixture
def two_presets(home: Path) -> None:
    """Two seeds of each of two presets."""
    write_runs(home, "sgd", [[0.1, 0.7, 0.8], [0.1, 0.6, 0.82]])
    write_runs(home, "adam", [[0.1, 0.8, 0.8], [0.1, 0.8, 0.81]])


@pytest.mark.usefixtures("two_presets")
def test_a_page_is_written_unless_markdown_is_wanted(call: Caller) -> None:
    """By --format or by the name; Markdown has its figures beside it; the targets and the reference are those given."""
    answer = call("report", "lenet5-fashion", "--reference", "adam", "--target", "test_accuracy>=0.815")
    assert (answer.code, answer.out, answer.err) == (0, "", "wrote a report of 4 run(s) to report.html\n")
    page = Page(Path("report.html").read_text(encoding="utf-8"))
    rows = page.table("Results", "Losses and accuracies").records()
    assert [row["Δ acc. points"] for row in rows] == ["0.50", "reference"]
    assert "to 81.5 % test" in page.table("Results", "Cost").rows[0]
    assert page.tags.count("svg") == 2

    assert call("report", "--format", "markdown").err.endswith("to report.md with 2 figure(s) beside it\n")
    assert call("report", "-o", "mine.md").code == 0
    assert sorted(path.name for path in Path().glob("mine*")) == [
        "mine-lenet5-fashion-curves.png",
        "mine-lenet5-fashion-race.png",
        "mine.md",
    ]


@pytest.mark.usefixtures("two_presets")
def test_the_figure_told_is_that_of_the_page(call: Caller, home: Path) -> None:
    """Runs that are not in the page are told by what they are, and so is a scenario that has no other."""
    opened, pruned = open_home(home), pruned_reason(1)
    make_run(opened, make_spec(seed=11), state="stopped", reason=pruned)
    make_run(opened, make_spec(seed=12), state="stopped", reason=pruned)
    make_run(opened, make_spec("mlp-fashion", seed=13), state="stopped")
    told = "wrote a report of 4 run(s) to a.html; left out: 2 pruned, 1 stopped\n"
    assert call("report", "-o", "a.html").err == told
    page = Page(Path("a.html").read_text(encoding="utf-8"))
    assert any(text.startswith("None of the runs on mlp-fashion is at its end") for text in page.paragraphs)


@pytest.mark.parametrize(("state", "advice"), [("stopped", "tui-optim resume "), ("running", "wait for them")])
def test_what_can_be_done_where_nothing_is_at_its_end(call: Caller, home: Path, state: RunState, advice: str) -> None:
    """A stopped run does not go on by waiting."""
    make_run(open_home(home), make_spec(), state=state)
    for command in ("report", "compare"):
        answer = call(command, "lenet5-fashion")
        assert answer.code == 2
        assert "none of these runs is at its end" in answer.err
        assert advice in answer.err


@pytest.mark.usefixtures("two_presets")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--format", "pdf"), "unknown format 'pdf': valid: html, markdown"),
        (("--format", "markdown", "-o", "a.html"), "--format markdown does not go with the name a.html"),
        (("--reference", "adan"), "reference 'adan' is not among the compared presets: did you mean 'adam'?"),
        (("--target", "accuracy>0.9"), "expected a measure"),
        (("-o", "a.pdf"), "a.pdf: a report is a page or Markdown"),
        (("-o", "a.pdf", "--format", "html"), "a.pdf: a report is a page or Markdown"),
        (("",), "an empty name means no run"),
        (("nosuchrun",), "unknown run 'nosuchrun'"),
        (("-o", "absent/a.html"), "cannot write"),
    ],
)
def test_wrong_use_is_one_line(call: Caller, words: tuple[str, ...], expected: str) -> None:
    """Exit code 2, and no file."""
    answer = call("report", *words)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert expected in answer.err
    assert not [*Path().glob("*.html"), *Path().glob("*.md")]


@pytest.mark.usefixtures("two_presets")
def test_without_matplotlib_the_report_is_written_and_says_so(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the page and on standard error, with what to install; the tables are all there."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    answer = call("report", "-o", "a.html")
    assert answer.code == 0
    assert 'Figures are left out: a report with figures needs the extra "plot"' in answer.err
    page = Page(Path("a.html").read_text(encoding="utf-8"))
    assert any(text.startswith("Figures are left out") for text in page.paragraphs)
    assert len(page.table("Every run").records()) == 4


@pytest.mark.usefixtures("two_presets")
def test_tensorboard_gets_a_folder(call: Caller) -> None:
    """One folder per run inside; without -o a sentence."""
    assert "name the folder" in call("export", "--format", "tensorboard").err
    answer = call("export", "--format", "tensorboard", "-o", "board")
    assert (answer.code, answer.err) == (0, "wrote 4 run(s) to board\n")
    files = sorted(Path("board").glob("*/events.out.tfevents.*"))
    assert len(files) == 4
    assert all(path.stat().st_size > 1000 for path in files)


@pytest.mark.usefixtures("two_presets")
def test_the_long_shape_is_a_format_like_the_others(call: Caller) -> None:
    """From export and from compare."""
    for command in ("export", "compare"):
        lines = call(command, "--format", "csv-long").out.splitlines()
        assert {"run_id", "stage", "split", "measure", "value"} <= set(lines[0].split(","))
        assert len(lines) > 50
