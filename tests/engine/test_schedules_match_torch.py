"""Each closed form gives, step by step, the rate that torch's own scheduler sets."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import LRScheduler

from tui_optim.spec.presets import check_schedule
from tui_optim.spec.schedules import SCHEDULES, RunLength, schedule_factor

LR = 0.3
LENGTH = RunLength(num_steps=210, steps_per_epoch=30)
MakeScheduler = Callable[[torch.optim.Optimizer], LRScheduler]


def _ours(kind: str, length: RunLength = LENGTH, **values: Any) -> list[float]:
    schedule, parameters = check_schedule({"kind": kind, **values})
    factor = schedule_factor(schedule, parameters, length)
    return [LR * factor(step) for step in range(length.num_steps)]


def _torchs(make: MakeScheduler, num_steps: int = LENGTH.num_steps) -> list[float]:
    """The rate of each step; torch's scheduler is stepped between the steps."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)
    scheduler = make(optimizer)
    rates = [float(optimizer.param_groups[0]["lr"])]
    for _ in range(num_steps - 1):
        optimizer.step()
        scheduler.step()
        rates.append(float(optimizer.param_groups[0]["lr"]))
    return rates


def _assert_equal(ours: list[float], torchs: list[float]) -> None:
    assert ours == pytest.approx(torchs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("every", "gamma"), [(1, 0.5), (2, 0.1), (3, 0.9), (100, 0.5)])
def test_step_decay_is_step_lr(every: int, gamma: float) -> None:
    """StepLR with its period in steps."""
    torchs = _torchs(lambda o: lr_scheduler.StepLR(o, step_size=every * LENGTH.steps_per_epoch, gamma=gamma))

    _assert_equal(_ours("step", every=every, gamma=gamma), torchs)


@pytest.mark.parametrize("rate", [0.0, 0.2, 3.0])
def test_exponential_decay_is_exponential_lr_at_the_epoch_marks(rate: float) -> None:
    """ExponentialLR with γ = e^(−λ), stepped once an epoch, and between the marks with γ per step."""
    marks = _ours("exponential", rate=rate)[:: LENGTH.steps_per_epoch]

    _assert_equal(marks, _torchs(lambda o: lr_scheduler.ExponentialLR(o, gamma=math.exp(-rate)), len(marks)))
    gamma = math.exp(-rate / LENGTH.steps_per_epoch)
    _assert_equal(_ours("exponential", rate=rate), _torchs(lambda o: lr_scheduler.ExponentialLR(o, gamma=gamma)))


@pytest.mark.parametrize("rate", [0.0, 0.5, 20.0])
def test_inverse_time_decay_is_its_lambda(rate: float) -> None:
    """torch has no class for 1/t decay: LambdaLR with the published formula."""
    torchs = _torchs(lambda o: lr_scheduler.LambdaLR(o, lambda s: 1 / (1 + rate * s / LENGTH.steps_per_epoch)))

    _assert_equal(_ours("inverse-time", rate=rate), torchs)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_polynomial_decay_is_polynomial_lr(power: float) -> None:
    """PolynomialLR over the whole run, to 0."""
    torchs = _torchs(lambda o: lr_scheduler.PolynomialLR(o, total_iters=LENGTH.num_steps, power=power))

    _assert_equal(_ours("polynomial", power=power), torchs)


@pytest.mark.parametrize("final", [0.0, 0.1, 1.0])
def test_linear_decay_to_a_share_is_linear_lr(final: float) -> None:
    """Power 1 with a final factor is LinearLR from 1 to that factor."""
    torchs = _torchs(
        lambda o: lr_scheduler.LinearLR(o, start_factor=1.0, end_factor=final, total_iters=LENGTH.num_steps)
    )

    _assert_equal(_ours("polynomial", power=1.0, final=final), torchs)


@pytest.mark.parametrize("final", [0.0, 0.1, 1.0])
def test_cosine_is_cosine_annealing_lr(final: float) -> None:
    """CosineAnnealingLR over the whole run."""
    torchs = _torchs(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=LENGTH.num_steps, eta_min=final * LR))

    _assert_equal(_ours("cosine", final=final), torchs)


def test_warm_up_then_cosine_is_linear_lr_then_cosine_annealing_lr() -> None:
    """SequentialLR of LinearLR from 1/w to 1 and of CosineAnnealingLR over the rest of the run."""
    num_warmup = 21

    def make(optimizer: torch.optim.Optimizer) -> LRScheduler:
        rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / num_warmup, total_iters=num_warmup - 1)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, T_max=LENGTH.num_steps - num_warmup)
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[num_warmup])

    _assert_equal(_ours("cosine", warmup=0.1), _torchs(make))


@pytest.mark.parametrize(("period", "multiplier", "final"), [(1, 1, 0.0), (1, 2, 0.0), (2, 3, 0.05), (7, 1, 0.0)])
def test_restarts_are_cosine_annealing_warm_restarts(period: int, multiplier: int, final: float) -> None:
    """CosineAnnealingWarmRestarts with its first cycle in steps."""
    first = period * LENGTH.steps_per_epoch
    torchs = _torchs(
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, T_0=first, T_mult=multiplier, eta_min=final * LR)
    )

    _assert_equal(_ours("cosine-restarts", period=period, multiplier=multiplier, final=final), torchs)


@pytest.mark.parametrize(
    ("rise", "start_divisor", "final_divisor"),
    [(0.3, 25.0, 1e4), (0.5, 10.0, 1.0), (0.05, 2.0, 100.0), (0.0, 25.0, 1e4)],
)
def test_one_cycle_is_one_cycle_lr(rise: float, start_divisor: float, final_divisor: float) -> None:
    """OneCycleLR without its cycling of the momentum."""
    torchs = _torchs(
        lambda o: lr_scheduler.OneCycleLR(
            o,
            max_lr=LR,
            total_steps=LENGTH.num_steps,
            pct_start=rise,
            div_factor=start_divisor,
            final_div_factor=final_divisor,
            cycle_momentum=False,
        )
    )

    _assert_equal(_ours("one-cycle", rise=rise, start_divisor=start_divisor, final_divisor=final_divisor), torchs)


def test_warm_up_and_cool_down_are_their_lambda() -> None:
    """torch has no class for it: LambdaLR with the piecewise linear formula of the trapezoid."""
    num_steps, num_warmup, num_cooldown, final = LENGTH.num_steps, 21, 84, 0.1

    def trapezoid(step: int) -> float:
        if step < num_warmup:
            return (step + 1) / num_warmup
        if step > num_steps - num_cooldown:
            return final + (1 - final) * (num_steps - step) / num_cooldown
        return 1.0

    ours = _ours("warmup-cooldown", warmup=0.1, cooldown=0.4, final=final)

    _assert_equal(ours, _torchs(lambda o: lr_scheduler.LambdaLR(o, trapezoid)))


def test_constant_is_no_scheduler() -> None:
    """The constant schedule leaves torch's rate as it is."""
    assert _ours("constant") == [LR] * LENGTH.num_steps


def test_every_schedule_is_compared_here() -> None:
    """A schedule that is added to the registry needs its oracle in this file (plateau's is with the training loop)."""
    compared = {
        *("constant", "step", "exponential", "inverse-time", "polynomial"),
        *("cosine", "cosine-restarts", "one-cycle", "warmup-cooldown"),
    }

    assert compared | {"plateau"} == set(SCHEDULES)
