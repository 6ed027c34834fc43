"""Attaching: what an app says that joins what goes on, and that a read-only one changes nothing."""

import inspect
from pathlib import Path

import pytest

from tests.factories import make_source
from tests.sweep_factories import write_sweep
from tests.ui.stage import (
    NOON,
    FakeClient,
    board_of,
    main_screen,
    small_library,
    until,
    until_drawn,
    write_run,
)
from tui_optim.spec.errors import StoreError
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.goings_on import farewell, greeting
from tui_optim.ui.laboratory.laboratory import ClientLike
from tui_optim.ui.laboratory.read_only import REFUSAL, ReadOnlyClient
from tui_optim.ui.messages import QueueRuns
from tui_optim.ui.screens.export import ExportScreen
from tui_optim.ui.widgets.status_line import StatusLine
from tui_optim.ui.widgets.title_line import TitleLine

QUESTIONS = {"is_sweeping", "lack_of_space", "slots"}
UNASKED = {"ensure_supervisor", "hold_open", "prepare"}
"""What the app does by itself: a read-only one leaves it without a word."""
COMMANDS = [name for name, _ in inspect.getmembers(ClientLike, inspect.isfunction) if not name.startswith("_")]


def attached(home: Home, client: FakeClient, *, is_read_only: bool) -> LabApp:
    """An app that was attached to a home."""
    app = LabApp(
        home=home,
        client=client,
        library=small_library(),
        clock=lambda: NOON,
        is_attached=True,
        is_read_only=is_read_only,
    )
    app.launcher.sources["fashion-mnist"] = make_source()
    return app


def contents(home: Home) -> dict[str, bytes]:
    """Every file below a home."""
    return {str(path): path.read_bytes() for path in sorted(home.root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", sorted({*COMMANDS} - QUESTIONS - UNASKED))
def test_a_read_only_client_refuses_every_command(client: FakeClient, name: str) -> None:
    """All that the client of the laboratory can be told, whatever is added to it, except what it is asked."""
    method = getattr(ReadOnlyClient(client), name)
    with pytest.raises(StoreError, match="read-only"):
        method("last")
    assert client.told == []


async def test_a_read_only_app_changes_nothing_and_says_so(
    home: Home, client: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is pressed is refused in one sentence, before a dialog asks for more; it shows all, exports, says what it is."""
    monkeypatch.chdir(tmp_path)
    write_run(home, "adam", state="running", done=3)
    write_run(home, "sgd", state="queued", done=0)
    write_sweep(home, [0.5], state="running")
    before = contents(home)
    app = attached(home, client, is_read_only=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: len(board_of(app).runs) > 1, what="the runs are read")
        assert "read-only" in str(main_screen(app).query_one(StatusLine).render())

        def refusals() -> int:
            return sum(line.text == REFUSAL for line in board_of(app).log)

        await pilot.press("2", "enter")
        await until(pilot, lambda: refusals() == 1, what="queueing is refused")
        for key in ("p", "t", "E", "K", "left_parenthesis", "P"):
            told = refusals()
            app._outcomes._refusal = ("", 0.0)  # each is told, however soon it comes after the one before
            await pilot.press("6", key)
            await until(pilot, lambda told=told: refusals() > told, what=f"{key} is refused")  # type: ignore[misc]
        for ask in (
            main_screen(app).action_stop_queued,
            main_screen(app).action_kill,
            main_screen(app).action_extend,
            main_screen(app).action_name_run,
            main_screen(app).action_note_run,
            main_screen(app).action_delete_runs,
            app._sweeps.ask_new,
        ):
            told = refusals()
            app._outcomes._refusal = ("", 0.0)
            ask()
            assert app.screen is main_screen(app), "a dialog opened to be refused afterwards"
            await until(pilot, lambda told=told: refusals() > told, what=f"{ask} is refused")  # type: ignore[misc]
        for key in ("r", "g"):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not main_screen(app), what=f"{key} opens a screen")
            title = app.screen.query_one(TitleLine)
            await until(pilot, lambda title=title: "read-only" in str(title.content), what="it says so too")  # type: ignore[misc]
            await pilot.press("escape")
        await pilot.press("w")
        assert isinstance(app.screen, ExportScreen)
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "results.md").exists(), what="the table is written")
    assert contents(home) == before
    assert (client.told, client.submitted, client.sweeps) == ([], [], [])


async def test_an_attached_app_says_what_goes_on(home: Home, client: FakeClient) -> None:
    """In the log and as a toast, once the runs are known; it commands them as any other."""
    write_run(home, "adam", state="running", done=3)
    app = attached(home, client, is_read_only=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await until(pilot, lambda: "1 run is running." in [line.text for line in board_of(app).log], what="it is said")
        await pilot.press("6", "p")
        await until(pilot, lambda: any(command == "pause" for command, _ in client.told), what="the run is told")
    assert client.submitted == []


def test_what_is_said_on_coming_and_going() -> None:
    """Runs and sweeps, one or many, or nothing."""
    states = {"running": 2, "queued": 1, "paused": 0}
    assert (
        greeting(states, is_sweeping=True, num_runs=9) == "A sweep is under way, 2 runs are running, 1 run is queued."
    )
    assert greeting({}, is_sweeping=False, num_runs=1) == "Nothing is training here now; 1 run is kept."
    assert farewell(0, is_sweeping=False) == ""
    assert farewell(1, is_sweeping=False).startswith("1 run goes on in the background. `tui-optim status`")
    assert farewell(3, is_sweeping=True).startswith("A sweep and 3 runs go on in the background.")


@pytest.mark.parametrize("is_read_only", [False, True])
async def test_a_logout_that_ends_runs_is_told_before_the_first_start(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch, is_read_only: bool
) -> None:
    """Once, as a warning; a read-only app starts nothing and says nothing."""
    monkeypatch.setattr("tui_optim.ui.cautions.logout_danger", lambda: "systemd ends runs")
    app = attached(home, client, is_read_only=is_read_only)

    def lines(words: str) -> list[str]:
        return [line.text for line in board_of(app).log if words in line.text]

    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=0)
        assert not lines("systemd")
        for _ in range(2):
            app.on_queue_runs(QueueRuns(main_screen(app).choosing.scenario, [small_library().presets["sgd"]]))
        await until(pilot, lambda: lines("read-only") if is_read_only else lines("Queued"), what="it was asked for")
        assert lines("systemd") == ([] if is_read_only else ["systemd ends runs."])
