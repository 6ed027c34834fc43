"""Ends of runs told to the terminal: what is said, that it cannot end its sequence, and that nothing else is sent."""

from dataclasses import replace

import pytest

from tests.ui.stage import FakeClient, board_of, make_app, until_drawn, write_run
from tui_optim.spec.events import RunState
from tui_optim.spec.settings import Settings
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.ui.announcement import announcement
from tui_optim.ui.bell import EndBell
from tui_optim.ui.terminal.announcing import KEEP_TITLE, TITLE_AS_BEFORE, notification, window_title

HOSTILE = "a\x07b\x1b]52;c;eA==\x07\x9c\u202e\nc"


def ended(run: StoredRun, state: RunState, *, reason: str = "") -> StoredRun:
    """A run in another state."""
    return replace(run, status=replace(run.status, state=state, reason=reason))


def test_a_new_best_is_said_first(home: Home) -> None:
    """Finished with its loss; the lowest of its scenario; divergence with its reason; the others as a number."""
    slow, fast = write_run(home, "sgd", rate=0.2), write_run(home, "adam", rate=0.9)
    dead = ended(slow, "diverged", reason="the training loss is not finite from step 9 on")
    assert announcement([slow], [slow, fast]).startswith("sgd·s42 finished: test loss ")
    assert "lowest" not in announcement([slow], [slow, fast])
    assert "lowest" not in announcement([fast], [fast]), "one alone is not the best of any"
    best = announcement([dead, fast], [slow, fast])
    assert best.startswith("adam·s42 finished: test loss ")
    assert best.endswith(", the lowest on lenet5-fashion; 1 more ended")
    assert announcement([dead], [dead, fast]) == "sgd·s42 diverged: the training loss is not finite from step 9 on"


def test_a_hostile_name_ends_no_sequence() -> None:
    """Between the start of the sequence and its end there is no control character, whatever the run is called."""
    for sequence in (notification(HOSTILE, "osc9", {}), notification(HOSTILE, "osc777", {}), window_title(HOSTILE)):
        assert sequence.startswith("\x1b]")
        assert sequence.endswith("ab]52;c;eA==c\x07")
        assert sequence[2:-1].isprintable()


def test_tmux_and_screen_hand_it_on() -> None:
    """Wrapped, with every escape doubled for tmux."""
    assert notification("done", "osc777", {}) == "\x1b]777;notify;tui-optim;done\x07"
    assert notification("done", "osc9", {}) == "\x1b]9;tui-optim: done\x07"
    assert notification("done", "osc9", {"TMUX": "x"}) == "\x1bPtmux;\x1b\x1b]9;tui-optim: done\x07\x1b\\"
    assert notification("done", "osc9", {"TERM": "screen"}) == "\x1bP\x1b]9;tui-optim: done\x07\x1b\\"


async def test_only_what_was_asked_for_is_sent(home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default nothing; with the settings a notification and a title, which is put back when the app leaves."""
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    run = write_run(home, "adam", state="running", done=3)
    app = make_app(home, client)
    async with app.run_test() as pilot:
        await until_drawn(pilot, app, num_runs=1)
        sent: list[str] = []
        monkeypatch.setattr(app, "_tell_terminal", sent.append)

        async def end() -> None:
            states: tuple[RunState, ...] = ("running", "finished")
            for state in states:
                board_of(app)._take_runs([ended(run, state)])
                app._main.show_news()
                await pilot.pause()

        await end()
        assert not sent
        settings = Settings(notify="osc9", title=True)
        app.preferences.settings = settings
        await end()
        assert len(sent) == 2
        assert sent[0].startswith("\x1b]9;tui-optim: adam·s42 finished: test loss ")
        assert sent[1].startswith(f"{KEEP_TITLE}\x1b]2;tui-optim: adam·s42 finished")
        app._main.show_news()
        await pilot.pause()
        assert len(sent) == 2, "nothing is sent where nothing ended"
        await until_drawn(pilot, app, num_runs=1)
    assert sent[-1] == TITLE_AS_BEFORE


async def test_a_run_too_short_to_be_seen_training_is_told_of(home: Home, client: FakeClient) -> None:
    """It was waiting, or not there, at the last look; what was over at the start is not told of, nor what never began."""
    old, waiting, unstarted = write_run(home, "sgd"), write_run(home, "adam"), write_run(home, "sgd", rate=0.3)
    app = make_app(home, client)
    async with app.run_test() as pilot:
        await until_drawn(pilot, app, num_runs=3)
        board, bell = board_of(app), EndBell()
        queued = [ended(waiting, "queued"), ended(unstarted, "queued")]
        board._take_runs([old, *queued])
        assert not bell.ended(board)
        short = write_run(home, "nesterov", rate=0.5)
        board._take_runs([old, waiting, ended(unstarted, "stopped"), short])
        assert {run.run_id for run in bell.ended(board)} == {waiting.run_id, short.run_id}
        assert not bell.ended(board)
