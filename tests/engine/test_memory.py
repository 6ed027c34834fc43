"""The memory that a run takes, measured in a process that has trained before."""

from pathlib import Path

import pytest
import torch

from tui_optim.engine import memory
from tui_optim.engine.memory import MemoryMeter

LARGE = 2**26
"""Numbers in 256 MiB."""


def test_what_the_process_held_before_does_not_count() -> None:
    """A peak that is over is forgotten; one that comes is measured, and stays."""
    device = torch.device("cpu")
    large = torch.ones(LARGE)
    with_it = MemoryMeter(device).peak_mib()
    del large
    meter = MemoryMeter(device)
    assert meter.peak_mib() < with_it - 200
    large = torch.ones(LARGE)
    del large
    assert meter.peak_mib() > with_it - 50


def test_where_the_system_keeps_its_peak_sizes_are_sampled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a container that may not forget it: the largest size at the readings, not the peak of earlier runs."""
    large = torch.ones(LARGE)
    with_it = MemoryMeter(torch.device("cpu")).peak_mib()
    monkeypatch.setattr(memory, "_CLEAR_REFS", tmp_path / "no such folder" / "clear_refs")
    del large
    meter = MemoryMeter(torch.device("cpu"))
    before = meter.peak_mib()
    assert before < with_it - 200
    large = torch.ones(LARGE)
    assert meter.peak_mib() > before + 200
    del large
    assert meter.peak_mib() > before + 200
