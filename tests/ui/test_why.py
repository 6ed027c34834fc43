"""W on a run: why it died, what that rests on, and the run that enter queues."""

from textual.widgets import Input, Static

from tests.factories import make_run, make_spec
from tests.ui.stage import NOON, FakeClient, board_of, make_app, stable_svg, until, until_drawn, write_death, write_run
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.why import WhyScreen


async def test_w_tells_why_and_enter_queues_the_suggested_run(home: Home, client: FakeClient) -> None:
    """The log points to it; the dialog has sentence, figures and run; of a run that is well it is said that it is."""
    write_run(home, "adam", started_at=NOON - 1000)
    write_death(home)
    app = make_app(home, client)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("6", "home", "W")
        await until(pilot, lambda: isinstance(app.screen, WhyScreen), what="the verdict is shown")
        svg = stable_svg(app.export_screenshot()).replace("&#160;", " ")
        assert "The learning rate is too large" in svg
        assert "first bad layer: fc2" in svg
        await pilot.press("escape", "W")
        await until(pilot, lambda: isinstance(app.screen, WhyScreen), what="it is shown again")
        assert not client.submitted
        await pilot.press("enter")
        await until(pilot, lambda: client.submitted, what="the run is queued")
        assert client.submitted[0].hyperparameters["lr"] == 0.005
        log = board_of(app).log
        assert any("first in layer fc2; ⟪run.why:W⟫ tells why" in line.text for line in log)
        told = "again with lr=0.005 instead of 0.05 (its beginning was tried and lived)."
        await until(pilot, lambda: any(line.text.endswith(told) for line in board_of(app).log), what="it is told")
        await pilot.press("end", "W")
        await until(pilot, lambda: app._notifications, what="nothing is to be explained")
        assert not isinstance(app.screen, WhyScreen)


async def test_lack_of_memory_says_what_to_lower(home: Home, client: FakeClient) -> None:
    """Where the log pane has no room `W` says it, whole, on the smallest usual terminal."""
    reason = "out of memory on the device: lower batch_size, let fewer runs train at once, or free the device"
    make_run(home, make_spec(), state="failed", reason=reason)
    app = make_app(home, client)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6", "home", "W")
        await until(pilot, lambda: "or free the device." in _toast(app), what="it is seen")
        assert "failed: out of memory on the device: lower batch_size, let fewer runs train at once" in _toast(app)


async def test_no_number_of_epochs_breaks_the_app(home: Home, client: FakeClient) -> None:
    """`X` and a number that no float holds, a negative one, none: a sentence each, and nothing is sent."""
    make_run(home, make_spec())
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6", "home", "X")
        await until(pilot, lambda: isinstance(app.screen, EditScreen), what="it is asked for")
        problem = app.screen.query_one(".problem", Static)
        for text in ("9" * 400, "0", "-3", "1e9", "nan", "100001", ""):
            app.screen.query_one(Input).value = text
            problem.update("")
            await pilot.press("enter")
            await until(pilot, lambda: "expected" in str(problem.render()), what=f"{text!r} is refused")
        assert not [command for command, _ in client.told if "extend" in command]


def _toast(app: LabApp) -> str:
    """What the lines of a toast say."""
    strips = app.screen._compositor.render_strips()
    return " ".join(" ".join(strip.text.partition("▌")[2][:38] for strip in strips).split())
