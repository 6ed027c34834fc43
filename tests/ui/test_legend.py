"""The legend says what fits, and how much does not."""

import pytest
from textual.app import App, ComposeResult

from tui_optim.ui.charting.axis import Pattern
from tui_optim.ui.widgets.legend import MAX_LINES, Legend

SPLITS: list[tuple[Pattern, str]] = [("solid", "train"), ("dotted", "test")]
RUNS = [(slot, "●", f"preset-with-a-name-{slot}") for slot in range(8)]


class _LegendApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Legend()


@pytest.mark.parametrize(("width", "num_left_out"), [(240, 0), (115, 0), (114, 1), (80, 3), (50, 6), (30, 7), (12, 9)])
async def test_what_has_no_room_is_counted(width: int, num_left_out: int) -> None:
    """No name is cut where it would fit a line; what is left out is counted at the end."""
    app = _LegendApp()
    async with app.run_test(size=(width, 24)) as pilot:
        legend = app.query_one(Legend)
        legend.show(RUNS, SPLITS)
        await pilot.pause()
        lines = str(legend.render()).splitlines()
        shown = [name for _, _, name in RUNS if any(name in line for line in lines)]
        assert len(lines) <= MAX_LINES
        assert all(len(line.rstrip()) <= width - 2 for line in lines)
        assert lines[-1].split()[-1] == (f"+{num_left_out}" if num_left_out else RUNS[-1][2])
        assert len(shown) == max(0, len(RUNS) - num_left_out)


async def test_a_name_that_no_line_can_hold_is_cut() -> None:
    """A single run is named as far as there is room: a count of one would say less."""
    app = _LegendApp()
    async with app.run_test(size=(20, 24)) as pilot:
        app.query_one(Legend).show(RUNS[:1], [])
        await pilot.pause()
        assert "+1" not in str(app.query_one(Legend).render())
        assert app.query_one(Legend).content_size.height == 1


async def test_runs_are_named_before_anything_is_remarked() -> None:
    """Which marker is whose matters more than what stands beside: that is left out first, the last of it before the first."""
    app = _LegendApp()
    async with app.run_test(size=(80, 24)) as pilot:
        legend = app.query_one(Legend)
        legend.show(RUNS[:4], SPLITS, remarks=["on circles", "½ rate ×0.5  e evaluated  c checkpoint  + more epochs"])
        await pilot.pause()
        text = str(legend.render())
        assert all(name in text for _, _, name in RUNS[:4])
        assert ("on circles" in text, "checkpoint" in text) == (True, False)
        assert "+1" not in text, "no run is left out"
