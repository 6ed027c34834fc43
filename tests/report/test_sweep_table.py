"""The table of a sweep's points, and why one was chosen."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.factories import VERSIONS, make_result
from tests.spec.sweeps.plans import make_sweep
from tests.sweep_factories import Outcome, make_plan, write_sweep
from tui_optim.report.cells import text_grid
from tui_optim.report.formats import row_objects
from tui_optim.report.heatmap import heat_map
from tui_optim.report.sweep_choice import choice_sentences
from tui_optim.report.sweep_table import SweepView, sweep_table
from tui_optim.spec.sweeps.plan import grid
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Trial, TrialState
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home
from tui_optim.store.runfolder import RunFolder, RunInfo
from tui_optim.store.status import Status
from tui_optim.store.sweepfolder import StoredSweep, SweepFolder, SweepStatus

HOME = Home(Path("/nowhere"))


def view(sweep: SweepSpec, outcomes: list[tuple[TrialState, float | None]]) -> SweepView:
    """A sweep whose trials, in the grid's order and with all tuning seeds, came to these outcomes."""
    places = [(point, seed) for point in grid(sweep.plan) for seed in sweep.plan.seeds]
    trials, runs = [], {}
    for number, ((point, seed), (state, value)) in enumerate(zip(places, outcomes, strict=False)):
        curve = (0.9, value) if value is not None else ()
        trials.append(
            Trial(number=number, point=point, seed=seed, run_id=f"r{number}", state=state, value=value, curve=curve)
        )
        spec = sweep.trial_run(point, seed)
        status = Status(state="finished", final=make_result(spec, 3) if state == "finished" else None)
        info = RunInfo(run_id=f"r{number}", created=0.0, spec=spec, versions=VERSIONS)
        runs[f"r{number}"] = StoredRun(info=info, status=status, folder=RunFolder(HOME.runs / f"r{number}"))
    stored = StoredSweep(
        sweep_id="s",
        created=0.0,
        spec=sweep,
        versions=VERSIONS,
        status=SweepStatus(state="running"),
        folder=SweepFolder(HOME.sweeps / "s"),
    )
    return SweepView(sweep=stored, trials=trials, runs=runs)


def test_points_are_ranked_and_the_winner_is_marked() -> None:
    """The best first; pruned and diverged ones lose to all that finished; what failed or runs comes last."""
    sweep = make_sweep(space={"lr": (0.001, 0.01, 0.1, 1.0, 10.0)})
    outcomes: list[tuple[TrialState, float | None]] = [
        ("finished", 0.5), ("finished", 0.4), ("pruned", 0.3), ("diverged", math.inf), ("running", None),
    ]  # fmt: skip
    table = sweep_table(view(sweep, outcomes))
    header, *rows = text_grid(table)
    shown = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["lr"], row["val loss"], row["state"]) for row in shown] == [
        ("0.01", "0.4000", "finished"),
        ("0.001", "0.5000", "finished"),
        ("0.1", "0.3000", "pruned after 2"),
        ("1", "∞", "diverged"),
        ("10", "–", "running"),
    ]
    assert table.best == {(0, header.index("val loss"))}


def test_the_choice_says_its_rule() -> None:
    """Metric, epoch, seed, and among how many."""
    sentences = choice_sentences(view(make_sweep(), [("finished", 0.5), ("finished", 0.4)]))
    assert sentences == ["chosen: sgd lr=0.1, lowest val_loss (0.4000, last epoch, seed 7) of 2 points"]


def test_several_tuning_seeds_are_judged_by_their_mean() -> None:
    """A point wins only where all its seeds finished."""
    sweep = make_sweep(seeds=(7, 8))
    mixed = view(sweep, [("finished", 0.5), ("finished", 0.6), ("finished", 0.2), ("diverged", None)])
    header, first, second = text_grid(sweep_table(mixed))
    assert dict(zip(header, first, strict=True))["val loss"] == "0.5500"
    assert dict(zip(header, first, strict=True))["± sd"] == "0.0707"
    assert dict(zip(header, second, strict=True))["state"] == "1 finished, 1 diverged"
    assert choice_sentences(mixed)[0].startswith(
        "chosen: sgd lr=0.01, lowest val_loss (0.5500, last epoch, mean over 2"
    )


def test_each_preset_has_its_own_winner() -> None:
    """Equal budgets, then each preset's best against the others'."""
    sweep = make_sweep(presets=("sgd", "adam"))
    found = view(sweep, [("finished", 0.5), ("finished", 0.4), ("finished", 0.7), ("finished", 0.8)])
    assert [verdict.point.text for verdict in found.winners] == ["sgd lr=0.1", "adam lr=0.01"]


