"""Keys that come in bursts: one run for each wish, one sentence for each fact, in the order of the keys."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

from textual.pilot import Pilot
from textual.widgets._toast import Toast

from tests.factories import make_source
from tests.ui.stage import FakeClient, board_of, main_screen, make_app, small_library, until, until_drawn, write_run
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import RunState
from tui_optim.spec.executors import LOCAL, ExecutorSpec
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import SCENARIOS, find_scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.store.status import write_status
from tui_optim.ui.app import LabApp
from tui_optim.ui.laboratory.laboratory import Laboratory
from tui_optim.ui.laboratory.launcher import Launcher
from tui_optim.ui.laboratory.plan import Plan
from tui_optim.ui.laboratory.run_options import RunOptions
from tui_optim.ui.screens.confirm import ConfirmScreen

SIZE = (120, 36)


class _SlowFirst(FakeClient):
    """Its first submission waits a moment for another to overtake it."""

    def __init__(self, home: Home) -> None:
        """Nothing is submitted yet."""
        super().__init__(home)
        self.is_overtaken = threading.Event()

    def submit(self, specs: Sequence[RunSpec], *, executor: ExecutorSpec = LOCAL) -> list[str]:
        """Queue."""
        if specs[0].preset == "sgd-baseline":
            self.is_overtaken.wait(0.5)
        else:
            self.is_overtaken.set()
        return super().submit(specs, executor=executor)


class _Finished(FakeClient):
    """Refuses to resume, as the real one does, by the run's id."""

    def resume(self, run_id: str) -> None:
        """Refuse."""
        raise UsageError(f"{run_id} is finished: only paused, stopped, interrupted or failed runs resume")


def _put(run: StoredRun, state: RunState) -> None:
    write_status(run.folder.status, replace(run.status, state=state))


async def _until_answered(pilot: Pilot[None], app: LabApp) -> None:
    await until(
        pilot,
        lambda: all(worker.is_finished for worker in app.workers if worker.group == "commands"),
        what="every key is answered",
    )
    await pilot.pause()


async def test_a_burst_of_enters_queues_one_run(home: Home, client: FakeClient) -> None:
    """Eighteen quick enters leave one run in the queue and one sentence that says what to do for another."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press(*(["enter"] * 18))
        await _until_answered(pilot, app)
        first, *others = [line.text for line in board_of(app).log]
        assert len(client.submitted) == 1
        assert first.startswith("Queued 1 run")
        assert others == ["sgd-baseline·s42 is queued already; e changes seeds or values."]
        assert len(app.screen.query(Toast)) == 2


async def test_a_run_that_waits_since_an_earlier_session_is_not_queued_again(home: Home, client: FakeClient) -> None:
    """What another app or the command line queued counts; once it trains, the same may be queued."""
    run = write_run(home, "sgd-baseline", state="queued", done=0)
    app = make_app(home, client)
    app.launcher.plan.options = RunOptions(device="cpu", threads=2)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("enter")
        await _until_answered(pilot, app)
        num_before = len(client.submitted)
        _put(run, "running")
        await pilot.press("enter")
        await until(pilot, lambda: client.submitted, what="it is queued now")
        assert num_before == 0


async def test_what_was_told_to_leave_the_queue_is_queued_again(home: Home, client: FakeClient) -> None:
    """A waiting run that t has stopped will not train, even while it still stands in the queue."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter")
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("t", "enter")
        await _until_answered(pilot, app)
        first, second = client.submitted
        assert second == first


