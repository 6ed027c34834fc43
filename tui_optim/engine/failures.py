"""What to say to the user about an exception that ended a run."""

import torch

from tui_optim.spec.errors import StoreError, UsageError


def failure_reason(error: Exception, *, log: str) -> str:
    """One sentence; `log` is the file that has the traceback."""
    if isinstance(error, UsageError) and not isinstance(error, StoreError):
        return str(error)
    if isinstance(error, torch.OutOfMemoryError):
        return "out of memory on the device: lower batch_size or free the device"
    return f"{type(error).__name__}: {error}; details in {log}"