def test_one_winner_of_all_presets_is_told_with_its_runner_up() -> None:
    """By which metric, of how many points, what the next one had, and what comes then; one cell has the star."""
    final = {"seeds": (101,), "epochs": 30, "winner": "overall", "test_once": True}
    sweep = make_sweep(presets=("sgd", "adam"), final=final)
    found = view(sweep, [("finished", 0.5), ("finished", 0.4), ("finished", 0.45), ("diverged", math.inf)])
    assert [verdict.point.text for verdict in found.winners] == ["sgd lr=0.1"]
    chosen, then = choice_sentences(found)
    assert chosen.startswith(
        "chosen over all presets: sgd lr=0.1, by the lowest val_loss at the last epoch (seed 7): val loss"
    )
    assert "val loss 0.4000 (val acc. " in chosen
    assert ", of 4 points; the runner-up adam lr=0.01 had val loss 0.4500 (" in chosen
    assert then == (
        "then sgd and adam train with these values, 30 epochs, seed 101; the test set is evaluated once, at their ends"
    )
    stars = [cell.point.text for line in heat_map(found).cells for cell in line if cell.is_winner and cell.point]
    assert stars == ["sgd lr=0.1"]
    assert "--final-seeds 101 --final-epochs 30 --final-winner overall --final-test-once" in sweep.command


def test_what_is_only_shown_has_test_figures_and_no_choice() -> None:
    """Nothing is held out: train and test figures stand side by side, and no point is called the best."""
    table = sweep_table(found := view(make_sweep(holdout=False, metric="train_loss"), [("finished", 0.5)]))
    assert [column.key for column in table.columns if column.key.partition("_")[0] in ("train", "test")][:4] == [
        "train_loss", "train_accuracy", "test_loss", "test_accuracy",
    ]  # fmt: skip
    assert not choice_sentences(found)
    assert not table.best
    assert table.notes[0].startswith("nothing is chosen")


def test_a_higher_accuracy_wins() -> None:
    """The direction follows the metric."""
    sweep = make_sweep(metric="val_accuracy")
    assert view(sweep, [("finished", 0.9), ("finished", 0.8)]).winners[0].point.text == "sgd lr=0.01"


def test_trials_never_show_test() -> None:
    """No column of the table is of the test set."""
    table = sweep_table(view(make_sweep(), [("finished", 0.5)]))
    assert not [column.key for column in table.columns if column.key.startswith("test")]


def write(home: Home, outcomes: list[Outcome], **fields: Any) -> list[dict[str, str]]:
    """The rows of a written sweep of SGD, as they are shown."""
    state = fields.pop("state", "running")
    header, *rows = text_grid(
        sweep_table(write_sweep(home, outcomes, plan=make_plan(presets=("sgd",), **fields), state=state))
    )
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_a_trial_without_an_outcome_stands_as_its_run(tmp_path: Path) -> None:
    """Paused, stopped or waiting is not running; the heat map of the sweep says the same."""
    home = open_home(tmp_path)
    rows = write(home, ["paused", "running", "queued"], state="paused")
    assert [row["state"] for row in rows] == ["paused", "running", "queued"]
    stopped = write_sweep(home, ["paused", "stopped", "untold"], plan=make_plan(presets=("sgd",)), state="stopped")
    states = dict(zip(("0.01", "0.1", "1"), ("paused", "stopped", "finished"), strict=True))
    header, *shown = text_grid(sweep_table(stopped))
    assert {row[header.index("lr")]: row[header.index("state")] for row in shown} == states
    assert [cell.state for cell in heat_map(stopped).cells[0]] == list(states.values())
    deleted = replace(stopped, runs={})  # none of them waits for anything
    assert [cell.state for cell in heat_map(deleted).cells[0]] == ["stopped", "stopped", "stopped"]


def test_figures_of_unequal_epochs_are_not_averaged(tmp_path: Path) -> None:
    """A seed that was pruned does not count beside one that finished; loss, accuracy and spread are over the same trials."""
    home = open_home(tmp_path)
    plan = make_plan(presets=("sgd",), space={"lr": (0.1, 1.0)}, seeds=(7, 8), prune="median")
    view = write_sweep(home, ["pruned", 0.3, "pruned", "pruned"], plan=plan)
    table = sweep_table(view)
    header, first, second = text_grid(table)
    row = dict(zip(header, first, strict=True))
    assert (row["val loss"], row["± sd"], row["val acc. %"], row["seeds"]) == ("0.3000", "–", "86.00", "1/2")
    assert row["state"] == "1 pruned after 3, 1 finished"
    assert dict(zip(header, second, strict=True))["seeds"] == "2"
    assert [(one["n"], one["num_trials"]) for one in row_objects(table)] == [(1, 2), (2, 2)]
    assert any(note.startswith("seeds 1/2: ") for note in table.notes)
    assert heat_map(view).cells[0][0].value == 0.3
