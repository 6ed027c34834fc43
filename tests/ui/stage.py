"""A home, a small library and a client that only remembers: what the app needs to be tested without training."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from tests.factories import (
    EXPLODED,
    STEPS_PER_EPOCH,
    make_events,
    make_progress,
    make_result,
    make_run,
    make_source,
    make_spec,
    make_started,
)
from tui_optim.runs.cleaning import clean
from tui_optim.runs.deletion import delete_runs
from tui_optim.spec.commands import Order
from tui_optim.spec.errors import UsageError
from tui_optim.spec.event_lines import encode_record
from tui_optim.spec.events import Ended, EpochEnded, Event, Examined, Progress, Record, RunState
from tui_optim.spec.executors import LOCAL, ExecutorSpec
from tui_optim.spec.forking import fork_run
from tui_optim.spec.presets import Preset, parse_preset
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.settings import Settings
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.store.branches import hold_branch
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.disk import Cleaning
from tui_optim.store.eventlog import read_events
from tui_optim.store.home import Home
from tui_optim.store.label import Label, relabel
from tui_optim.store.library import Library
from tui_optim.store.new_runs import create_run
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.settings import StoredSettings
from tui_optim.store.status import write_status
from tui_optim.store.sweepfolder import SweepCommand, create_sweep, read_sweeps
from tui_optim.ui.app import LabApp
from tui_optim.ui.board import Board
from tui_optim.ui.look.surroundings import Surroundings
from tui_optim.ui.screens.boundary import BoundaryScreen
from tui_optim.ui.screens.gallery import GalleryScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.race import RaceScreen
from tui_optim.ui.screens.timed import TimedScreen
from tui_optim.ui.widgets.log import LogPane

NOON = 1_700_000_000.0
"""Frozen clock, in seconds since the epoch."""

_PRESETS = {
    "sgd-baseline": ("SGD baseline of the assignment", "basic", "sgd", "lr = 0.001"),
    "sgd": ("Mini-batch SGD", "basic", "sgd", "lr = 0.05"),
    "sgd-cosine": ("SGD, cosine", "schedules", "sgd", "lr = 0.1"),
    "nesterov": ("Nesterov momentum", "momentum", "sgd", "lr = 0.05\nmomentum = 0.9\nnesterov = true"),
    "adam": ("Adam", "adaptive", "adam", "lr = 0.002"),
    "adamw": ("AdamW", "adaptive", "adamw", "lr = 0.002"),
    "rmsprop": ("RMSProp", "adaptive", "rmsprop", "lr = 0.001"),
}


def small_library(*, problems: Sequence[str] = ()) -> Library:
    """Seven presets of four families."""
    return Library({preset_id: _preset(preset_id) for preset_id in _PRESETS}, list(problems))


@dataclass
class FakeClient:
    """Makes run folders and remembers what it was told; starts nothing."""

    home: Home
    submitted: list[RunSpec] = field(default_factory=list)
    sweeps: list[SweepSpec] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    refusal: str = ""
    """Where set, every command is refused with this sentence."""

    def submit(self, specs: Sequence[RunSpec], *, executor: ExecutorSpec = LOCAL) -> list[str]:
        """Queue."""
        self._refuse()
        self.submitted += specs
        return [create_run(self.home, spec, versions={}, executor=executor).run_id for spec in specs]

    def submit_sweep(self, spec: SweepSpec) -> str:
        """Make its folder."""
        self._refuse()
        self.sweeps.append(spec)
        return create_sweep(self.home, spec, versions={}).sweep_id

    def is_sweeping(self) -> bool:
        """As the files say."""
        return any(sweep.status.state == "running" for sweep in read_sweeps(self.home)[0])

    def tell_sweep(self, sweep_id: str, command: SweepCommand) -> None:
        """Remember."""
        self._tell(f"sweep {command}", sweep_id)

    def pause(self, run_id: str) -> None:
        """Remember."""
        self._tell("pause", run_id)

    def stop(self, run_id: str) -> None:
        """Remember."""
        self._tell("stop", run_id)

    def order(self, run_id: str, order: Order) -> None:
        """Remember."""
        self._tell(order.command if order.value is None else f"{order.command} {order.value:g}", run_id)

    def resume(self, run_id: str) -> None:
        """Remember."""
        self._tell("resume", run_id)

    def label(
        self, run_id: str, *, name: str | None = None, note: str | None = None, is_pinned: bool | None = None
    ) -> Label:
        """Write it."""
        self._refuse()
        return relabel(RunFolder(self.home.runs / run_id).label, name=name, note=note, is_pinned=is_pinned)

    def delete(self, run_ids: Sequence[str]) -> None:
        """Remove the folders."""
        self._refuse()
        delete_runs(self.home, run_ids)

    def clean(self, *, keeps_best: bool = False) -> Cleaning:
        """Remove the files."""
        self._refuse()
        return clean(self.home, keeps_best=keeps_best)

    def prepare(self, spec: RunSpec) -> None:
        """Remember."""
        self.told.append(("prepare", spec.scenario))

    def ensure_supervisor(self) -> bool:
        """Remember."""
        self.told.append(("ensure_supervisor", ""))
        return False

    def lack_of_space(self) -> str:
        """Nothing lacks."""
        return ""

    def hold_open(self) -> None:
        """Remember."""
        self.told.append(("hold_open", ""))

    def slots(self) -> int:
        """One."""
        return 1

    def set_slots(self, num_slots: int) -> None:
        """Remember."""
        self._tell("set_slots", str(num_slots))

    def _tell(self, command: str, about: str) -> None:
        self._refuse()
        self.told.append((command, about))

    def _refuse(self) -> None:
        if self.refusal:
            raise UsageError(self.refusal)


def make_app(
    home: Home,
    client: FakeClient,
    *,
    library: Library | None = None,
    settings: Settings | None = None,
    surroundings: Surroundings | None = None,
    settings_path: Path | None = None,
) -> LabApp:
    """The app over a home, with full data that needs no files and a frozen clock; no hints unless settings are given."""
    app = LabApp(
        home=home,
        client=client,
        library=library or small_library(),
        clock=lambda: NOON,
        stored=StoredSettings(settings or Settings(tour=False)),
        surroundings=surroundings,
        settings_path=settings_path,
    )
    app.launcher.sources["fashion-mnist"] = make_source()
    return app


def main_screen(app: LabApp) -> MainScreen:
    """The main screen, whatever stands over it."""
    screen = app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


def board_of(app: LabApp) -> Board:
    """What the main screen knows."""
    return main_screen(app).board


async def until(pilot: Pilot[None], is_so: Callable[[], object], *, what: str, limit: int = 2000) -> None:
    """Wait for a fact."""
    for _ in range(limit):
        if is_so():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"never became true: {what}")


async def until_drawn(pilot: Pilot[None], app: LabApp, *, num_runs: int) -> None:
    """Wait until that many runs are known, those on the charts have been read, and all of it is on the screen."""
    board = board_of(app)

    def is_read() -> bool:
        begun = [run.run_id for run in board.shown() if run.status.state != "queued"]
        return len(board.runs) == num_runs and not board.has_backlog and all(map(board.series, begun))

    await until(pilot, is_read, what=f"{num_runs} runs are read")
    screen = main_screen(app)
    screen.refresh_all()
    await until(pilot, lambda: screen.charts.is_settled, what="the charts are drawn")
    log = screen.query_one(LogPane)
    await until(pilot, lambda: not (board.log and log.region) or log.virtual_size.height, what="the log is wrapped")
    above = app.screen
    if isinstance(above, BoundaryScreen):
        await until(pilot, lambda: above.is_read, what="the film is read")
    if isinstance(above, GalleryScreen | RaceScreen | TimedScreen):
        await until(pilot, lambda: above.is_settled, what="what stands over the main screen is drawn")
    await pilot.pause()


async def still_svg(pilot: Pilot[None], app: LabApp) -> str:
    """A screenshot of what no longer changes."""
    await until_still(pilot, app)
    return stable_svg(app.export_screenshot())


def is_shown(app: LabApp, text: str) -> bool:
    """Whether a line of the screen has this text now."""
    return any(text in "".join(piece.text for piece in strip) for strip in app.screen._compositor.render_strips())


async def until_still(pilot: Pilot[None], app: LabApp) -> None:
    """Wait until four looks at the screen in a row, a quarter of a second apart, see the same."""
    looks: list[tuple[Screen[Any], list[Strip]]] = []
    for _ in range(80):
        await pilot.pause(0.25)
        looks.append((app.screen, app.screen._compositor.render_strips()))
        if len(looks) >= 4 and all(look == looks[-1] for look in looks[-4:]):
            return
    raise AssertionError("the screen never came to rest")


def falling_loss(spec: RunSpec, epoch: int, *, rate: float) -> EpochResult:
    """A plausible result: the loss falls exponentially, the accuracy rises to 90 %."""
    share = math.exp(-rate * epoch)
    result = make_result(spec, epoch, test_loss=0.3 + 2.0 * share, test_accuracy=0.9 - 0.8 * share)
    if epoch == 0:
        return result
    return replace(result, train_loss=0.28 + 2.0 * share, train_accuracy=0.91 - 0.8 * share)


def falling_progress(step: int, *, rate: float) -> Progress:
    """A bin of the same run."""
    return make_progress(step, loss=0.28 + 2.0 * math.exp(-rate * step / STEPS_PER_EPOCH))


def write_run(
    home: Home,
    preset_id: str,
    *,
    state: RunState = "finished",
    epochs: int = 10,
    done: int | None = None,
    rate: float = 0.5,
    seed: int = 42,
    started_at: float = NOON,
    reason: str = "",
    scenario: str = "lenet5-fashion",
    lr: Callable[[float], float] = lambda _: 0.001,
) -> StoredRun:
    """A run folder with a curve, its events at fixed times; `lr` maps the share of the run to the learning rate there."""
    spec = make_spec(scenario, _preset(preset_id), seed=seed, epochs=epochs)
    results = [falling_loss(spec, epoch, rate=rate) for epoch in range((epochs if done is None else done) + 1)]
    run = make_run(home, spec, state=state, results=results, reason=reason)
    ended = None if state in ("queued", "running") else Ended(state=state, reason=reason, final=results[-1])
    events: list[Event] = [
        replace(falling_progress(event.step, rate=rate), lr=lr(event.step / STEPS_PER_EPOCH / epochs))
        if isinstance(event, Progress)
        else event
        for event in make_events(spec, ended, results=results)
    ]
    if state != "queued":
        rewrite_log(run.folder, events, started_at=started_at)
    return run


def write_fork(home: Home, parent: StoredRun, preset_id: str, *, epochs: int, rate: float, at: str) -> StoredRun:
    """A fork of a run that has kept checkpoints, with a curve of its own from there on; its events too are at fixed times."""
    spec = fork_run(hold_branch(parent, at), preset=_preset(preset_id), epochs=epochs)
    assert spec.parent is not None
    folder = create_run(home, spec, versions={})
    earlier = [record.event for record in read_events(folder.events)]
    results = [falling_loss(spec, epoch, rate=rate) for epoch in range(epochs + 1)]
    ended = Ended(state="finished", final=results[-1])
    later = [
        falling_progress(event.step, rate=rate) if isinstance(event, Progress) else event
        for event in make_events(spec, ended, results=results)[1:]
        if not isinstance(event, Progress | EpochEnded) or _step_of(event) > spec.parent.step
    ]
    started = make_started(spec, from_step=spec.parent.step)
    rewrite_log(folder, [*earlier, started, *later], started_at=NOON + 500)
    status = replace(
        folder.read_status(), state="finished", epoch=epochs, latest=results[-1], final=results[-1], attempt=1
    )
    write_status(folder.status, status)
    return StoredRun(info=folder.read_info(), status=status, folder=folder)


def _step_of(event: Progress | EpochEnded) -> int:
    return event.step if isinstance(event, Progress) else event.result.step


def write_death(home: Home) -> StoredRun:
    """A run that has diverged, with what was found about that."""
    reason = "the training loss is not finite from step 17 on"
    run = write_run(home, "sgd", state="diverged", reason=reason, done=1)
    results = [falling_loss(run.info.spec, epoch, rate=0.5) for epoch in range(2)]
    ended = Ended(state="diverged", reason=reason, final=results[-1])
    *events, last = make_events(run.info.spec, ended, results=results)
    rewrite_log(run.folder, [*events, Examined(evidence=EXPLODED), last], started_at=NOON)
    return run


def rewrite_log(folder: RunFolder, events: Sequence[Event], *, started_at: float) -> None:
    """Put these events in place of the log, a second apart."""
    records = [Record(seq=seq, time=started_at + seq, event=event) for seq, event in enumerate(events, start=1)]
    folder.events.write_text("".join(f"{encode_record(record)}\n" for record in records), encoding="utf-8")


def stable_svg(svg: str) -> str:
    """A screenshot without the random ids and addresses that rich puts into it."""
    return re.sub(r"terminal-\d+", "terminal", svg)


def _preset(preset_id: str) -> Preset:
    name, family, optimizer, values = _PRESETS[preset_id]
    text = f"""
name = "{name}"
family = "{family}"
optimizer = "{optimizer}"
advice = "A line of advice about {name}."
[hyperparameters]
{values}
"""
    return parse_preset(text, path=Path(f"{preset_id}.toml"))
