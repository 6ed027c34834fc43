"""The accelerator: choosing it, naming it, waiting for it; one code path for CPU, CUDA and MPS."""

import platform
from pathlib import Path

import torch

from tui_optim.spec.errors import UsageError
from tui_optim.spec.run import DeviceRequest, RunSpec

SMALL_PROBLEM = 1000
"""Parameters up to which the launches of an accelerator's kernels cost more than the arithmetic on a CPU."""


def choose_device(request: DeviceRequest) -> torch.device:
    """Return the device for a request; 'auto' takes the accelerator that torch finds, else the CPU.

    Raises:
        UsageError: the named accelerator is not available here.
    """
    if request == "auto":
        return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not available[request]:
        usable = ", ".join(name for name, is_usable in available.items() if is_usable)
        raise UsageError(
            f"device {request!r} is not available on this machine (torch {torch.__version__}): use {usable}"
        )
    return torch.device(request)


def device_of(run: RunSpec) -> torch.device:
    """The device of a run: what it asks for; with 'auto' the CPU for problems so small that an accelerator would only slow them.

    Raises:
        UsageError: the accelerator is not available here, or has no float64 where the run needs it.
    """
    scenario = run.scenario_info
    is_small = scenario.num_parameters <= SMALL_PROBLEM
    device = choose_device("cpu" if run.device == "auto" and is_small else run.device)
    if device.type == "mps" and scenario.precision == "float64":
        raise UsageError(f"device 'mps' has no float64, in which {scenario.id} is computed: use cpu or auto")
    return device


def device_name(device: torch.device) -> str:
    """Human name of the hardware."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _processor_name()


def device_uuid(device: torch.device) -> str:
    """What a driver calls an NVIDIA device, whatever numbers programs give it; '' for others."""
    return f"GPU-{torch.cuda.get_device_properties(device).uuid}" if device.type == "cuda" else ""


def make_deterministic() -> None:
    """Set the flags of the assignment: no cuDNN auto-tuning, deterministic cuDNN kernels."""
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def synchronize(device: torch.device) -> None:
    """Wait until the device has done its work, so that a clock reads the truth."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def _processor_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
