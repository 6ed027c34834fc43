"""Several apps at once on one home, in terminals of their own, with a real supervisor and a real worker."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.benchmarks.terminal import AppInTerminal
from tests.engine.runs_for_tests import make_run, sample_source
from tests.runs.lab import Lab, wait_until


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A home; no process of it is left behind."""
    lab = Lab(tmp_path / "home")
    yield lab
    lab.close()


def opened(lab: Lab, stack: ExitStack, *words: str) -> AppInTerminal:
    """An app that shows its first frame."""
    app = AppInTerminal(lab.home.root, *words)
    stack.callback(app.end)
    app.wait_for(b"LeNet-5 on Fashion")
    return app


def supervisors(lab: Lab) -> list[int]:
    """Their process ids."""
    return [one.pid for one in lab.processes() if "tui_optim.runs.supervisor" in one.info["cmdline"]]


def test_two_apps_share_a_home(lab: Lab) -> None:
    """Each sees and commands the runs of the other; whoever leaves says that they go on, and leaves the supervisor alone."""
    with ExitStack() as stack:
        first = opened(lab, stack)
        (run_id,) = lab.client.submit([make_run(sample_source(), lr=0.01, epochs=10_000)])
        wait_until(lambda: len(supervisors(lab)) == 1, "of two supervisors that began at once, none gave way")
        working = supervisors(lab)
        second = opened(lab, stack, "attach")
        second.wait_for(b"1 run is")
        lab.wait_for_state(run_id, "running")
        second.press(b"6")
        second.press(b"p")
        lab.wait_for_state(run_id, "paused")
        first.wait_for(b"1 paused")
        first.press(b"6")
        first.press(b"p")
        lab.wait_for_state(run_id, "running")
        first.press(b"q")
        first.wait_for_end()
        assert b"goes on in the background" in first.seen
        second.wait_for(b"1 running")
        step = lab.status(run_id).step
        wait_until(lambda: lab.status(run_id).step > step, "the run did not go on")
        assert supervisors(lab) == working
        os.kill(second.pid, 0)
