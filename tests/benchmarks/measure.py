"""Medians with their spread, and a line about the machine."""

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")


def machine() -> str:
    """What the figures were taken on."""
    model = "unknown CPU"
    if CPU_INFO.exists():
        lines = CPU_INFO.read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} CPUs, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def describe(values: Sequence[float], *, unit: str = "s", scale: float = 1.0) -> str:
    """`median [min … max]`."""
    low, middle, high = min(values) * scale, statistics.median(values) * scale, max(values) * scale
    return f"{middle:.3f} [{low:.3f} … {high:.3f}] {unit}"


def ratio(numerator: Sequence[float], denominator: Sequence[float]) -> float:
    """Ratio of medians."""
    return statistics.median(numerator) / statistics.median(denominator)


def quantile(values: Sequence[float], share: float) -> float:
    """Smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
