"""Pictures of the app at the two sizes that matter; `pytest --snapshot-update` takes them anew."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import cos, pi

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex
from textual.widgets import Static

from tests.factories import keep_checkpoint
from tests.image_runs import write_judged
from tests.small_runs import (
    BLANK,
    RINGS,
    gradient_descent,
    heavy_ball,
    sign_descent,
    write_descent,
    write_film,
    write_noisy,
)
from tests.sweep_factories import make_plan, write_sweep
from tests.ui.long_runs import write_long_run
from tests.ui.stage import (
    FakeClient,
    is_shown,
    make_app,
    stable_svg,
    still_svg,
    until,
    until_drawn,
    until_still,
    write_death,
    write_fork,
    write_run,
)
from tests.xray_runs import write_xrayed
from tui_optim.runs.system import SystemMeter
from tui_optim.spec.settings import Settings
from tui_optim.spec.system import AcceleratorReading, ProcessReading, SystemReading
from tui_optim.store.bare_loops import bare_key, keep_bare_loop
from tui_optim.store.datasets import SAMPLE_ROOT
from tui_optim.store.disk import Cleaning, DiskUse
from tui_optim.store.home import Home
from tui_optim.store.liveness import ProcessIdentity
from tui_optim.store.status import write_status
from tui_optim.ui.app import LabApp
from tui_optim.ui.look.surroundings import Surroundings
from tui_optim.ui.screens import system as system_screen
from tui_optim.ui.screens.fork import ForkScreen
from tui_optim.ui.screens.sweeps import SweepsScreen
from tui_optim.ui.screens.why import WhyScreen
from tui_optim.ui.screens.xray import XRayScreen

pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Can not relate snapshot")  # the names are ours, on purpose


class SvgExtension(SingleFileSnapshotExtension):
    """One SVG file for each picture, called by the picture's own name."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """The name that the test gives."""
        del test_location
        return str(index)


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compares with the picture of the same name."""
    return snapshot.use_extension(SvgExtension)


def _busy_home(home: Home) -> int:
    write_run(home, "sgd-baseline", rate=0.12)
    write_run(home, "adam", rate=0.9)
    write_run(home, "sgd", state="diverged", done=3, rate=0.3, reason="the loss is not finite at step 31")
    write_run(home, "nesterov", state="running", done=6, rate=0.6)
    write_run(home, "adamw", state="queued", done=0)
    return 5


def _home_of_rates(home: Home) -> int:
    write_run(home, "sgd", rate=0.4, lr=lambda _: 0.05)
    write_run(home, "sgd-cosine", state="running", done=7, rate=0.6, lr=lambda share: 0.05 * (1 + cos(pi * share)))
    return 2


def _home_of_long_runs(home: Home) -> int:
    write_long_run(home, "sgd", rate=0.3)
    write_long_run(home, "adam", rate=0.8, dies_after=8.6)
    return 2


def _home_of_seeds(home: Home) -> int:
    for seed in range(1, 6):
        write_run(home, "sgd", seed=seed, rate=0.4 + 0.02 * (seed % 3))
        write_run(home, "adam", seed=seed, rate=0.6 + 0.02 * (seed % 2))
    return 10


def _home_of_spread_seeds(home: Home) -> int:
    for seed in range(1, 6):
        write_run(home, "sgd", seed=seed, rate=0.2 + 0.03 * seed)
        write_run(home, "adam", seed=seed, rate=0.45 + 0.06 * seed)
    return 10


def _home_of_functions(home: Home) -> int:
    for scenario in ("quadratic-f1", "quadratic-f2"):
        write_descent(home, scenario, gradient_descent(0.05))
        write_descent(home, scenario, heavy_ball(0.03, 0.9))
        write_descent(home, scenario, sign_descent(0.01))
    return 6


def _home_of_scalars(home: Home) -> int:
    for seed in range(1, 6):
        write_noisy(home, lr=0.01, seed=seed)
        write_noisy(home, lr=0.1, seed=seed)
    return 10


def _home_of_films(home: Home) -> int:
    write_film(home, (0, BLANK), (4, RINGS), (8, RINGS), lr=0.1)
    return 1


def _home_of_images(home: Home) -> int:
    write_judged(home)
    return 1


def _home_of_sweeps(home: Home) -> None:
    write_sweep(
        home,
        [0.91, 0.78, 0.61, 0.52, 0.49, 0.66, "diverged", "diverged"],
        plan=make_plan(presets=("nesterov",), space={}, search="rate"),
        state="finished",
    )
    plan = make_plan(presets=("sgd", "nesterov", "adam"), space={"lr": (0.001, 0.01, 0.1, 1.0)}, title="Three methods")
    write_sweep(home, [1.76, 0.73, 0.61, 2.05, 0.74, 0.51, "pruned", "diverged", 0.45, "failed", "running"], plan=plan)


def _empty_home(home: Home) -> int:
    del home
    return 0


ADAM = ["slash", *"adam", "enter"]
EXERCISE = [
    *("tab", "2", "down", "down", "down", "full_stop", "5", "down", "full_stop", "2", "tab", "2", "0", "shift+tab"),
    *("down", "down", "full_stop", "0", "1", "down", "down", "full_stop", "9", "9"),
]
"""g 2, m 0.5, v 0.2 against 20, lr 0.01, β₂ 0.99."""
SIZES = {"80x24": (80, 24), "120x36": (120, 36)}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "furnish", "keys"),
    [
        ("first-start", _empty_home, []),
        ("busy", _busy_home, []),
        ("scenario", _empty_home, ["1", "3"]),
        ("charts", _busy_home, ["z"]),
        ("charts-rate", _home_of_rates, ["z", "m"]),
        ("charts-cursor", _home_of_long_runs, ["z", "full_stop", "full_stop", "plus", "shift+left", "shift+left", "n"]),
        ("bands", _home_of_spread_seeds, ["z", "v", "v", "v"]),
        ("race", _home_of_spread_seeds, ["r", "H", "H", "H", "H"]),
        ("race-replay", _home_of_spread_seeds, ["r", "space", "space", "0", "L", "L", "L", "L"]),
        ("race-targets", _home_of_spread_seeds, ["r", "x", "x", "t", "enter"]),
        ("edit", _empty_home, ["e", "j", "j", "enter"]),
        ("edit-schedule", _empty_home, ["e", *["j"] * 8, "enter", *["j"] * 5]),
        ("step", _empty_home, [*ADAM, "s", *EXERCISE, "escape", "b"]),
        ("explain", _empty_home, [*ADAM, "i"]),
        ("explain-schedule", _empty_home, ["i", "slash", *"cool", "enter"]),
        ("comparison", _home_of_seeds, ["c"]),
        ("export", _busy_home, ["w"]),
        ("help", _empty_home, ["question_mark"]),
        ("contour", _home_of_functions, ["6", "o", "H"]),
        ("rates", _home_of_functions, ["6", "o", "v"]),
        ("noise-floor", _home_of_scalars, ["6", "o"]),
        ("boundary", _home_of_films, ["6", "o"]),
        ("gallery", _home_of_images, ["o"]),
        ("mistakes", _home_of_images, ["6", "o"]),
        ("confusion", _home_of_images, ["6", "o", "v"]),
    ],
)
async def test_the_app_looks_as_agreed(
    home: Home,
    client: FakeClient,
    picture: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
    size: str,
    name: str,
    furnish: Callable[[Home], int],
    keys: list[str],
) -> None:
    """The screen equals the picture that was looked at."""
    num_runs = furnish(home)
    app = make_app(home, client)
    if name == "gallery":
        monkeypatch.setenv("TUI_OPTIM_DATA", str(SAMPLE_ROOT))
        del app.launcher.sources["fashion-mnist"]
    async with app.run_test(size=SIZES[size]) as pilot:
        await until_drawn(pilot, app, num_runs=num_runs)
        await pilot.press(*keys)
        await until_drawn(pilot, app, num_runs=num_runs)
        assert stable_svg(app.export_screenshot()) == picture(name=f"{name}-{size}")


async def test_the_verdict_looks_as_agreed(home: Home, client: FakeClient, picture: SnapshotAssertion) -> None:
    """Why a run died, over the main screen."""
    write_death(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZES["120x36"]) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6", "W")
        await until(pilot, lambda: isinstance(app.screen, WhyScreen), what="the verdict is shown")
        assert await still_svg(pilot, app) == picture(name="why-120x36")


async def test_an_early_end_looks_as_agreed(home: Home, client: FakeClient, picture: SnapshotAssertion) -> None:
    """Two runs of ten epochs, one of which its patience has ended after six: a mark on the axis, and what it means."""
    reason = "stopped early: val_loss 0.48 at epoch 3 was not bettered for 3 epochs"
    write_run(home, "sgd", scenario="mlp-fashion", rate=0.4)
    write_run(home, "adam", scenario="mlp-fashion", rate=0.9, done=6, reason=reason)
    app = make_app(home, client)
    async with app.run_test(size=SIZES["120x36"]) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("z")
        await until_drawn(pilot, app, num_runs=2)
        assert stable_svg(app.export_screenshot()) == picture(name="early-end-120x36")


class StillMachine(SystemMeter):
    """A machine that always does the same."""

    run_ids: tuple[str, ...] = ()
    """What its worker trains."""

    def read(self, owners: Mapping[str, ProcessIdentity]) -> SystemReading:
        """Two CPUs, a GPU, and what trains there."""
        del owners
        worker = ProcessReading(pid=4711, role="worker", run_ids=self.run_ids, cores=0.98, memory_mib=912.0)
        gpu = AcceleratorReading(
            name="NVIDIA H100 80GB HBM3",
            utilisation=0.63,
            memory_mib=1843.0,
            memory_total_mib=81559.0,
            temperature_c=41.0,
            power_w=182.0,
        )
        return SystemReading(
            cpus=2,
            busy_cpus=1.31,
            memory_mib=4096.0,
            memory_total_mib=16384.0,
            disk_free_mib=51200.0,
            accelerators=(gpu,),
            processes=(worker,),
        )


@pytest.mark.parametrize("size", SIZES)
async def test_the_system_looks_as_agreed(
    home: Home, client: FakeClient, picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch, size: str
) -> None:
    """Machine, workers, a run against its limit, and what the disk holds."""
    run = write_run(home, "nesterov", state="running", done=6, rate=0.6)
    status = replace(run.status, device="cuda: NVIDIA H100 80GB HBM3", threads=2, energy_j=18_300.0)
    write_status(run.folder.status, status)
    keep_bare_loop(home, bare_key(run.info.spec, device=status.device, threads=2), 31_200.0)
    use = DiskUse(
        num_runs=212, runs=34 << 20, checkpoints=811 << 20, num_sweeps=3, sweeps=1 << 20, others=200_000, cache=80 << 20
    )
    removable = Cleaning(run_ids=("a",) * 190, num_files=571, freed_bytes=730 << 20)
    monkeypatch.setattr(system_screen, "disk_use", lambda _: use)
    monkeypatch.setattr(system_screen, "cleaning", lambda _, **__: removable)
    monkeypatch.setattr("tui_optim.runs.system.SystemMeter", StillMachine)
    monkeypatch.setattr(StillMachine, "run_ids", (run.run_id,))
    app = make_app(home, client)
    async with app.run_test(size=SIZES[size]) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("H")
        await until(
            pilot, lambda: app.screen.query("#speeds") and app.screen.query_one("#speeds").display, what="speeds"
        )
        await until(
            pilot, lambda: is_shown(app, "memory") and is_shown(app, "bare loop"), what="the tables are not drawn"
        )
        assert await still_svg(pilot, app) == picture(name=f"system-{size}")


@pytest.mark.parametrize("size", SIZES)
async def test_the_xray_looks_as_agreed(home: Home, client: FakeClient, picture: SnapshotAssertion, size: str) -> None:
    """Four panels, or one."""
    write_xrayed(home, "nesterov")
    app = make_app(home, client)
    async with app.run_test(size=SIZES[size]) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6", "I")
        await until(pilot, lambda: isinstance(app.screen, XRayScreen) and app.screen.is_settled, what="it is read")
        assert await still_svg(pilot, app) == picture(name=f"xray-{size}")


LOOKS: dict[str, tuple[str, bool]] = {
    "dark": ("dark", False),
    "light": ("light", False),
    "safe-light": ("safe-light", False),
    "16-dark": ("16-dark", False),
    "ascii": ("dark", True),
}
"""Theme, and whether there is nothing but ASCII."""


@pytest.mark.parametrize("name", LOOKS)
async def test_eight_runs_are_told_apart(home: Home, client: FakeClient, picture: SnapshotAssertion, name: str) -> None:
    """By colour and by marker, in themes of every kind."""
    for number, preset in enumerate(("sgd-baseline", "sgd", "sgd-cosine", "nesterov", "adam", "adamw", "rmsprop")):
        write_run(home, preset, rate=0.12 + 0.1 * number)
    write_run(home, "adam", rate=0.9, epochs=11)
    theme, is_ascii = LOOKS[name]
    settings, surroundings = Settings(theme=theme, tour=False), Surroundings(is_ascii_asked=is_ascii)
    app = make_app(home, client, settings=settings, surroundings=surroundings)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=8)
        await pilot.press("6", *["space", "down"] * 8)
        await until_drawn(pilot, app, num_runs=8)
        assert stable_svg(app.export_screenshot()) == picture(name=f"eight-runs-{name}")


@pytest.mark.parametrize("size", SIZES)
async def test_forks_look_as_agreed(home: Home, client: FakeClient, picture: SnapshotAssertion, size: str) -> None:
    """A family below its parent and on the charts, each with its branch marked; the dialog where room is scarce."""
    parent = write_run(home, "sgd", rate=0.25)
    for epoch in (2, 5, 10):
        keep_checkpoint(parent, epoch, stays=epoch < 10)
    child = write_fork(home, parent, "adam", epochs=10, rate=0.4, at="2")
    keep_checkpoint(child, 6)
    write_fork(home, child, "sgd-cosine", epochs=12, rate=0.45, at="6")
    write_fork(home, parent, "nesterov", epochs=10, rate=0.32, at="5")
    app = make_app(home, client)
    async with app.run_test(size=SIZES[size]) as pilot:
        await until_drawn(pilot, app, num_runs=4)
        await pilot.press("6")
        if size == "80x24":
            await pilot.press("j", "j", "F")
            await until(pilot, lambda: isinstance(app.screen, ForkScreen), what="F asks")
        else:
            await pilot.press("space", "j", "space", "j", "space", "j", "space")
            await until_drawn(pilot, app, num_runs=4)
        assert await still_svg(pilot, app) == picture(name=f"forks-{size}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "keys"),
    [("sweeps", ["enter"]), ("sweep-table", ["enter", "v"]), ("sweep-rates", ["j", "enter"]), ("new-sweep", ["n"])],
)
async def test_sweeps_look_as_agreed(
    home: Home,
    client: FakeClient,
    picture: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
    size: str,
    name: str,
    keys: list[str],
) -> None:
    """A live map that is half filled, its table, a rate that was tuned, and the form."""
    monkeypatch.setenv("TUI_OPTIM_CONFIG", str(home.root / "config"))
    _home_of_sweeps(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZES[size]) as pilot:
        await until_drawn(pilot, app, num_runs=19)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, SweepsScreen) and app.screen.pane.picture, what="a sweep")
        for key in keys:
            await pilot.press(key)
            await until_still(pilot, app)  # the pane follows the list, the form its own words
        await until(pilot, lambda: _is_said(app), what="all is said")
        assert await still_svg(pilot, app) == picture(name=f"{name}-{size}")


def _is_said(app: LabApp) -> bool:
    """Whether the form, if it is open, tells what it would start."""
    return all(str(line.content) for line in app.screen.query("#sweep-outcome").results(Static))
