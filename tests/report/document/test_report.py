"""The report: its numbers are the runs', its commands repeat them, and it needs nothing from elsewhere."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.factories import make_preset, make_result, make_run, make_spec
from tests.report.document.pages import Page
from tests.report.figures.drawing import logs, write_diverged, write_runs
from tests.report.hostile import EVERYTHING, FILE_NAME
from tui_optim.report.cells import Column, format_cell
from tui_optim.report.exports import export_files, report_files
from tui_optim.report.targets import Target
from tui_optim.spec import extras
from tui_optim.spec.errors import UsageError
from tui_optim.spec.scenarios import find_scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home

SGD = [[0.1, 0.6, 0.8], [0.1, 0.7, 0.84], [0.1, 0.65, 0.85]]
ADAM = [[0.1, 0.8, 0.82], [0.1, 0.82, 0.86], [0.1, 0.81, 0.81]]
PERCENT = Column(key="", title="", kind="percent", decimals=2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


@pytest.fixture
def without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is not installed; what does not look at figures is faster for it."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)


def write_baseline(home: Home) -> StoredRun:
    """The assignment's own run: seed 42, ten epochs, 5,953 of 10,000."""
    spec = make_spec(preset=make_preset("sgd-baseline"), seed=42, epochs=10)
    results = [make_result(spec, epoch, test_accuracy=0.1 + 0.04953 * epoch, test_loss=1.0981) for epoch in range(11)]
    return make_run(
        home, spec, results=results, final=replace(results[-1], train_loss=1.2, handout_loss=0.017226064628362656)
    )


def page_of(runs: Sequence[StoredRun], *, reference: str | None = None, targets: Sequence[Target] = ()) -> Page:
    """The report as a page, read again."""
    files = report_files(runs, logs(runs), form="html", name="r.html", reference=reference, targets=targets)
    return Page(files["r.html"].decode())


@pytest.mark.usefixtures("without_matplotlib")
def test_every_figure_of_a_table_is_that_of_the_runs(home: Home) -> None:
    """Means, deviations, costs and single results, recomputed here from the stored runs."""
    values = {"sgd": SGD, "adam": ADAM}
    runs = [run for name, accuracies in values.items() for run in write_runs(home, name, accuracies)]
    page = page_of(runs, targets=[Target("test_accuracy", 0.83)])
    quality = page.table("Results", "Losses and accuracies").records()
    cost = page.table("Results", "Cost").records()
    assert [row["preset"] for row in quality] == [row["preset"] for row in cost] == ["sgd", "adam"]
    for row, spent, name in zip(quality, cost, values, strict=True):
        finals = [run.status.final for run in runs if run.info.spec.preset == name]
        accuracies = [final.test_accuracy for final in finals if final is not None and final.test_accuracy is not None]
        shown = [format_cell(PERCENT, one) for one in (statistics.fmean(accuracies), statistics.stdev(accuracies))]
        assert row["test acc. %"] == " ± ".join(shown)
        hits = sum(accuracy >= 0.83 for accuracy in accuracies)
        assert spent["to 83 % test"] == ("2.0 (2/3)" if name == "sgd" else "∞ (1/3)")
        assert f"({hits}/3)" in spent["to 83 % test"]
        assert spent["grad. evals ÷ n"] == "2.00 ± 0.00"
    differences = [b[-1] - a[-1] for a, b in zip(SGD, ADAM, strict=True)]
    assert [row["Δ acc. points"] for row in quality] == [
        "reference",
        format_cell(PERCENT, statistics.fmean(differences)),
    ]
    singles = page.table("Every run").records()
    for row, run in zip(singles, runs, strict=True):
        final = run.status.final
        assert final is not None
        assert (row["preset"], row["seed"]) == (run.info.spec.preset, str(run.info.spec.seed))
        assert row["test acc. %"] == format_cell(PERCENT, final.test_accuracy)
        assert row["test loss"] == f"{final.test_loss:.4f}"
        assert row["handout loss"] == f"{final.handout_loss:.6f}"


