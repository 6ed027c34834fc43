"""Gaps of runs where the minimum is known, step by step, and beside each what theory says of its method."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui_optim.report.series import RunSeries
from tui_optim.report.theory import (
    expected_gap,
    gradient_descent_factor,
    heavy_ball_factor,
    measured_factor,
    noise_floor,
)
from tui_optim.spec.quadratics import Quadratic
from tui_optim.spec.run import RunSpec

PRECISION = 1e-16
"""A gap this many times smaller than that of the start is as good as none: further down there is nothing to see."""
GROWTH = 1e3
"""A gap this many times larger is that of a run that diverges."""
MEAN_POINTS = 60
"""Of the expected gap: straight lines between them cannot be told from the curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theory:
    """A line that theory draws over steps."""

    kind: str
    """'rate', 'mean' or 'floor'."""
    words: str
    steps: Sequence[float]
    gaps: Sequence[float]


def theories(spec: RunSpec, *, num_steps: float) -> list[Theory]:
    """What is known of a method on the scenario's quadratic, up to this step; nothing where theory has no simple word.

    On a function of one example gradient descent and heavy ball fall, in the long run, by a factor of ρ² in every step, ρ the
    largest of their factors along the eigenvectors. On a mean of several, SGD of one random example stays at its noise floor.
    """
    quadratic = spec.scenario_info.quadratic
    if quadratic is None or num_steps <= 0 or not _is_plain(spec):
        return []
    if len(quadratic.start) == 1:
        return _noisy(spec, num_steps)
    rho = long_run_factor(spec)
    if rho is None:
        return []
    start = quadratic.gap(quadratic.start)
    end = _power(rho, 2 * num_steps) * start
    return [Theory(kind="rate", words=f"ρ² a step {rho * rho:.6g}", steps=(0.0, num_steps), gaps=(start, end))]


def gap_limits(quadratic: Quadratic, gaps: Iterable[float]) -> tuple[float, float]:
    """Smallest and largest gap to show, so that neither a solved nor a diverging run hides the others."""
    start = quadratic.gap(quadratic.start)
    seen = [start, *(gap for gap in gaps if gap > 0)]
    low, high = max(min(seen), PRECISION * start), min(max(seen), GROWTH * start)
    return (low, high) if low < high else (low / 10, high * 10)


def long_run_factor(spec: RunSpec) -> float | None:
    """ρ: what the distance to the minimum is multiplied by in a step, in the long run; None for methods without such a number."""
    quadratic = spec.scenario_info.quadratic
    if quadratic is None or not _is_plain(spec):
        return None
    rate, momentum = _rate_and_momentum(spec)
    if momentum:
        return max(heavy_ball_factor(rate, momentum, value) for value in quadratic.eigenvalues)
    return max(abs(gradient_descent_factor(rate, value)) for value in quadratic.eigenvalues)


def measured_rate(spec: RunSpec, series: RunSeries) -> float | None:
    """ρ² as a run had it: along the eigenvector on which it was slowest, over the last half of its steps before round-off.

    The gap itself falls faster until nothing is left of the steeper direction. None for methods that theory has no ρ for, and
    before there are enough steps.
    """
    quadratic = spec.scenario_info.quadratic
    if quadratic is None or len(quadratic.start) == 1 or long_run_factor(spec) is None or not series.path:
        return None
    steps = series.curve("gap", "train", "step")[0][-len(series.path) :]
    places = [quadratic.along_eigenvectors(point) for point in (quadratic.start, *series.path)]
    factors = [measured_factor((0.0, *steps), distances) for distances in zip(*places, strict=True)]
    found = [factor for factor in factors if factor is not None]
    return max(found) ** 2 if found else None


MEASURED = "along the eigenvector on which the run was slowest, over the last half of its steps"
"""What a measured rate is, for notes."""


def _noisy(spec: RunSpec, num_steps: float) -> list[Theory]:
    """SGD of one example, drawn anew at every step."""
    quadratic, (rate, momentum) = spec.scenario_info.quadratic, _rate_and_momentum(spec)
    assert quadratic is not None
    if momentum or spec.batch_size != 1 or not spec.hyperparameters.get("replacement", False):
        return []
    (eigenvalue,), variance = quadratic.eigenvalues, quadratic.minimum
    floor = noise_floor(rate, eigenvalue=eigenvalue, variance=variance)
    if not math.isfinite(floor):
        return []
    steps = [round(num_steps * number / MEAN_POINTS) for number in range(MEAN_POINTS + 1)]
    start = quadratic.gap(quadratic.start)
    gaps = [expected_gap(step, rate, eigenvalue=eigenvalue, variance=variance, start_gap=start) for step in steps]
    return [
        Theory(kind="mean", words="expected", steps=[float(step) for step in steps], gaps=gaps),
        Theory(kind="floor", words=f"noise floor {floor:.2g}", steps=(0.0, num_steps), gaps=(floor, floor)),
    ]


def _rate_and_momentum(spec: RunSpec) -> tuple[float, float]:
    """η and μ of the form v ← μ v + g; θ ← θ − η v, which the running mean of gradients has with η (1 − β)."""
    values = spec.hyperparameters
    rate = float(values["lr"])
    if spec.optimizer == "momentum-ema":
        beta = float(values["beta"])
        return rate * (1 - beta), beta
    return rate, float(values.get("momentum", 0.0))


def _is_plain(spec: RunSpec) -> bool:
    """Whether it is gradient descent or heavy ball at a constant rate, on the objective itself."""
    values = spec.hyperparameters
    is_one = spec.optimizer in ("sgd", "sgd-by-hand", "momentum-ema")
    changes = [values.get(name) for name in ("weight_decay", "nesterov", "dampening")]
    return is_one and not any(changes) and spec.schedule == "constant" and not spec.averaging


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
