"""`tui-optim system` prints what the machine does once."""

import json
import os

from tests.cli.calling import Caller


def test_the_machine_is_printed_once(call: Caller) -> None:
    """A table for people, an object for programs; this process is in both."""
    shown, told = call("system").out, json.loads(call("system", "--json").out)
    assert "CPU" in shown
    assert "are free where the runs are kept" in shown
    assert [one["role"] for one in told["processes"]] == ["this program"]
    assert told["busy_cpus"] is not None
    assert f"this program {os.getpid()}" in shown
