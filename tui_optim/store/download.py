"""Downloading one file: limited in size, verified before it appears, and never left half-made."""

import contextlib
import http.client
import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from tui_optim.spec.errors import DataError
from tui_optim.store.files import not_written

TIMEOUT_S = 20.0
"""For connecting and for each wait on the server, not for the whole file."""
SIZE_LIMIT_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024


def download(
    address: str,
    path: Path,
    *,
    is_wanted: Callable[[Path], bool],
    on_progress: Callable[[int, int | None], None],
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Fetch `address` beside `path` under a temporary name, ask `is_wanted`, and only then move it there.

    `on_progress` gets the bytes received so far and their total where the server tells it.

    Raises:
        DataError: the server cannot be reached, breaks off, sends too much or not what is wanted.
        StoreError: the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.touch(mode=0o600)
        with temporary.open("wb") as stream:
            received = 0
            for chunk, total in _chunks(address, timeout_s):
                stream.write(chunk)
                received += len(chunk)
                on_progress(received, total)
            stream.flush()
            os.fsync(stream.fileno())
        if not is_wanted(temporary):
            raise DataError(f"{address}: not the published content")
        temporary.replace(path)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _chunks(address: str, timeout_s: float) -> Iterator[tuple[bytes, int | None]]:
    """Yield pieces with the announced total. Every trouble of the network becomes a DataError."""
    try:
        with urllib.request.urlopen(address, timeout=timeout_s) as response:
            total = _announced_size(response)
            received = 0
            while chunk := response.read(_CHUNK_BYTES):
                received += len(chunk)
                if received > SIZE_LIMIT_BYTES:
                    raise DataError(f"{address}: sends more than {SIZE_LIMIT_BYTES} bytes")
                yield chunk, total
    except (OSError, http.client.HTTPException, ValueError) as error:  # the last: an address or a size that is none
        reason = getattr(error, "reason", None) or error
        raise DataError(f"{address}: {reason}") from error
    if total is not None and received < total:
        raise DataError(f"{address}: broke off after {received} of {total} bytes")


def _announced_size(response: http.client.HTTPResponse) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None
