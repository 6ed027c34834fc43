"""The app in real terminals: slow ones, ones that take nothing, ones that are silent while nothing happens."""

import os
import signal
from collections.abc import Iterator

import pytest
from textual._compositor import ChopsUpdate
from textual.messages import Update

from tests.benchmarks.app import AXES
from tests.benchmarks.slow_link import AppOverSlowLink
from tests.benchmarks.terminal import AppInTerminal
from tests.ui.stage import FakeClient, main_screen, make_app, until_drawn, write_run
from tui_optim.store.home import Home
from tui_optim.ui.terminal.link import Withheld
from tui_optim.ui.widgets.status_line import ProgressLine, StatusLine

SILENT_S = 4.0
"""Longer than the app ever waits between two looks."""


@pytest.fixture
def opened(home: Home) -> Iterator[list[AppInTerminal]]:
    """Apps that are ended with the test; their home has two runs."""
    write_run(home, "adam", rate=0.3)
    write_run(home, "sgd")
    apps: list[AppInTerminal] = []
    yield apps
    for app in apps:
        app.end()


def test_a_slow_link_is_marked_and_keys_are_answered(home: Home, opened: list[AppInTerminal]) -> None:
    """The first frame fills it for a while; the mark goes by itself; the last question is answered before the app has gone."""
    app = AppOverSlowLink(home.root, "attach", "--read-only", bytes_per_s=20_000, delay_s=0.05)
    opened.append(app)
    app.wait_for(b"link: slow")
    for axis in AXES:
        app.press(b"x")
        app.wait_for(axis)
    app.seen = b""
    app.wait_for_words("read-only  LeNet-5")  # the title line without the mark between
    app.press(b"q")
    app.wait_for_end()
    app.wait_for(b"\x1b[?1049l")
    assert app.num_answers == app.num_questions


def test_a_terminal_that_takes_nothing_stops_nothing(home: Home, opened: list[AppInTerminal]) -> None:
    """Seventy keys while nobody reads: read again, it has the last frame and little else; it ends when told to."""
    app = AppInTerminal(home.root, "attach", "--read-only", variables={"SSH_CONNECTION": ""})
    opened.append(app)
    app.wait_for(b"LeNet-5 on Fashion")
    app.press(b"2" + b"jk" * 35 + b"n")
    app.press(b"?")
    app.wait_for(b"Help")
    assert len(app.seen) < 150_000
    app.press(b"\x1b" + b"jk" * 35)
    os.kill(app.pid, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(app.wait_for_end(reads=False)) == 128 + signal.SIGTERM


def test_nothing_is_sent_while_nothing_happens(home: Home, opened: list[AppInTerminal]) -> None:
    """Not a byte with finished runs on the charts, a text field open: no clock, no blinking cursor, no question."""
    app = AppOverSlowLink(home.root, "attach", "--read-only", bytes_per_s=1e6, delay_s=0.01)
    opened.append(app)
    app.wait_for(b"LeNet-5 on Fashion")
    app.wait_for(b"kept")
    app.press(b"2")
    app.press(b"/")
    app.read_until_quiet(quiet_s=6.0, limit_s=30.0)  # toasts go after five seconds
    app.seen = b""
    app.read_for(SILENT_S)
    assert app.seen == b""


def test_only_what_differs_is_sent(home: Home, opened: list[AppInTerminal]) -> None:
    """A key to another pane changes two borders and the footer, not what the panes show; ctrl+l sends the whole screen again."""
    app = AppInTerminal(home.root, "attach", "--read-only")
    opened.append(app)
    app.wait_for(b"LeNet-5 on Fashion")
    app.wait_for(b"kept")
    app.read_until_quiet(quiet_s=6.0, limit_s=30.0)  # toasts go after five seconds
    sizes: list[int] = []
    for key in (b"\x0c", b"6"):
        app.press(key)
        app.read_until_quiet(quiet_s=0.5)
        sizes.append(len(app.seen))
    everything, another_pane = sizes
    assert 4 * another_pane < everything


async def test_what_was_withheld_is_drawn_as_it_is_later(home: Home, client: FakeClient) -> None:
    """Rows of partial updates, or everything; the latest state of them, once."""
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=0)
        screen, withheld = main_screen(app), Withheld()
        assert not withheld.draw(screen)
        status = screen.query_one(StatusLine)
        for mark in ("one", "two"):
            status.stand((mark,))
            screen._compositor.update_widgets({status})
            withheld.add(screen._compositor.render_update())
        assert withheld.draw(screen)
        assert not withheld.draw(screen)
        await pilot.pause()
        assert "two" in app.export_screenshot()


async def test_what_was_withheld_takes_nothing_from_what_comes_now(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A widget has asked to be painted when rows that were held back are let through: the next frame has both."""
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=0)
        screen, withheld = main_screen(app), Withheld()
        status, progress = screen.query_one(StatusLine), screen.query_one(ProgressLine)
        status.stand(("one",))
        screen._compositor.update_widgets({status})
        withheld.add(screen._compositor.render_update())
        sent: set[int] = set()

        def see(_: object, update: object) -> None:
            assert isinstance(update, ChopsUpdate)
            sent.update(y for y, _, _ in update.spans)

        monkeypatch.setattr(app, "_display", see)
        progress.refresh(progress.size.region)
        await screen._on_update(Update(progress))
        withheld.draw(screen)
        await pilot.pause()
        assert sent >= {status.region.y, progress.region.y}