@pytest.mark.usefixtures("without_matplotlib")
def test_every_row_has_the_command_that_repeats_it(home: Home) -> None:
    """In the order of the rows, with all seeds; they are not told again among the notes."""
    runs = write_runs(home, "sgd", SGD) + write_runs(home, "adam", ADAM)
    page = page_of(runs)
    (commands,) = (code for code in page.codes if "--seeds" in code)
    assert commands.splitlines() == [runs[0].info.spec.command_for([1, 2, 3]), runs[3].info.spec.command_for([1, 2, 3])]
    assert not any(note.startswith("row 1") for note in page.notes)


@pytest.mark.usefixtures("without_matplotlib")
def test_the_baseline_is_reported_as_the_assignment_asks(home: Home) -> None:
    """Accuracy with the count, the true loss beside the handout loss, the device line; and who is better."""
    runs = [write_baseline(home), *write_runs(home, "adam", ADAM)]
    runs += write_runs(home, "sgd", [[0.1, 0.2, 0.3]])
    page = page_of(runs)
    (row,) = page.table("The assignment's baseline").records()
    assert (row["test acc. %"], row["correct"], row["test loss"]) == ("59.53", "5,953 of 10,000", "1.0981")
    assert (row["handout loss"], row["epoch"], row["seed"]) == ("0.017226", "10/10", "42")
    assert row["device"] == page.facts["Device"] == "cpu (Test CPU)"
    assert any("Of the 2 other settings on this scenario, 1 have" in text for text in page.paragraphs)


@pytest.mark.usefixtures("without_matplotlib")
def test_without_the_assignments_run_the_report_says_how_to_get_it(home: Home) -> None:
    """No run of it, or one with other numbers: both are told, and neither passes for the baseline."""
    page = page_of(write_runs(home, "sgd", SGD))
    assert "The assignment's baseline is not among these runs." in page.paragraphs
    assert page.codes[0] == "tui-optim run lenet5-fashion sgd-baseline"
    page = page_of([make_run(home, make_spec(seed=7))])
    assert any("it is not among these" in text for text in page.paragraphs)
    assert page.table("The assignment's baseline").records()[0]["seed"] == "7"
    page = page_of(write_runs(home, "sgd", SGD, scenario="mlp-fashion"))
    assert "The assignment's baseline" not in page.headings


@pytest.mark.usefixtures("without_matplotlib")
def test_the_parameters_of_each_model_are_listed(home: Home) -> None:
    """Layer by layer, with the sum."""
    page = page_of(write_runs(home, "sgd", SGD))
    rows = page.table("LeNet-5 on Fashion-MNIST").records()
    scenario = find_scenario("lenet5-fashion")
    assert [(row["layer"], row["parameters"]) for row in rows[:-1]] == [
        (layer.name, str(layer.parameters)) for layer in scenario.layers
    ]
    assert rows[-1]["parameters"] == "44426"


@pytest.mark.usefixtures("without_matplotlib")
def test_scenarios_splits_and_kinds_of_data_have_tables_of_their_own(home: Home) -> None:
    """A sweep on held-out data stands apart from what was tested; the sample says so in title, heading and notes."""
    runs = write_runs(home, "sgd", SGD) + write_runs(home, "adam", ADAM)
    runs += [
        run
        for rate in (0.1, 0.2)
        for run in write_runs(home, "sgd", [[0.1, 0.5]], holdout=True, overrides={"lr": rate})
    ]
    runs += write_runs(home, "sgd", SGD, scenario="mlp-fashion", kind="sample")
    page = page_of(runs)
    assert page.headings[0] == "Optimizers on 2 scenarios (sample)"
    held_out = page.table("Chosen on held-out data", "Losses and accuracies").records()
    assert [(row["lr"], row["val acc. %"]) for row in held_out] == [("0.1", "82.00"), ("0.2", "82.00")]
    assert [row["preset"] for row in page.table("Results (sample)", "Losses and accuracies").records()] == ["sgd"]
    assert any(note.startswith("sample: rows marked") for note in page.notes)


