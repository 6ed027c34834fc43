"""Learning-rate schedules: the factor on the base rate as a pure function of the step.

`s` counts optimizer steps from 0, `e = s / steps_per_epoch` epochs, `T` is the length of the run; one function serves
the engine, the preview and the chart. Only `plateau` looks at a result and therefore lives with the training loop.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui_optim.spec.errors import unknown
from tui_optim.spec.hyperparameters import Hyperparameter, Value
from tui_optim.spec.rule import Rule

Factor = Callable[[int], float]
"""Maps the step index (from 0) to the factor on the base learning rate; after the run's end it stays defined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLength:
    """How long a run is, in steps."""

    num_steps: int
    steps_per_epoch: int


def _number(
    name: str, default: float, help_text: str, *, minimum: float = 0.0, maximum: float = float("inf")
) -> Hyperparameter:
    return Hyperparameter(name=name, default=default, help=help_text, minimum=minimum, maximum=maximum)


def _count(name: str, default: int, help_text: str, *, minimum: int = 0) -> Hyperparameter:
    return Hyperparameter(name=name, kind="int", default=default, help=help_text, minimum=minimum, maximum=100_000)


_WARMUP = _number("warmup", 0.0, "share of the run with a linear rise from 0", maximum=1.0)
_FINAL = _number("final", 0.0, "factor at the end of the run", maximum=1.0)
_GAMMA = "factor γ of each decay"

SCHEDULES: dict[str, Rule] = {
    schedule.id: schedule
    for schedule in (
        Rule(id="constant", name="Constant", formula="η(s) = η₀", source="Robbins & Monro 1951", parameters=()),
        Rule(
            id="step",
            name="Step decay",
            formula="η(e) = η₀ γ^⌊e / k⌋",
            source="Krizhevsky, Sutskever & Hinton 2012 (by hand); torch StepLR",
            parameters=(
                _count("every", 3, "epochs k between decays", minimum=1),
                _number("gamma", 0.5, _GAMMA, maximum=1.0),
            ),
        ),
        Rule(
            id="exponential",
            name="Exponential decay",
            formula="η(e) = η₀ e^(−λ e)",
            source="Senior et al. 2013, ICASSP; torch ExponentialLR with γ = e^(−λ)",
            parameters=(_number("rate", 0.2, "decay λ per epoch", maximum=100.0),),
        ),
        Rule(
            id="inverse-time",
            name="1/t decay",
            formula="η(e) = η₀ / (1 + k e)",
            source="Robbins & Monro 1951; Bottou, Curtis & Nocedal 2018, arXiv 1606.04838 (diminishing rates)",
            parameters=(_number("rate", 0.5, "k per epoch", maximum=1e6),),
        ),
        Rule(
            id="polynomial",
            name="Polynomial decay",
            formula="η(s) = η₀ [f + (1 − f) (1 − s/T)^p]",
            source='Chen et al. 2017, arXiv 1606.00915 ("poly"); torch PolynomialLR',
            parameters=(_number("power", 1.0, "exponent p", maximum=20.0), _FINAL, _WARMUP),
            depends_on_length=True,
        ),
        Rule(
            id="cosine",
            name="Cosine",
            formula=(
                "η(s) = η₀ [f + (1 − f) (1 + cos(π s/T)) / 2]\ns, T from the end of a linear warm-up over a share w"
            ),
            source="Loshchilov & Hutter 2017, arXiv 1608.03983",
            parameters=(_WARMUP, _FINAL),
            depends_on_length=True,
        ),
        Rule(
            id="cosine-restarts",
            name="Cosine with warm restarts",
            formula="η(e) = η₀ [f + (1 − f) (1 + cos(π eᵢ/Tᵢ)) / 2]\neᵢ epochs since the last restart,  Tᵢ₊₁ = m Tᵢ",
            source="Loshchilov & Hutter 2017, arXiv 1608.03983",
            parameters=(
                _count("period", 3, "epochs T₀ of the first cycle", minimum=1),
                _count("multiplier", 2, "growth m of the cycles", minimum=1),
                _FINAL,
            ),
        ),
        Rule(
            id="one-cycle",
            name="One cycle",
            formula="η rises from η₀/d to η₀ over a share p of the run,\nthen falls to η₀/(d·D), both along a cosine",
            source="Smith & Topin 2018, arXiv 1708.07120; torch OneCycleLR",
            parameters=(
                _number("rise", 0.3, "share p of the run that rises", maximum=1.0),
                _number("start_divisor", 25.0, "d: start rate is η₀/d", minimum=1.0),
                _number("final_divisor", 1e4, "D: last rate is η₀/(d·D)", minimum=1.0),
            ),
            depends_on_length=True,
        ),
        Rule(
            id="warmup-cooldown",
            name="Warm-up and cool-down",
            formula=(
                "η rises linearly over a share w of the run,\nstays at η₀, then falls linearly to f η₀ over a share c"
            ),
            source="Goyal et al. 2017, arXiv 1706.02677 (warm-up); Zhai et al. 2022, arXiv 2106.04560 (cool-down)",
            parameters=(
                _number("warmup", 0.1, "share w of the run that rises", maximum=1.0),
                _number("cooldown", 0.4, "share c of the run that falls", maximum=1.0),
                _FINAL,
            ),
            depends_on_length=True,
        ),
        Rule(
            id="plateau",
            name="Reduce on plateau",
            formula=(
                "η ← γ η after more than p epochs without a lower loss\n(validation where there is one, else training)"
            ),
            source="Krizhevsky, Sutskever & Hinton 2012 (by hand); torch ReduceLROnPlateau",
            parameters=(
                _number("gamma", 0.3, _GAMMA, maximum=1.0),
                _count("patience", 1, "epochs p without progress"),
                _number("threshold", 1e-3, "relative progress that counts", maximum=1.0),
            ),
        ),
    )
}


