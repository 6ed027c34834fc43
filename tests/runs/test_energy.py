"""The energy of a run: power over time, as far as a driver tells it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from tests.factories import make_spec, make_started
from tui_optim.runs.accelerators import power_w
from tui_optim.runs.energy import EnergyMeter
from tui_optim.runs.recorder import Recorder
from tui_optim.spec.events import Ended
from tui_optim.store.home import open_home
from tui_optim.store.new_runs import create_run
from tui_optim.store.status import read_status, write_status


def meter_of(*readings: tuple[float, float | None]) -> EnergyMeter:
    """That has taken these samples: seconds and watts."""
    samples = [*readings, *readings[-1:] * 2]  # what is read later is as the last one
    times, powers = iter([t for t, _ in samples]), iter([w for _, w in samples])
    meter = EnergyMeter(lambda: next(powers), clock=lambda: next(times))
    for _ in readings:
        meter.sample()
    return meter


def test_power_is_integrated_by_trapezoids() -> None:
    """100 W to 300 W within two seconds are 400 J; while the driver says nothing, nothing is counted."""
    assert meter_of((0.0, 100.0), (2.0, 300.0)).joules == pytest.approx(400.0)
    assert meter_of((0.0, 100.0), (2.0, 300.0), (3.0, None), (9.0, 200.0), (10.0, 200.0)).joules == pytest.approx(600.0)
    assert meter_of((0.0, 100.0)).joules == 0.0
    assert meter_of((0.0, None), (1.0, None)).joules is None


def test_a_block_begins_and_ends_with_a_reading() -> None:
    """However short it is; without a power to read there is no number."""
    times = iter([0.0, 0.25])
    with EnergyMeter(lambda: 80.0, clock=lambda: next(times)) as meter:
        assert meter.joules == 0.0
    assert meter.joules == pytest.approx(20.0)
    with EnergyMeter(lambda: None) as nothing:
        pass
    assert nothing.joules is None


def test_attempts_add_up_in_the_status(tmp_path: Path) -> None:
    """A run that was resumed has taken what both attempts took; one whose power nobody tells has no number."""
    spec = make_spec()
    folder = create_run(open_home(tmp_path), spec, versions={})
    write_status(folder.status, replace(folder.read_status(), state="interrupted", energy_j=1000.0))
    recorder = Recorder(folder, folder.read_status(), attempt=2)
    recorder.count_energy(meter_of((0.0, 100.0), (2.0, 300.0)))
    recorder.emit(make_started(spec))
    recorder.emit(Ended(state="paused"))
    recorder.close()
    status = read_status(folder.status)
    assert (status.energy_j, status.threads) == (1400.0, 2)

    write_status(folder.status, replace(status, energy_j=None))
    recorder = Recorder(folder, folder.read_status(), attempt=3)
    recorder.count_energy(meter_of((0.0, None)))
    recorder.emit(Ended(state="paused"))
    recorder.close()
    assert read_status(folder.status).energy_j is None


def test_the_power_of_a_device_is_asked_for_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of devices differ between programs; a driver that is not there, or refuses, tells nothing."""
    asked: list[str] = []

    def refuse(*_: object) -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)

    def handle(uuid: str) -> Any:
        asked.append(uuid)
        return SimpleNamespace()

    monkeypatch.setattr(pynvml, "nvmlInit", refuse)
    assert power_w("GPU-1") is None
    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlShutdown", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByUUID", handle)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetPowerUsage", lambda _: 340_500)
    assert (power_w("GPU-1"), asked) == (340.5, ["GPU-1"])
    monkeypatch.setattr(pynvml, "nvmlDeviceGetPowerUsage", refuse)
    assert power_w("GPU-1") is None
