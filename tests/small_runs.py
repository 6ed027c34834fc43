"""Runs on small problems as a worker would have left them, computed here in plain Python."""

import math
from collections.abc import Callable, Iterator
from random import Random

from tests.factories import STEPS_PER_EPOCH, make_preset, make_result, make_run, make_spec, make_started
from tests.ui.stage import NOON, rewrite_log
from tui_optim.spec.events import Ended, EpochEnded, Event, Progress, RunState
from tui_optim.spec.generated import uniform_numbers
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.pictures import Film, Frame
from tui_optim.spec.presets import Preset
from tui_optim.spec.quadratics import Quadratic
from tui_optim.spec.results import Cost, EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.store.pictures import write_picture

Point = tuple[float, ...]
Rule = Callable[[Point, Point], Point]
"""From parameters and gradient to the next parameters."""


def small_preset(preset_id: str, optimizer: str, batch_size: int = 1, **values: Value) -> Preset:
    """A preset that is in no library."""
    preset = make_preset(preset_id, optimizer=optimizer, hyperparameters=values)
    return preset.model_copy(update={"batch_size": batch_size})


def gradient_descent(lr: float) -> tuple[Preset, Rule]:
    """θ ← θ − η g."""
    rule: Rule = lambda point, slope: tuple(x - lr * g for x, g in zip(point, slope, strict=True))  # noqa: E731
    return small_preset("batch-gd", "sgd", lr=lr), rule


def heavy_ball(lr: float, momentum: float) -> tuple[Preset, Rule]:
    """v ← μ v + g; θ ← θ − η v."""
    velocity = [0.0, 0.0]

    def rule(point: Point, slope: Point) -> Point:
        velocity[:] = [momentum * v + g for v, g in zip(velocity, slope, strict=True)]
        return tuple(x - lr * v for x, v in zip(point, velocity, strict=True))

    return small_preset("heavy-ball", "sgd", lr=lr, momentum=momentum), rule


def sign_descent(lr: float) -> tuple[Preset, Rule]:
    """θ ← θ − η sign g: what Adam and RMSProp do at first."""
    rule: Rule = lambda point, slope: tuple(x - math.copysign(lr, g) for x, g in zip(point, slope, strict=True))  # noqa: E731
    return small_preset("adam", "adam", lr=lr), rule


def path(quadratic: Quadratic, rule: Rule, *, num_steps: int) -> list[Point]:
    """Where a rule goes, with the exact gradient H (θ − θ*)."""
    points: list[Point] = [quadratic.start]
    for _ in range(num_steps):
        away = [x - best for x, best in zip(points[-1], quadratic.minimiser, strict=True)]
        slope = tuple(sum(h * x for h, x in zip(row, away, strict=True)) for row in quadratic.hessian)
        points.append(rule(points[-1], slope))
    return points


def noisy_path(lr: float, *, seed: int, num_steps: int) -> list[Point]:
    """SGD of one random number a step, from 0."""
    random = Random(seed)
    points: list[Point] = [(0.0,)]
    for _ in range(num_steps):
        points.append((points[-1][0] - lr * 2 * (points[-1][0] - random.choice(uniform_numbers())),))
    return points


def write_descent(
    home: Home, scenario: str, method: tuple[Preset, Rule], *, num_steps: int = 200, is_running: bool = False
) -> StoredRun:
    """A run on a quadratic of two parameters, with a point and a gap at every step."""
    preset, rule = method
    spec = make_spec(scenario, preset, epochs=num_steps)
    quadratic = spec.scenario_info.quadratic
    assert quadratic is not None
    return write_points(home, spec, path(quadratic, rule, num_steps=num_steps), is_running=is_running)


def write_noisy(home: Home, *, lr: float, seed: int, num_steps: int = 200) -> StoredRun:
    """A run of scalar SGD."""
    preset = small_preset("sgd-by-hand", "sgd-by-hand", lr=lr, replacement=True)
    spec = make_spec("scalar-mean", preset, seed=seed, epochs=2, overrides={"lr": lr})
    return write_points(home, spec, noisy_path(lr, seed=seed, num_steps=num_steps))


def write_points(home: Home, spec: RunSpec, points: list[Point], *, is_running: bool = False) -> StoredRun:
    """A run folder whose parameters were there after each step, the first of them the start."""
    quadratic = spec.scenario_info.quadratic
    assert quadratic is not None
    results = [_result(quadratic, points, number) for number in (0, len(points) - 1)]
    run = make_run(home, spec, state="running" if is_running else "finished", results=results)
    events = [
        make_started(spec),
        EpochEnded(result=results[0]),
        *_bins(quadratic, points),
        EpochEnded(result=results[1]),
    ]
    ended = [] if is_running else [Ended(state="finished", final=results[-1])]
    rewrite_log(run.folder, [*events, *ended], started_at=NOON)
    return run


RINGS = (
    *(value for k in range(10) for value in (5 * math.cos(math.tau * k / 10), 5 * math.sin(math.tau * k / 10))),
    *((-3.7,) * 10),
    *((0.0,) * 10),
    *((1.0,) * 10),
    0.0,
    9.0,
)
"""Weights of a circles network made by hand: ten half-planes around the origin; class 1 is outside of any of them."""
BLANK = (0.0,) * 52
"""Weights that say nothing: class 0 everywhere."""


def write_film(
    home: Home,
    *frames: tuple[int, tuple[float, ...]],
    state: RunState = "finished",
    lr: float = 0.1,
    reason: str = "",
    preset_id: str = "sgd-by-hand",
) -> StoredRun:
    """A run on circles with a film of (epoch, weights)."""
    preset = small_preset("sgd-by-hand", "sgd-by-hand", 10, lr=lr).model_copy(update={"id": preset_id})
    spec = make_spec("circles", preset, epochs=frames[-1][0] or 1, overrides={"lr": lr})
    results = [
        make_result(spec, epoch, test_accuracy=0.5 + 0.4 * epoch / spec.epochs) for epoch in range(spec.epochs + 1)
    ]
    run = make_run(home, spec, state=state, results=results, reason=reason)
    film = Film(frames=tuple(Frame(epoch=epoch, step=20 * epoch, weights=weights) for epoch, weights in frames))
    write_picture(run.folder, film)
    return run


def _bins(quadratic: Quadratic, points: list[Point]) -> Iterator[Event]:
    for step, point in enumerate(points[1:], start=1):
        yield Progress(
            step=step,
            epoch=(step - 1) // STEPS_PER_EPOCH + 1,
            loss=quadratic.value(point),
            lr=0.1,
            train_time_s=0.001 * step,
            effective_epochs=float(step),
            gap=quadratic.gap(point),
            point=point,
        )


def _result(quadratic: Quadratic, points: list[Point], step: int) -> EpochResult:
    return EpochResult(
        epoch=step,
        step=step,
        elapsed_s=0.001 * step,
        train_time_s=0.001 * step,
        lr=0.1,
        train_loss=quadratic.value(points[step]),
        gap=quadratic.gap(points[step]),
        effective_epochs=float(step),
        cost=Cost(examples_forward_backward=step, optimizer_steps=step),
    )
