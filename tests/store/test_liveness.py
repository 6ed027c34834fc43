"""Telling a living worker from a reused pid."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from tui_optim.store import liveness
from tui_optim.store.liveness import STALE_AFTER_S, ProcessIdentity, current_identity, is_alive


def test_this_process_is_alive() -> None:
    """Its own identity, read back from JSON, names it."""
    identity = ProcessIdentity.from_json(current_identity().to_json())
    assert identity.pid == os.getpid()
    assert is_alive(identity, heartbeat_age_s=1e9)


@pytest.mark.parametrize(
    "change", [{"start_ticks": 1}, {"boot_id": "another boot"}, {"pid": 2**22 + 1}], ids=["reused", "rebooted", "gone"]
)
def test_another_process_with_the_same_pid_is_not_it(change: dict[str, object]) -> None:
    """Start ticks and boot tell apart what a pid alone would confuse; a fresh heartbeat does not help."""
    identity = ProcessIdentity.from_json({**current_identity().to_json(), **change})
    assert not is_alive(identity, heartbeat_age_s=0.0)


def test_on_another_host_only_the_heartbeat_counts() -> None:
    """Its processes cannot be looked at from here."""
    identity = replace(current_identity(), host="another-host")
    assert is_alive(identity, heartbeat_age_s=STALE_AFTER_S - 1)
    assert not is_alive(identity, heartbeat_age_s=STALE_AFTER_S + 1)


def test_a_zombie_is_dead() -> None:
    """A killed process that nobody has reaped does not run."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        ticks = liveness._start_ticks(child.pid)
        assert ticks is not None
        identity = replace(current_identity(), pid=child.pid, start_ticks=ticks)
        assert is_alive(identity, heartbeat_age_s=0.0)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(identity, heartbeat_age_s=0.0)