def find_schedule(schedule_id: str) -> Rule:
    """Look a schedule up; raises UsageError with the nearest valid name."""
    if schedule_id not in SCHEDULES:
        raise unknown("schedule", schedule_id, SCHEDULES)
    return SCHEDULES[schedule_id]


def schedule_factor(schedule_id: str, parameters: Mapping[str, Value], length: RunLength) -> Factor:
    """Return the factor function of a schedule whose parameters have been checked and completed.

    `plateau` depends on results and returns the constant 1 here; the training loop multiplies its own factor.
    """
    values = {name: float(value) for name, value in parameters.items() if not isinstance(value, str)}
    return _FACTORS[schedule_id](values, length)


def _constant(_: Mapping[str, float], __: RunLength) -> Factor:
    return lambda _step: 1.0


def _step(p: Mapping[str, float], length: RunLength) -> Factor:
    return lambda s: p["gamma"] ** (s // length.steps_per_epoch // int(p["every"]))


def _exponential(p: Mapping[str, float], length: RunLength) -> Factor:
    return lambda s: math.exp(-p["rate"] * s / length.steps_per_epoch)


def _inverse_time(p: Mapping[str, float], length: RunLength) -> Factor:
    return lambda s: 1.0 / (1.0 + p["rate"] * s / length.steps_per_epoch)


def _polynomial(p: Mapping[str, float], length: RunLength) -> Factor:
    return _after_warmup(p["warmup"], length, lambda t: p["final"] + (1.0 - p["final"]) * (1.0 - t) ** p["power"])


def _cosine(p: Mapping[str, float], length: RunLength) -> Factor:
    return _after_warmup(p["warmup"], length, lambda t: _half_cosine(1.0, p["final"], t))


def _cosine_restarts(p: Mapping[str, float], length: RunLength) -> Factor:
    def factor(s: int) -> float:
        position, period, multiplier = s, int(p["period"]) * length.steps_per_epoch, int(p["multiplier"])
        if multiplier == 1:
            return _half_cosine(1.0, p["final"], s % period / period)
        while position >= period:
            position -= period
            period *= multiplier
        return _half_cosine(1.0, p["final"], position / period)

    return factor


def _one_cycle(p: Mapping[str, float], length: RunLength) -> Factor:
    start = 1.0 / p["start_divisor"]
    top = p["rise"] * length.num_steps - 1
    last = length.num_steps - 1

    def factor(s: int) -> float:
        if s <= top:
            return _half_cosine(start, 1.0, s / top if top > 0 else 1.0)
        return _half_cosine(1.0, start / p["final_divisor"], (s - top) / (last - top) if s < last else 1.0)

    return factor


def _warmup_cooldown(p: Mapping[str, float], length: RunLength) -> Factor:
    def after(s: int) -> float:
        left = max(0, length.num_steps - s) / length.num_steps
        if p["cooldown"] > 0 and left < p["cooldown"]:
            return p["final"] + (1.0 - p["final"]) * left / p["cooldown"]
        return 1.0

    warmup_steps = p["warmup"] * length.num_steps
    return lambda s: min(after(s), (s + 1) / warmup_steps if warmup_steps > 0 else 1.0)


def _after_warmup(warmup: float, length: RunLength, decay: Callable[[float], float]) -> Factor:
    warmup_steps = round(warmup * length.num_steps)
    rest = max(1, length.num_steps - warmup_steps)

    def factor(s: int) -> float:
        if s < warmup_steps:
            return (s + 1) / warmup_steps
        return decay(min(1.0, (s - warmup_steps) / rest))

    return factor


def _half_cosine(start: float, end: float, t: float) -> float:
    return end + (start - end) * (1.0 + math.cos(math.pi * t)) / 2.0


_FACTORS: dict[str, Callable[[Mapping[str, float], RunLength], Factor]] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    "inverse-time": _inverse_time,
    "polynomial": _polynomial,
    "cosine": _cosine,
    "cosine-restarts": _cosine_restarts,
    "one-cycle": _one_cycle,
    "warmup-cooldown": _warmup_cooldown,
    "plateau": _constant,
}