@pytest.mark.usefixtures("without_matplotlib")
def test_several_scenarios_have_a_profile_or_a_reason(home: Home) -> None:
    """Presets that ran on both are compared; without two of them a sentence says what is missing."""
    runs = write_runs(home, "sgd", SGD) + write_runs(home, "adam", ADAM)
    runs += write_runs(home, "sgd", SGD, scenario="mlp-fashion")
    assert any(text.startswith("There is none: a performance profile compares") for text in page_of(runs).paragraphs)
    runs += write_runs(home, "adam", ADAM, scenario="mlp-fashion")
    page = page_of(runs, targets=[Target("test_accuracy", 0.8)])
    rows = page.table("Over several scenarios", "Performance profile over 2 scenarios").records()
    assert [(row["preset"], row["cheapest %"], row["solved %"]) for row in rows] == [
        ("adam", "100", "100"),
        ("sgd", "0", "100"),
    ]
    assert any("takes 4 or more" in note for note in page.notes)


@pytest.mark.usefixtures("without_matplotlib")
def test_the_reference_holds_wherever_it_is(home: Home) -> None:
    """A wrong name gets the nearest; a scenario without it goes without."""
    runs = (
        write_runs(home, "sgd", SGD)
        + write_runs(home, "adam", ADAM)
        + write_runs(home, "sgd", SGD, scenario="mlp-fashion")
    )
    page = page_of(runs, reference="adam")
    tables = [one for one in page.tables if one.caption == "Losses and accuracies"]
    assert [row.get("Δ acc. points") for row in tables[0].records()] == ["0.00", "reference"]
    assert "Δ acc. points" not in tables[1].rows[0]
    with pytest.raises(UsageError, match="did you mean 'adam'"):
        page_of(runs, reference="adan")


@pytest.mark.usefixtures("without_matplotlib")
def test_runs_without_an_end_are_told(home: Home) -> None:
    """They are counted out; with nothing at its end there is no report."""
    going = make_run(home, make_spec(seed=3), state="stopped")
    page = page_of([*write_runs(home, "sgd", SGD), going])
    assert any(text.startswith("1 run(s) left out") for text in page.paragraphs)
    with pytest.raises(UsageError, match="none of these runs is at its end"):
        page_of([going])


@pytest.mark.usefixtures("without_matplotlib")
def test_without_matplotlib_the_report_is_whole_but_for_its_figures(home: Home) -> None:
    """The page says why and what to install, and so does Markdown."""
    runs = write_runs(home, "sgd", SGD)
    page = page_of(runs)
    assert "svg" not in page.tags
    assert any('figures needs the extra "plot"' in text and "[plot]" in text for text in page.paragraphs)
    files = report_files(runs, logs(runs), form="markdown", name="r.md")
    assert list(files) == ["r.md"]


def test_the_page_needs_nothing_from_elsewhere(home: Home) -> None:
    """Figures are inside; links lead to places on the page; no script, no address, a policy that forbids loading."""
    runs = [*write_runs(home, "sgd", SGD), *write_runs(home, "adam", ADAM), write_diverged(home, "adam")]
    text = report_files(runs, logs(runs), form="html", name="r.html")["r.html"].decode()
    page = Page(text)
    assert page.tags.count("svg") == page.tags.count("figure") == 2
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    assert all(one == "data:," or one.removeprefix("#") in ids for one in page.references)
    assert not {"script", "img", "iframe", "object"} & set(page.tags)
    assert "http" not in text.replace("http-equiv", "")
    assert "default-src &#x27;none&#x27;" in text
    assert any("adam (1 of 4 diverged)" in one for one in page.svg_texts)
    assert text == report_files(runs, logs(runs), form="html", name="other.html")["other.html"].decode()


def test_a_sweep_brings_its_sensitivity_and_its_plane(home: Home) -> None:
    """Three rates and two batch sizes on held-out data: both figures are drawn of the validation accuracy."""
    runs = [
        run
        for rate in (0.01, 0.1, 1.0)
        for size in (32, 64)
        for run in write_runs(home, "sgd", [[0.1, 0.5]], holdout=True, overrides={"lr": rate, "batch_size": size})
    ]
    page = page_of(runs)
    assert page.tags.count("figure") == 3
    assert any(one.startswith("final validation accuracy %") for one in page.svg_texts)
    assert any("framed: best" in one for one in page.svg_texts)


