"""Problems without accuracy work from the panels and charts that all others use."""

from functools import partial

from tests.ui.stage import FakeClient, make_app, until, until_drawn, write_run
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.home import Home
from tui_optim.ui.teaching.about import about_scenario, data_text
from tui_optim.ui.widgets.chart import Chart

SIZE = (120, 36)


def _has_submitted(client: FakeClient, count: int) -> bool:
    return len(client.submitted) == count


async def test_every_scenario_is_queued_from_the_panel(home: Home, client: FakeClient) -> None:
    """Down the list, enter on each: the last four need no data folder."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("1", "end", "up", "up", "up")
        for number, scenario in enumerate(("scalar-mean", "quadratic-f1", "quadratic-f2", "circles"), start=1):
            await pilot.press("enter")
            await until(pilot, partial(_has_submitted, client, number), what=f"{scenario} is submitted")
            assert client.submitted[-1].scenario == scenario
            assert client.submitted[-1].epochs == SCENARIOS[scenario].epochs
            assert client.submitted[-1].data.origin == "generated"
            await pilot.press("down")


async def test_the_second_chart_shows_the_gap(home: Home, client: FakeClient) -> None:
    """Where there are no classes it stands beside the loss, and y puts both on a logarithmic axis."""
    write_run(home, "sgd", scenario="quadratic-f1")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        second = app.screen.query_one("#accuracy", Chart)
        assert str(second.border_title).startswith("5 Gap")
        await pilot.press("y")
        await until(pilot, lambda: str(second.border_title).startswith("5 Log gap"), what="the axis is logarithmic")
        assert app.screen.query_one("#loss", Chart).series


def test_the_details_say_how_the_data_is_made() -> None:
    """The rule instead of a folder, and the parameters of the problem."""
    for name, rule in (
        ("scalar-mean", "U[0, 1]"),
        ("quadratic-f1", "stands for the function"),
        ("circles", "rings of radius"),
    ):
        assert rule in str(data_text(SCENARIOS[name], None))
    assert "eigenvalues 2 and 0.2, condition number 10" in str(
        about_scenario(SCENARIOS["quadratic-f1"], None, "", picture_key="o")
    )
