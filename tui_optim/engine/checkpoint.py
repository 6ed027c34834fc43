"""Checkpoints: everything that a resumed run needs to go on in the same bits."""

import io
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from tui_optim.engine.failures import is_out_of_memory
from tui_optim.spec.errors import DataError, UsageError

VERSION = 3
_DAMAGE = (
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    LookupError,
    ValueError,
    AttributeError,
    TypeError,
    OverflowError,
)


def to_bytes(state: dict[str, Any]) -> bytes:
    """Serialise a state of tensors and plain Python values."""
    buffer = io.BytesIO()
    torch.save({"version": VERSION, **state}, buffer)
    return buffer.getvalue()


def from_bytes(content: bytes) -> dict[str, Any]:
    """Inverse of `to_bytes`; code in the file is refused, not run.

    Raises:
        DataError: damaged, of another version, or not a checkpoint.
    """
    with undamaged():
        state = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
        version = state.pop("version")
    if version != VERSION:
        raise DataError(f"checkpoint of version {version}, expected {VERSION}")
    return dict(state)


@contextmanager
def undamaged() -> Iterator[None]:
    """What fails inside is said of the checkpoint: it is no file of ours, or holds another state than the run has.

    Raises:
        DataError: in place of whatever torch, an optimizer or Python raises; never for lack of memory.
    """
    try:
        yield
    except _DAMAGE as error:
        if isinstance(error, UsageError) or is_out_of_memory(error):
            raise
        raise DataError(
            f"damaged checkpoint ({type(error).__name__}): begin the run anew: `tui-optim run`, or enter on its preset"
        ) from error
