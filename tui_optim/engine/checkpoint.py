"""Checkpoints: everything that a resumed run needs to go on in the same bits."""

import io
import pickle
from typing import Any

import torch

from tui_optim.spec.errors import DataError

VERSION = 3


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
    try:
        state = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
        version = state.pop("version")
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise DataError(f"damaged checkpoint ({type(error).__name__})") from error
    if version != VERSION:
        raise DataError(f"checkpoint of version {version}, expected {VERSION}")
    return dict(state)