def test_hostile_names_come_through_both_forms(home: Home) -> None:
    """As text, in tables, figures, commands and attributes; Markdown has as many tables as the page."""
    runs = write_runs(home, FILE_NAME, SGD)
    spec = make_spec(preset=make_preset().model_copy(update={"id": FILE_NAME}), seed=9)
    runs.append(make_run(home, spec, state="diverged", results=[make_result(spec, 0)], reason=EVERYTHING))
    text = report_files(runs, logs(runs), form="html", name="r.html")["r.html"].decode()
    page = Page(text)
    shown = page.table("Results", "Losses and accuracies").records()[0]["preset"]
    assert shown == FILE_NAME.replace("\x1b", "?").replace("\u202e", "?")
    assert not {"script", "img"} & set(page.tags)
    assert all(reference.startswith(("#", "data:,")) for reference in page.references)
    assert all(character == "\n" or character.isprintable() for character in text)
    files = report_files(runs, logs(runs), form="markdown", name="r.md")
    written = files["r.md"].decode()
    assert all(character == "\n" or character.isprintable() for character in written)
    rendered = Page(
        "<h1>top</h1>"
        + MarkdownIt("commonmark").enable("table").render(written).replace(" />", ">").replace("<img", "<meta")
    )
    assert len(rendered.tables) == len(page.tables)
    assert [one.rows[1:] and len(one.rows) for one in rendered.tables] == [
        one.rows[1:] and len(one.rows) for one in page.tables
    ]
    assert "script" not in rendered.tags


def test_markdown_has_its_figures_beside_it(home: Home) -> None:
    """Each is named by the text, and the names begin as the file's does."""
    runs = write_runs(home, "sgd", SGD)
    files = export_files(runs, logs(runs), format="report", name="mine.md")
    names = re.findall(r"!\[[^\n]*\]\(([^)]+)\)", files["mine.md"].decode())
    assert names == [name for name in files if name.endswith(".png")]
    assert names == ["mine-lenet5-fashion-curves.png", "mine-lenet5-fashion-race.png"]
    assert all(content.startswith(b"\x89PNG") for name, content in files.items() if name in names)


@pytest.mark.usefixtures("without_matplotlib")
def test_a_loss_that_no_setting_has_has_no_winner(home: Home) -> None:
    """Both rates diverged: nobody has the lowest loss, and none is named by it."""
    runs = [write_diverged(home, "sgd", seed=seed, overrides={"lr": lr}) for lr in (5, 8) for seed in (1, 2)]
    (short,) = (text for text in page_of(runs).paragraphs if text.startswith("LeNet-5 on Fashion-MNIST:"))
    assert "no setting has a mean test loss, as each has a run that diverged" in short
    assert "NaN" not in short


@pytest.mark.usefixtures("without_matplotlib")
def test_figures_of_a_single_setting_have_their_names(home: Home) -> None:
    """It is neither best nor lowest, and still a number says what it is."""
    page = page_of(write_runs(home, "sgd", SGD))
    (short,) = (text for text in page.paragraphs if text.startswith("LeNet-5 on Fashion-MNIST:"))
    assert short.startswith("LeNet-5 on Fashion-MNIST: sgd, test accuracy 83.00 ± 2.65 %, test loss ")


@pytest.mark.usefixtures("without_matplotlib")
def test_packages_are_named_once_with_all_their_versions(home: Home) -> None:
    """Some runs use packages that others do not, and some are older."""
    first, second = write_runs(home, "sgd", SGD)[:2]
    older = replace(
        second, info=replace(second.info, versions={**second.info.versions, "python": "3.12.1", "tune": "4.1"})
    )

    page = report_files([first, older], logs([first, older]), form="markdown", name="r.md")["r.md"].decode()

    assert "- Versions: python 3.11.7 or 3.12.1, torch 2.14.1, tui-optim 0.1.0, tune 4.1\n" in page
