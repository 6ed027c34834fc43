"""The keys that command a run, and its commands as marks on the charts."""

from tests.factories import make_events, make_result
from tests.ui.stage import NOON, FakeClient, board_of, main_screen, make_app, rewrite_log, until, until_drawn, write_run
from tui_optim.spec.events import CommandSeen, Evaluated, Event
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.ui.charting.axis import Limits
from tui_optim.ui.charting.commands import command_pointers, command_remark
from tui_optim.ui.charting.curves import entries_of
from tui_optim.ui.charting.marks import pointer_cells
from tui_optim.ui.screens.confirm import ConfirmScreen
from tui_optim.ui.screens.edit import EditScreen

SIZE = (120, 36)


async def test_each_key_tells_the_run_under_the_cursor(home: Home, client: FakeClient) -> None:
    """E, K, the brackets, X with a number; kill from the palette's action, once it has been confirmed."""
    run = write_run(home, "sgd", state="running", done=3)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6", "E", "K", "left_parenthesis", "right_parenthesis", "X")
        await until(pilot, lambda: isinstance(app.screen, EditScreen), what="X asks for a number")
        await pilot.press("backspace", "x", "enter")
        assert isinstance(app.screen, EditScreen)  # x is no number of epochs
        await pilot.press("backspace", "7", "enter")
        main_screen(app).action_kill()
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen), what="kill asks")
        await pilot.press("enter")
        told = ["evaluate", "checkpoint", "rate 0.5", "rate 2", "extend 7", "kill"]
        expected = [(command, run.run_id) for command in told]
        await until(pilot, lambda: len([one for one in client.told if one in expected]) == 6, what="all are told")
        assert [one for one in client.told if one in expected] == expected, client.told


async def test_a_refusal_names_the_run_as_people_do(home: Home, client: FakeClient) -> None:
    """The client's sentence stands in the log, with the run's name in place of its id."""
    run = write_run(home, "sgd")
    client.refusal = f"{run.run_id} is finished: it trains no more, so there is no rate to change"
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6", "left_parenthesis")
        sentence = "sgd·s42 is finished: it trains no more"
        await until(pilot, lambda: any(sentence in line.text for line in board_of(app).log), what="it is told")
        assert not any(run.run_id in line.text for line in board_of(app).log)


def told_run(home: Home) -> StoredRun:
    """A run that was evaluated and whose rate was halved after its first epoch."""
    run = write_run(home, "sgd", epochs=3)
    spec = run.info.spec
    first, *rest = make_events(spec, results=[make_result(spec, epoch) for epoch in range(4)])
    step = make_result(spec, 1).step
    told: list[Event] = [
        CommandSeen(command="rate", step=step, value=0.5),
        CommandSeen(command="evaluate", step=step),
        Evaluated(result=make_result(spec, 1)),
    ]
    rewrite_log(run.folder, [first, *rest[:4], *told, *rest[4:]], started_at=NOON)
    return run


async def test_commands_are_marks_on_the_axis_with_a_legend(home: Home, client: FakeClient) -> None:
    """A pointer where each was carried out, on whatever axis; the log pane says it in words."""
    told_run(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        board = board_of(app)
        entries = entries_of(board, board.overlay)
        assert {(one.x, one.marker) for one in command_pointers(entries, "epoch")} == {(1.0, "½"), (1.0, "e")}
        behind, _ = pointer_cells(
            command_pointers(entries, "epoch"), Limits(low=0.0, high=5.0), Limits(low=0.0, high=1.0), columns=40, rows=9
        )
        assert {marker for marker, _ in behind.values()} == {"*"}
        assert command_remark(entries) == "½ rate ×½, e evaluated, * several"
        assert any("rate ×0.5 on your command" in line.text for line in board.log)
        assert any("after 1.00 epochs: " in line.text for line in board.log)
        await pilot.press("4", "x")
        await until_drawn(pilot, app, num_runs=1)
        svg = app.export_screenshot()
        assert "evaluated" in svg
