"""The IDX file format of the MNIST family, read with the standard library and verified by content."""

import gzip
import hashlib
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from tui_optim.spec.errors import DataError
from tui_optim.spec.regular_file import open_regular

UNSIGNED_BYTE = 0x08
HEADER_LIMIT_BYTES = 4 + 4 * 4
SIZE_LIMIT_BYTES = 64 * 1024 * 1024
"""Largest unzipped file that is read (the largest real one has 47,040,016 bytes): a zip bomb stops here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdxArray:
    """An array of unsigned bytes as stored in an IDX file, row-major."""

    shape: tuple[int, ...]
    content: bytes
    """The whole unzipped file; the values start at `offset`."""
    offset: int

    @property
    def sha256(self) -> str:
        """SHA-256 of the unzipped file, as 64 hex digits."""
        return hashlib.sha256(self.content).hexdigest()


def read_idx(path: Path) -> IdxArray:
    """Read an IDX file, plain or gzip (told by its first two bytes).

    Raises:
        DataError: the file cannot be read, is truncated, or its header and its size disagree.
    """
    content = _read_unzipped(path)
    if len(content) < 4:
        raise DataError(f"{path}: not an IDX file: only {len(content)} bytes")
    zero, value_type, num_dimensions = struct.unpack(">HBB", content[:4])
    if zero != 0 or value_type != UNSIGNED_BYTE or not 1 <= num_dimensions <= 4:
        raise DataError(f"{path}: not an IDX file of unsigned bytes (magic number {content[:4].hex()})")
    offset = 4 + 4 * num_dimensions
    if len(content) < offset:
        raise DataError(f"{path}: truncated in its header ({len(content)} of {offset} bytes)")
    shape = struct.unpack(f">{num_dimensions}I", content[4:offset])
    expected = offset + math.prod(shape)
    if len(content) != expected:
        raise DataError(f"{path}: {len(content)} bytes where its header {shape} announces {expected}")
    return IdxArray(shape=shape, content=content, offset=offset)


def write_idx(path: Path, *, shape: tuple[int, ...], values: bytes) -> None:
    """Write an IDX file of unsigned bytes, gzip-compressed and reproducible (no time stamp) when `path` ends in .gz."""
    assert len(values) == math.prod(shape)
    content = struct.pack(f">HBB{len(shape)}I", 0, UNSIGNED_BYTE, len(shape), *shape) + values
    path.write_bytes(gzip.compress(content, 9, mtime=0) if path.suffix == ".gz" else content)


def _read_unzipped(path: Path) -> bytes:
    try:
        with open_regular(path) as raw:
            is_gzip = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            stream = gzip.GzipFile(fileobj=raw) if is_gzip else raw
            content = stream.read(SIZE_LIMIT_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: damaged or truncated gzip file ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    if len(content) > SIZE_LIMIT_BYTES:
        raise DataError(f"{path}: larger than {SIZE_LIMIT_BYTES} bytes when unzipped: not one of the known data files")
    return content
