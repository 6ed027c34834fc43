"""What pictures cost: processor time to draw one at 120×36, and what a run on circles spends on its film."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.measure import describe, machine
from tests.image_runs import write_judged
from tests.small_runs import RINGS, gradient_descent, heavy_ball, sign_descent, write_descent, write_film
from tests.ui.stage import FakeClient, make_app, until_drawn
from tui_optim.engine.film import Camera, weights_of
from tui_optim.engine.hand_written import CirclesNetwork
from tui_optim.spec.pictures import Film, Frame
from tui_optim.store.home import Home, open_home
from tui_optim.store.pictures import write_picture
from tui_optim.ui.screens.gallery import GalleryScreen
from tui_optim.ui.screens.timed import TimedScreen

ROUNDS = 40
SIZE = (120, 36)
LIMIT_MS = 30
"""A redraw may take this much processor time (the median)."""


def main() -> None:
    """Each picture, drawn again and again at different places in time, as in a replay."""
    print(f"pictures; {machine()}")
    for name, keys, furnish in (
        ("contour, two functions × three paths of 2,000 steps", ["6", "o"], _functions),
        ("gaps with theory, the same runs", ["6", "o", "v"], _functions),
        ("decision boundary with its chart", ["6", "o"], _films),
        ("ten mistakes", ["6", "o"], _images),
        ("confusion matrix", ["6", "o", "v"], _images),
        ("one image of each class", ["6", "o", "v", "v"], _images),
    ):
        costs = asyncio.run(_redraws(keys, furnish))
        verdict = "" if 1000 * statistics.median(costs) <= LIMIT_MS else f"  above {LIMIT_MS} ms"
        print(f"redraw of {name}, CPU time: {describe(costs, unit='ms', scale=1000)}{verdict}")
    _films_of_training()


async def _redraws(keys: list[str], furnish: Callable[[Home], int]) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home")
        num_runs = furnish(home)
        app = make_app(home, FakeClient(home))
        async with app.run_test(size=SIZE) as pilot:
            await until_drawn(pilot, app, num_runs=num_runs)
            await pilot.press(*keys)
            await until_drawn(pilot, app, num_runs=num_runs)
            return [_redraw(app.screen, number / ROUNDS) for number in range(ROUNDS)]


def _redraw(screen: object, share: float) -> float:
    if isinstance(screen, TimedScreen):
        screen.timeline.go_to(share * screen.timeline.finish)
    elif isinstance(screen, GalleryScreen):
        screen.page, screen._drawn = int(share * screen.num_pages), None
    began = time.thread_time()
    if isinstance(screen, TimedScreen):
        screen.draw()
    elif isinstance(screen, GalleryScreen):
        screen._draw()
    return time.thread_time() - began


def _films_of_training() -> None:
    """What a worker spends on the film of a run, off the training clock: at most two writes a second, and few frames."""
    model, camera = CirclesNetwork(), Camera()
    takes, writes = [], []
    for epoch in range(33):
        began = time.perf_counter()
        camera.take(epoch, 20 * epoch, weights_of(model))
        takes.append(time.perf_counter() - began)
    with tempfile.TemporaryDirectory() as folder:
        run = write_film(open_home(Path(folder)), (1, RINGS))
        film = Film(frames=tuple(Frame(epoch=epoch, step=epoch, weights=RINGS) for epoch in range(33)))
        for _ in range(ROUNDS):
            began = time.perf_counter()
            write_picture(run.folder, film)
            writes.append(time.perf_counter() - began)
        size = run.folder.film.stat().st_size
    print(f"a frame of a film: {describe(takes, unit='µs', scale=1e6)}")
    print(f"a film of 33 frames, {size:,} bytes, written: {describe(writes, unit='ms', scale=1000)}")


def _functions(home: Home) -> int:
    for scenario in ("quadratic-f1", "quadratic-f2"):
        for method in (gradient_descent(0.002), heavy_ball(0.001, 0.9), sign_descent(0.001)):
            write_descent(home, scenario, method, num_steps=2000)
    return 6


def _films(home: Home) -> int:
    write_film(home, *((epoch, RINGS) for epoch in range(33)))
    return 1


def _images(home: Home) -> int:
    write_judged(home)
    return 1