async def test_what_does_not_wait_yet_is_queued(home: Home, client: FakeClient) -> None:
    """Of three seeds one waits already: the other two are queued, and the sentence says so."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        app.launcher.plan.options = RunOptions(seeds=(42, 43, 44))
        await pilot.press("enter")
        await until(pilot, lambda: len(board_of(app).log) == 2, what="both are told")
        assert [spec.seed for spec in client.submitted] == [42, 43, 44]
        assert board_of(app).log[-1].text.endswith("1 of 3 were queued already.")


async def test_the_queue_is_in_the_order_of_the_keys(home: Home) -> None:
    """A submission that takes long is not overtaken by the next, nor changed by what is edited meanwhile."""
    client, library = _SlowFirst(home), small_library()
    launcher = Launcher(Laboratory(home=home, client=client, library=library), Plan())
    launcher.sources["fashion-mnist"] = make_source()
    keys = [
        asyncio.create_task(launcher.queue(find_scenario("lenet5-fashion"), [library.presets[name]], waiting=[]))
        for name in ("sgd-baseline", "sgd")
    ]
    await asyncio.sleep(0)  # both keys are pressed
    launcher.plan.options = RunOptions(seeds=(7,))
    await asyncio.gather(*keys)
    assert [(spec.preset, spec.seed) for spec in client.submitted] == [("sgd-baseline", 42), ("sgd", 42)]


async def test_p_is_sent_once_until_it_has_had_its_effect(home: Home, client: FakeClient) -> None:
    """Five quick p pause a run once and tell it once, by the name in the table; when it is paused, p resumes it."""
    run = write_run(home, "adam", state="running", done=2)
    app = make_app(home, client)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press(*"ppppp")
        await _until_answered(pilot, app)
        pauses = [command for command in client.told if command == ("pause", run.run_id)]
        toasts = [str(toast.render()) for toast in app.screen.query(Toast)]
        _put(run, "paused")
        await until(pilot, lambda: board_of(app).in_state("paused"), what="it is paused")
        await pilot.press("p")
        await until(pilot, lambda: ("resume", run.run_id) in client.told, what="it is resumed")
        assert len(pauses) == 1
        assert ["Pausing adam·s42: it keeps a checkpoint first." in toast for toast in toasts] == [True]


async def test_a_refusal_names_the_run_as_the_table_does(home: Home) -> None:
    """Quick p on a finished run is refused once, and not by the run's id."""
    write_run(home, "adam")
    app = make_app(home, _Finished(home))
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        num_before = len(board_of(app).log)
        await pilot.press(*"ppp")
        await _until_answered(pilot, app)
        told = [line.text for line in board_of(app).log if "only paused" in line.text]
        assert len(board_of(app).log) == num_before + 1
        assert told == ["adam·s42 is finished: only paused, stopped, interrupted or failed runs resume"]


async def test_a_flooded_queue_is_emptied_at_once(home: Home, client: FakeClient) -> None:
    """Enter confirms; all that wait are stopped, the last first, and what trains by then goes on."""
    runs = [write_run(home, "adam", state="queued", done=0, seed=seed) for seed in (1, 2, 3)]
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=3)
        app.call_later(main_screen(app).action_stop_queued)
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen), what="it asks")
        _put(runs[0], "running")
        await pilot.press("enter")
        await until(pilot, lambda: board_of(app).log, what="it is told")
        stopped = [run_id for command, run_id in client.told if command == "stop"]
        assert stopped == [run.run_id for run in reversed(board_of(app).runs) if run.run_id != runs[0].run_id]
        assert board_of(app).log[-1].text == "Stopping 2 queued runs; p queues one again."


async def test_a_queue_is_not_emptied_without_consent(home: Home, client: FakeClient) -> None:
    """Escape leaves the queue as it is; with an empty queue nothing is asked."""
    run = write_run(home, "adam", state="queued", done=0)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        app.call_later(main_screen(app).action_stop_queued)
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen), what="it asks")
        await pilot.press("escape")
        _put(run, "finished")
        await until(pilot, lambda: not board_of(app).in_state("queued"), what="nothing is queued")
        main_screen(app).action_stop_queued()
        await pilot.pause()
        assert app.screen is main_screen(app)
        assert "stop" not in {command for command, _ in client.told}


async def test_keys_typed_ahead_act_on_what_they_have_chosen(home: Home, client: FakeClient) -> None:
    """Down and enter in one burst, faster than the panels tell each other: what is highlighted by then is queued."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("1")
        for key in ("j", "j", "j", "enter"):
            app.simulate_key(key)
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        assert [spec.scenario for spec in client.submitted] == [list(SCENARIOS)[3]]


async def test_keys_typed_ahead_reach_the_screen_that_they_have_opened(home: Home, client: FakeClient) -> None:
    """The race, and its targets, in one burst: nothing is stopped, which the second key would do on the screen before."""
    write_run(home, "sgd", state="running", done=1)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6")
        for key in ("r", "t"):
            app.simulate_key(key)
        await until(pilot, lambda: len(app.screen_stack) > 2, what="the race asks for targets")
        assert "stop" not in [command for command, _ in client.told]
