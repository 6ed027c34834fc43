"""What a home has learnt about stacks."""

import math
from pathlib import Path

import pytest

from tui_optim.store.home import open_home
from tui_optim.store.paces import StackPace, keep_pace, read_paces


def pace(*, num_runs: int = 6, slots: int = 1, stack_s: float = 0.02, alone_s: float = 0.01) -> StackPace:
    return StackPace(about="circles, adam, batch 10", num_runs=num_runs, slots=slots, stack_s=stack_s, alone_s=alone_s)


def test_a_stack_competes_with_as_many_processes_as_there_are_slots() -> None:
    """Six runs of 10 ms an epoch take 60 ms in one process and 30 ms in two; the stack takes 20 ms."""
    assert pace().gain == pytest.approx(3.0)
    assert pace(slots=2).gain == pytest.approx(1.5)
    assert pace(slots=64).gain == pytest.approx(0.5)
    assert not pace(slots=64).is_stack_faster
    assert "3.0 times as fast" in pace().text
    assert "by itself" in pace(slots=64).text
    assert "6 together" in pace().summary


def test_what_could_not_be_timed_trains_alone() -> None:
    """A stack that diverges at once has no pace."""
    assert not pace(stack_s=math.inf).is_stack_faster
    assert not pace(stack_s=math.inf, alone_s=math.inf).is_stack_faster
    assert not pace(alone_s=math.inf).is_stack_faster
    assert "could not be measured" in pace(stack_s=math.inf).text


def test_measurements_are_kept(tmp_path: Path) -> None:
    """Each under its key, those without an end too; a damaged file is as good as none."""
    home = open_home(tmp_path)
    assert read_paces(home) == {}
    keep_pace(home, "one", pace())
    keep_pace(home, "two", pace(stack_s=math.inf))
    assert read_paces(home) == {"one": pace(), "two": pace(stack_s=math.inf)}
    (home.root / "paces.json").write_text('{"one": 3}')
    assert read_paces(home) == {}
