"""Forking a run from the app: the dialog, the queued fork, and the family on table and charts."""

from pathlib import Path

import pytest

from tests.factories import keep_checkpoint
from tests.ui.stage import (
    FakeClient,
    board_of,
    main_screen,
    make_app,
    small_library,
    until,
    until_drawn,
    write_fork,
    write_run,
)
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home
from tui_optim.store.kept import kept_checkpoints
from tui_optim.ui.app import LabApp
from tui_optim.ui.charting.commands import command_pointers, command_remark
from tui_optim.ui.charting.curves import entries_of
from tui_optim.ui.laboratory.fork_draft import ForkDraft
from tui_optim.ui.run_table.listed_row import ListedRow, with_families
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.fork import ForkScreen, ForkValues
from tui_optim.ui.widgets.runs import RunTable


def write_parent(home: Home, *, epochs: int = 6, kept: tuple[int, ...] = (2, 4)) -> StoredRun:
    """A run with checkpoints after these epochs; the first stays, the last one is its newest."""
    run = write_run(home, "sgd", epochs=epochs)
    for epoch in kept:
        keep_checkpoint(run, epoch, stays=epoch == kept[0])
    return run


def preset_cells(app: LabApp) -> list[str]:
    table = main_screen(app).query_one(RunTable)
    return [table.cell_text(row.key, "preset").rstrip() for row in table.rows]


async def test_f_asks_and_queues_a_fork_that_stands_below_its_parent(home: Home, client: FakeClient) -> None:
    """From the checkpoint and with the preset and rate that were chosen; bad values are refused; the branch is marked."""
    parent = write_parent(home)
    write_run(home, "adam", epochs=2)
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("6", "F")
        await pilot.pause()
        assert not isinstance(app.screen, ForkScreen)  # the newest run has kept nothing
        await pilot.press("j", "F")
        await until(pilot, lambda: isinstance(app.screen, ForkScreen), what="F asks")
        values = app.screen.query_one(ForkValues)
        assert [(one.key, one.text) for one in values.settings][:3] == [
            ("from", "last: epoch 4, step 40"),
            ("preset", "as it is"),
            ("epochs", "6"),
        ]
        for keys in (("e", "down", "enter"), ("j", "e", "end", "up", "enter"), ("j", "e", "backspace", "2", "enter")):
            await pilot.press(*keys)
            await pilot.pause()
        assert isinstance(app.screen, EditScreen)  # two epochs are over at the branch
        await pilot.press("backspace", "8", "enter")
        await until(pilot, lambda: isinstance(app.screen, ForkScreen), what="eight is taken")
        told = app.export_screenshot()
        assert "begins" in told
        assert "anew" in told
        await pilot.press("enter")
        await until_drawn(pilot, app, num_runs=3)
        (spec,) = client.submitted
        assert spec.parent is not None
        assert (spec.preset, spec.epochs) == ("adamw", 8)
        assert (spec.parent.run_id, spec.parent.step) == (parent.run_id, 20)
        assert any("Queued a fork of sgd·s42 from epoch 2 on: adamw" in line.text for line in board_of(app).log)
        assert preset_cells(app) == ["sgd", "└ adamw @2", "adam"]
        await pilot.press("s")
        await pilot.pause()
        assert preset_cells(app) == ["adam", "adamw ← sgd@2", "sgd"]
        board = board_of(app)
        fork = next(run for run in board.runs if run.info.spec.parent)
        board.overlay.marked = {fork.run_id}
        board.choose()
        main_screen(app).feed.wake()
        await until(
            pilot, lambda: board.series(fork.run_id) is not None and not board.has_backlog, what="its log is read"
        )
        entries = entries_of(board, board.overlay)
        assert [(one.x, one.marker) for one in command_pointers(entries, "epoch")] == [(2.0, "b")]
        assert command_remark(entries) == "b branched off"


def test_families_stand_where_their_newest_member_stood(tmp_path: Path) -> None:
    """Grandchildren below their parents; a fork whose parent is not listed stands by itself."""
    home = open_home(tmp_path)
    old = write_parent(home)
    child = write_fork(home, old, "adam", epochs=5, rate=0.9, at="2")
    keep_checkpoint(child, 4)
    alone = write_run(home, "nesterov", epochs=2)
    grandchild = write_fork(home, child, "sgd", epochs=6, rate=0.9, at="4")
    rows = [ListedRow(run=run, number=number) for number, run in enumerate((old, child, alone, grandchild))][::-1]

    assert [(row.run, row.depth) for row in with_families(rows)] == [
        (old, 0),
        (child, 1),
        (grandchild, 2),
        (alone, 0),
    ]
    assert [(row.run, row.depth) for row in with_families(rows[:2])] == [(grandchild, 0), (alone, 0)]
    assert with_families(rows[1:2]) == rows[1:2]


def test_a_draft_says_what_goes_on_and_what_begins_anew(tmp_path: Path) -> None:
    """By optimizer, schedule and length; what is not valid changes nothing, and a row can be taken back."""
    run = write_parent(open_home(tmp_path), kept=(6,))
    draft = ForkDraft(run, kept_checkpoints(run.folder), list(small_library().presets.values()))
    assert draft.sentences() == [
        "6 epochs more, 12 in all; the costs before are its parent's.",
        "SGD goes on with its state.",
        "Schedule Constant goes on.",
    ]
    draft.change("schedule.kind", "cosine")
    assert draft.sentences()[2] == "Schedule Cosine counts from there on."
    draft.change("preset", "adam")
    draft.change("lr", "0.01")
    assert draft.spec().hyperparameters["lr"] == 0.01
    for key, text in (("epochs", "6"), ("epochs", "x"), ("lr", "-1"), ("preset", "nonsense")):
        with pytest.raises(UsageError):
            draft.change(key, text)
    draft.reset("preset")
    assert draft.spec().schedule == "cosine"
    draft.reset("schedule.kind")
    assert draft.spec().model_copy(update={"parent": None, "epochs": 6}) == run.info.spec
