"""One attack of many cases: how many, from which seed, and for how long a case may take."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tui_optim.spec.errors import UsageError

CASE_LIMIT_S = 10.0
"""Of the processor, so that a busy machine changes nothing. A case takes milliseconds; one that takes this long hangs."""
ATTACK_LIMIT_S = 3600

Case = TypeVar("Case")


class Hang(BaseException):
    """A case computed too long. No Exception: a broad `except` of the product is not to swallow it."""


def num_cases(few: int, many: int) -> pytest.MarkDecorator:
    """Run the test with a few cases, and behind the marker `attack` with many."""
    marks = (pytest.mark.attack, pytest.mark.timeout(ATTACK_LIMIT_S))
    return pytest.mark.parametrize("num_cases", [few, pytest.param(many, marks=marks)])


def withstand(cases: st.SearchStrategy[Case], check: Callable[[Case], None], *, num_cases: int) -> None:
    """Try the check on so many cases, the same ones each time; the smallest that fails is shown."""

    @seed(num_cases)
    @settings(
        max_examples=num_cases,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def attack(case: Case) -> None:
        with time_limit():
            check(case)

    attack()


@contextmanager
def refused_calmly(kind: type[UsageError] = UsageError, *, naming: str = "") -> Iterator[None]:
    """What is inside may be refused by such an error, whose line can be shown and names what it is about."""
    try:
        yield
    except kind as error:
        line = str(error)
    else:
        return
    assert line.isprintable()
    assert naming in line


@contextmanager
def time_limit(limit_s: float = CASE_LIMIT_S) -> Iterator[None]:
    """Raises Hang where what is inside computes longer; one that waits for ever ends with the time limit of the whole test."""

    def give_up(_: int, __: FrameType | None) -> None:
        raise Hang(f"a case took more than {limit_s:g} s of the processor")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
