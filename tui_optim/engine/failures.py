"""What to say to the user about an exception that ended a run."""

import torch

from tui_optim.spec.errors import DiskFullError, StoreError, UsageError

_OF_DEVICE = (
    "CUDA out of memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "MPS backend out of memory",
)
_OF_CPU = ("DefaultCPUAllocator", "std::bad_alloc", "Cannot allocate memory")
"""Parts of texts by which torch says that there is no memory, where it has no class for that."""


def failure_reason(error: Exception, *, log: str) -> str:
    """One sentence; `log` is the file that has the traceback."""
    if isinstance(error, StoreError) and not isinstance(error, DiskFullError):
        return f"{error}; once that is mended, resume the run"
    if isinstance(error, UsageError):
        return str(error)
    if _lacks_device(error):
        return "out of memory on the device: lower batch_size, let fewer runs train at once, or free the device"
    if is_out_of_memory(error):
        return "out of memory on this machine: lower batch_size, let fewer runs train at once, or close other programs"
    return f"{type(error).__name__}: {error}; details in {log}"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether device or machine had no room: nobody's code is to blame."""
    return isinstance(error, MemoryError) or _lacks_device(error) or _says(error, _OF_CPU)


def _lacks_device(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or _says(error, _OF_DEVICE)


def _says(error: BaseException, parts: tuple[str, ...]) -> bool:
    return isinstance(error, RuntimeError) and any(part in str(error) for part in parts)
