"""What is said where a step, an optimizer or a user's own code finds no memory."""

from pathlib import Path

import pytest
import torch

from tests.engine.runs_for_tests import train_here
from tests.own_scenarios import SINE, own_run, write_scenario
from tui_optim.engine.failures import failure_reason, is_out_of_memory

ON_DEVICE = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
    RuntimeError("CUDA error: out of memory"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
)
ON_CPU = (
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: can't allocate memory: you tried …"),
)


@pytest.mark.parametrize("error", [*ON_DEVICE, *ON_CPU], ids=str)
def test_lack_of_memory_says_what_to_lower(error: Exception) -> None:
    """On a device, or of the machine; no name of an exception, no path of a log."""
    reason = failure_reason(error, log="worker.log")
    assert reason.startswith("out of memory on " + ("the device: " if error in ON_DEVICE else "this machine: "))
    assert "lower batch_size" in reason
    assert "worker.log" not in reason


def test_what_is_no_lack_of_memory_names_the_log() -> None:
    """An error of torch about shapes keeps its own words."""
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert "worker.log" in failure_reason(RuntimeError("mat1 and mat2"), log="worker.log")


def test_a_users_loss_that_finds_no_memory_is_not_blamed(tmp_path: Path) -> None:
    """Neither file nor line of the user's are named: there is no room, that is all."""
    text = SINE.replace("    return (outputs", "    raise MemoryError\n    return (outputs")
    with pytest.raises(MemoryError):
        train_here(own_run(write_scenario(tmp_path, text)))
