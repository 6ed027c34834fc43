"""A drawing whose timer never fires is asked for again."""

import time

from tests.ui.stage import FakeClient, main_screen, make_app, until, until_drawn, write_run
from tui_optim.store.home import Home

LATER_S = 3600.0


async def test_a_drawing_whose_timer_was_dropped_is_drawn_all_the_same(home: Home, client: FakeClient) -> None:
    """Textual drops a timer that is late on a busy machine; the next look notices that nothing was drawn."""
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        charts = main_screen(app).charts
        charts.turn_log()
        assert charts._timer is not None
        charts._timer.stop()
        assert not charts.is_settled
        charts.turns.clock = lambda: time.monotonic() + LATER_S

        charts.draw_when_due()

        await until(pilot, lambda: charts.is_settled, what="it is drawn")
