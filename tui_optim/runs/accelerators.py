"""NVIDIA devices as their driver tells of them (NVML); read without torch."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pynvml

from tui_optim.spec.system import AcceleratorReading

MIB = 2**20


def accelerator_readings() -> list[AcceleratorReading]:
    """The devices that the driver shows; empty without a driver."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        return [_reading(pynvml.nvmlDeviceGetHandleByIndex(number)) for number in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()


def power_w(uuid: str) -> float | None:
    """What a device takes now, by its driver's name; None where that cannot be told."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        return float(pynvml.nvmlDeviceGetPowerUsage(pynvml.nvmlDeviceGetHandleByUUID(uuid))) / 1000
    except pynvml.NVMLError:
        return None
    finally:
        pynvml.nvmlShutdown()


def _reading(handle: Any) -> AcceleratorReading:
    name = pynvml.nvmlDeviceGetName(handle)
    told: dict[str, float] = {}
    for ask in _questions(handle):
        with contextlib.suppress(pynvml.NVMLError):  # not every device tells everything
            told |= ask()
    return AcceleratorReading(name=name if isinstance(name, str) else name.decode(errors="replace"), **told)


def _questions(handle: Any) -> Iterator[Callable[[], dict[str, float]]]:
    """What is asked of a device, one by one: each answer may be refused."""
    yield lambda: {"utilisation": pynvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100}
    yield lambda: _memory(pynvml.nvmlDeviceGetMemoryInfo(handle))
    yield lambda: {"temperature_c": float(pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU))}
    yield lambda: {"power_w": pynvml.nvmlDeviceGetPowerUsage(handle) / 1000}


def _memory(memory: Any) -> dict[str, float]:
    return {"memory_mib": memory.used / MIB, "memory_total_mib": memory.total / MIB}
