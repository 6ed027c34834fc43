"""The log pane follows what happens, unless its reader has gone up, and wraps for the width that it has."""

from textual.app import App, ComposeResult

from tui_optim.ui.board import LogLine
from tui_optim.ui.widgets.log import EMPTY, LogPane

LINES = [LogLine(time=0.0, about=f"run {number}", text="says one thing after the other " * 3) for number in range(9)]


class LogApp(App[None]):
    """A log pane alone."""

    def compose(self) -> ComposeResult:
        """All of the screen."""
        yield LogPane()


def texts(pane: LogPane) -> list[str]:
    """What is in sight."""
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


async def test_the_newest_is_in_sight_unless_the_reader_has_gone_up() -> None:
    """New lines come in at the end; a reader who looks at older ones stays there until the end is asked for."""
    async with LogApp().run_test(size=(60, 6)) as pilot:
        pane = pilot.app.query_one(LogPane)
        assert pane.border_subtitle == EMPTY
        pane.show(LINES[:7])
        await pilot.pause()
        assert texts(pane)[-2:] == [
            "run 6 says one thing after the other says one thing after",
            "the other says one thing after the other",
        ]
        pane.focus()
        await pilot.press("home")
        await pilot.pause()
        pane.show(LINES[:8])
        await pilot.pause()
        assert texts(pane)[0].startswith("run 0 ")
        await pilot.press("end")
        await pilot.pause()
        assert texts(pane)[-2].startswith("run 7 ")


async def test_another_width_wraps_anew() -> None:
    """Nothing is cut off: the lines have the width of the pane as it is now."""
    async with LogApp().run_test(size=(60, 40)) as pilot:
        pane = pilot.app.query_one(LogPane)
        pane.show(LINES)
        await pilot.pause()
        assert len([text for text in texts(pane) if text]) == 18
        await pilot.resize_terminal(40, 40)
        await pilot.pause()
        assert len([text for text in texts(pane) if text]) == 27
        assert max(map(len, texts(pane))) < 40


async def test_the_end_stays_in_sight_whatever_the_size_becomes() -> None:
    """Lower, higher, hidden for a while: who looks at the newest goes on looking at it."""
    async with LogApp().run_test(size=(60, 8)) as pilot:
        pane = pilot.app.query_one(LogPane)
        pane.show(LINES[:7])
        await pilot.pause()
        for size in ((60, 4), (44, 4), (44, 9), (60, 6)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "".join(texts(pane)).endswith("after the other"), size
            assert any(text.startswith("run 6 ") for text in texts(pane)), size
        pane.display = False
        await pilot.pause()
        pane.show(LINES[:9])
        await pilot.pause()
        pane.display = True
        await pilot.pause()
        assert any(text.startswith("run 8 ") for text in texts(pane))


async def test_another_list_takes_the_place_of_the_old_one() -> None:
    """What was sorted in before the end is shown where it belongs."""
    async with LogApp().run_test(size=(120, 20)) as pilot:
        pane = pilot.app.query_one(LogPane)
        pane.show(LINES[3:])
        pane.show(LINES)
        await pilot.pause()
        assert [text.split(" says")[0] for text in texts(pane) if text] == [f"run {number}" for number in range(9)]
