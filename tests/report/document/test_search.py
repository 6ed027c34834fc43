"""A sweep in a report: what it searched, what it chose and why, what it gave up; nothing of it is lost or guessed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_result
from tests.report.document.pages import Page
from tests.report.figures.drawing import logs
from tests.sweep_factories import Outcome, make_plan, write_sweep
from tui_optim.report.exports import report_files
from tui_optim.report.figures.kinds import FigureRequest, make_picture
from tui_optim.report.sweep_table import SweepView
from tui_optim.spec import extras
from tui_optim.spec.sweeps.plan import FinalSpec, Point
from tui_optim.spec.sweeps.space import Range
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.home import Home, open_home

POINTS = [
    Point(scenario="mlp-fashion", preset=preset, values=(("lr", lr), ("batch_size", size)))
    for preset in ("sgd", "adam")
    for lr, size in ((0.01, 32), (0.05, 50), (0.1, 64), (0.5, 90))
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def page_of(home: Home, *, has_figures: bool = False, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The report of all runs of a home."""
    if not has_figures:
        monkeypatch.setattr(extras, "find_spec", lambda _: None)
    runs = Catalogue(home).runs()
    return Page(report_files(runs, logs(runs), form="html", name="r.html")["r.html"].decode())


def write_search(home: Home, *, finals: Sequence[float] = ()) -> SweepView:
    """A TPE search over rate and batch size with two seeds: SGD chooses its second point, Adam its third."""
    plan = make_plan(
        space={"lr": Range(low=1e-3, high=1.0), "batch_size": Range(low=20.0, high=100.0)},
        search="tpe",
        trials=4,
        seeds=(7, 8),
        prune="median",
        final=FinalSpec(seeds=(101, 102)),
    )
    outcomes: list[Outcome] = [
        0.7, 0.6, 0.4, 0.5, "pruned", 0.3, "pruned", "pruned",
        "failed", 0.9, "diverged", 0.9, 0.2, 0.4, "stopped", "stopped",
    ]  # fmt: skip
    return write_sweep(home, outcomes, plan=plan, points=POINTS, finals=finals, state="finished")


def test_a_sweep_says_what_it_searched_and_chose(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Space, rule, counts by outcome, and the chosen point of each preset; in short and in its chapter."""
    view = write_search(home)
    page = page_of(home, monkeypatch=monkeypatch)
    assert f"Chosen on held-out data: sweep {view.sweep.sweep_id}" in page.headings
    assert page.facts["Space"] == "lr=0.001..1, batch_size=20..100"
    assert page.facts["Search"].startswith("16 runs (2 arms × 4 tpe points")
    assert page.facts["Judged by"] == "the lowest val_loss at the last epoch, the mean over the tuning seeds 7,8"
    assert page.facts["Trials"] == "8 points, 16 runs: 9 finished, 3 pruned, 1 failed, 1 diverged, 2 stopped"
    assert page.facts["Chosen of sgd"] == "sgd lr=0.05 batch_size=50 (val_loss 0.4500)"
    assert page.facts["Chosen of adam"] == "adam lr=0.1 batch_size=64 (val_loss 0.3000)"
    assert any("chosen: sgd lr=0.05 batch_size=50" in text for text in page.paragraphs)
    assert view.sweep.spec.command in page.codes


def test_pruned_points_are_rows_like_any_other(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every point with its state; a seed that came through where the other was pruned makes no setting of its own."""
    view = write_search(home)
    page = page_of(home, monkeypatch=monkeypatch)
    rows = page.table(f"Chosen on held-out data: sweep {view.sweep.sweep_id}", "Points tried").records()
    states = {f"{row['preset']} {row['lr']}": row["state"] for row in rows}
    assert len(states) == len(rows) == 8
    assert states["sgd 0.1"] == "1 pruned after 3, 1 finished"
    assert states["sgd 0.5"] == "pruned after 3"
    assert states["adam 0.5"] == "stopped"
    assert not any(table.caption == "Losses and accuracies" for table in page.tables)


def test_the_winners_runs_are_compared_and_nothing_else(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The final runs on the full training set stand among the results, with what was chosen for them."""
    write_search(home, finals=[0.3, 0.4])
    page = page_of(home, monkeypatch=monkeypatch)
    (row,) = page.table("Results", "Losses and accuracies").records()
    assert (row["preset"], row["seeds"]) == ("sgd", "2")
    assert page.facts["Winners"] == "then trained on the full training set with seeds 101,102, and tested"


def test_winners_that_were_not_trained_are_not_said_to_be(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many of the final runs are at their end, and that the sweep was stopped; pruned runs are counted as such."""
    plan = make_plan(presets=("sgd",), final=FinalSpec(seeds=(101, 102, 103)), prune="median")
    write_sweep(home, [0.6, 0.5, "pruned"], plan=plan, finals=[0.3], state="stopped")
    page = page_of(home, monkeypatch=monkeypatch)
    assert page.facts["Winners"] == (
        "to be trained on the full training set with seeds 101..103, and tested; 1 of 3 runs are at their end: 1 finished"
    )
    assert page.facts["Sweep"].startswith("stopped")
    assert "1 run(s) left out: pruned by their sweep." in page.paragraphs
    assert not any("not at their end, or run again" in text for text in page.paragraphs)


def test_its_figures_show_the_search(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Best so far, curves, and what became of each rate: all points, the chosen ones ringed, the pruned hollow."""
    write_search(home)
    page = page_of(home, has_figures=True, monkeypatch=monkeypatch)
    assert page.tags.count("figure") == 3
    assert any(text.startswith("Best so far in the search") for text in page.svg_texts)
    note = " ".join(page.svg_texts)
    assert "final validation loss" in note
    assert "batch_size moved too" in note
    assert "the sweep's best" in note


def test_a_grid_of_many_lines_is_drawn_as_points(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirteen batch sizes at three rates are more lines than can be told apart; the report comes through."""
    sizes = tuple(range(4, 17))
    plan = make_plan(presets=("sgd",), space={"lr": (0.1, 0.2, 0.3), "batch_size": sizes})
    write_sweep(home, [0.5 + 0.001 * number for number in range(39)], plan=plan, state="finished")
    page = page_of(home, has_figures=True, monkeypatch=monkeypatch)
    assert page.tags.count("figure") == 4
    assert any("sgd: points, as batch_size moved too" in text for text in page.svg_texts)


def test_of_many_curves_the_best_are_those_of_the_sweeps_metric(home: Home) -> None:
    """The lowest losses, though the accuracies of others are higher."""
    rates = tuple(0.01 * number for number in range(1, 15))
    plan = make_plan(presets=("sgd",), space={"lr": rates}, metric="train_loss")
    view = write_sweep(home, [0.5] * 14, plan=plan, state="finished")
    runs = list(view.runs.values())
    best = replace(runs[-1].status.final or make_result(runs[-1].info.spec, 5), train_loss=0.001, val_accuracy=0.1)
    runs[-1] = replace(runs[-1], status=replace(runs[-1].status, final=best))
    drawn_labels = make_picture(runs, logs(runs), FigureRequest()).about
    assert "lr=0.14" in drawn_labels
    assert drawn_labels.count("lr=") == 12
