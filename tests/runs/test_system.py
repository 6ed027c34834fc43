"""What the machine does: read of this process, of a supervisor and of who trains."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import psutil
import pynvml
import pytest

from tui_optim.runs.accelerators import accelerator_readings
from tui_optim.runs.system import SystemMeter, supervisor_of
from tui_optim.store.home import open_home
from tui_optim.store.liveness import ProcessIdentity, current_identity


def test_the_second_reading_has_loads(tmp_path: Path) -> None:
    """This process is busy between two readings, and is said to train what it owns; who has left is not there."""
    home = open_home(tmp_path)
    meter = SystemMeter(home)
    gone = ProcessIdentity(host=current_identity().host, boot_id="another", pid=1, start_ticks=1)
    owners = {"a": current_identity(), "b": gone}
    first = meter.read(owners)
    began = time.process_time()
    while time.process_time() - began < 0.2:
        pass
    second = meter.read(owners)

    (process,) = second.processes
    assert (process.pid, process.run_ids) == (os.getpid(), ("a",))
    assert process.cores is not None
    assert process.cores > 0.05
    assert process.memory_mib > 10
    assert (first.busy_cpus, first.processes[0].cores) == (None, None)
    assert second.busy_cpus is not None
    assert second.memory_total_mib > second.memory_mib > 0


def test_readings_from_several_threads_are_of_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app reads in whichever thread is free: six of eight seconds of CPU time were busy, not none."""
    times = iter([_times(user=10.0, idle=5.0), _times(user=16.0, idle=7.0), _times(user=16.0, idle=7.0)])
    monkeypatch.setattr(psutil, "cpu_times", lambda: next(times))
    monkeypatch.setattr(psutil, "cpu_count", lambda **_: 4)
    meter = SystemMeter(open_home(tmp_path))
    found = []
    for _ in range(3):
        with ThreadPoolExecutor(1) as thread:
            found.append(thread.submit(meter.read, {}).result().busy_cpus)
    assert found == [None, 3.0, None]


def _times(*, user: float, idle: float) -> "Times":
    return Times(user=user, idle=idle, iowait=1.0)


class Times(NamedTuple):
    """As psutil has them; what has waited for the disk was idle."""

    user: float
    idle: float
    iowait: float


def test_the_number_in_the_lock_counts_only_where_it_is_the_supervisors(tmp_path: Path) -> None:
    """A number that another process has now, or that is none, is nobody's."""
    home = open_home(tmp_path)
    assert supervisor_of(home) is None
    for text in ("", "x", "-1", "99999999999999999999", str(os.getpid())):
        home.supervisor_lock.write_text(text, encoding="ascii")
        assert supervisor_of(home) is None
    words = [sys.executable, "-c", "print(flush=True); input()", "tui_optim.runs.supervisor", str(home.root)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()  # before it says so, its command line may not be there yet
        home.supervisor_lock.write_text(f"{other.pid}\n", encoding="ascii")
        found = supervisor_of(home)
        roles = {one.pid: one.role for one in SystemMeter(home).read({}).processes}
        other.communicate(b"\n")
    assert found is not None
    assert found.pid == other.pid
    assert roles[other.pid] == "supervisor"


def test_a_device_tells_what_its_driver_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a driver there is none; a question that one refuses leaves a gap."""
    monkeypatch.setattr(pynvml, "nvmlInit", _refuse)
    assert accelerator_readings() == []
    answers: dict[str, Any] = {
        "nvmlInit": None,
        "nvmlShutdown": None,
        "nvmlDeviceGetCount": 1,
        "nvmlDeviceGetHandleByIndex": "handle",
        "nvmlDeviceGetName": b"GPU 9",
        "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=63),
        "nvmlDeviceGetMemoryInfo": SimpleNamespace(used=2**30, total=80 * 2**30),
        "nvmlDeviceGetTemperature": 61,
    }
    for name, answer in answers.items():
        monkeypatch.setattr(pynvml, name, lambda *_, answer=answer: answer)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetPowerUsage", _refuse)
    (device,) = accelerator_readings()
    assert (device.name, device.utilisation, device.memory_mib, device.memory_total_mib) == ("GPU 9", 0.63, 1024, 81920)
    assert (device.temperature_c, device.power_w) == (61.0, None)


def _refuse(*_: object) -> None:
    raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
