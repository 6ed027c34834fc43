"""The memory that a run takes: its peak since the run began, whatever its process has trained before."""

import os
import resource
import sys
from pathlib import Path

import torch

_CLEAR_REFS, _STATM = Path("/proc/self/clear_refs"), Path("/proc/self/statm")
_FORGET_PEAK = "5"
"""What makes Linux set a process's peak to what is resident now (proc_pid_clear_refs(5))."""
_SLACK = 1.25
"""A peak that was forgotten is at most so many times what is resident."""


class MemoryMeter:
    """Measures from when it is made; one at a time in a process.

    CUDA: what is allocated on the device. Else: what is resident of this process, with Python, torch and the data in it. Where
    the system keeps its peak for good (a container may forbid to forget it), the largest size at the readings counts instead;
    where it does not tell a size either (macOS), the peak of the process's life.
    """

    def __init__(self, device: torch.device) -> None:
        """Begin."""
        self._device = device
        self._sampled_mib = 0.0
        self._is_exact = True
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        else:
            self._is_exact = _forgets_peak()

    def peak_mib(self) -> float:
        """The peak so far; to be read at every end of an epoch, and cheap enough for it (2 µs, where it is exact)."""
        if self._device.type == "cuda":
            return torch.cuda.max_memory_allocated(self._device) / 2**20
        if self._is_exact:
            return _process_peak_mib()
        self._sampled_mib = max(self._sampled_mib, _resident_mib() or _process_peak_mib())
        return self._sampled_mib


def _forgets_peak() -> bool:
    """Let the process's peak begin anew; whether that has worked."""
    try:
        _CLEAR_REFS.write_text(_FORGET_PEAK, encoding="ascii")
    except OSError:
        return False
    resident = _resident_mib()
    return resident is not None and _process_peak_mib() <= _SLACK * resident


def _process_peak_mib() -> float:
    unit = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss: bytes on macOS, KiB on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _resident_mib() -> float | None:
    """None where the system does not tell."""
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
