"""Pictures of a run beside its log: small files that are replaced, so that the log stays as short as its numbers."""

import json
import zlib
from array import array
from pathlib import Path
from typing import Any

from tui_optim.spec.errors import StoreError
from tui_optim.spec.json_text import parse_json
from tui_optim.spec.pictures import Film, Picture, Predictions
from tui_optim.spec.regular_file import read_regular
from tui_optim.store.files import reading, replace_file
from tui_optim.store.runfolder import RunFolder

VERSION = 1
LIMIT_BYTES = 64 * 1024 * 1024
"""A film has some hundred kilobytes, predictions on 60,000 images have 360."""


def write_picture(folder: RunFolder, picture: Picture) -> None:
    """Put a picture in place of the one before it. Not forced to the disk: a run that is resumed makes another one.

    Raises:
        StoreError: the folder cannot be written.
    """
    if isinstance(picture, Film):
        body = {"version": VERSION, **picture.to_json()}
        replace_file(folder.film, json.dumps(body, allow_nan=False, separators=(",", ":")).encode(), is_durable=False)
    else:
        replace_file(folder.predictions, _encoded(picture), is_durable=False)


def read_film(folder: RunFolder) -> Film | None:
    """The film of a run; None where there is none yet. Raises StoreError where it is damaged."""
    with reading(folder.film):
        content = _content(folder.film)
        if content is None:
            return None
        body = parse_json(content)
        if isinstance(body, dict) and body.get("version", VERSION) != VERSION:
            raise StoreError(f"{folder.film}: of another version of tui-optim, which this one cannot read")
        return Film.from_json(body)


def read_predictions(folder: RunFolder) -> Predictions | None:
    """The predictions of a run; None where it has left none. Raises StoreError where they are damaged."""
    with reading(folder.predictions):
        content = _content(folder.predictions)
        if content is None:
            return None
        shown = _decoded(content)
        if _check_sum(content) not in (None, _check_sum_of(content)):
            raise StoreError(f"{folder.predictions}: damaged (its check sum is of another content)")
        return shown


def _content(path: Path) -> bytes | None:
    """None where there is no such file. Raises OSError."""
    try:
        return read_regular(path, limit_bytes=LIMIT_BYTES)
    except FileNotFoundError:
        return None


def _encoded(picture: Predictions) -> bytes:
    """A line of JSON, then a byte an example twice, then four bytes an example where indices are needed, little endian."""
    count = len(picture.classes)
    assert len(picture.certainties) == count
    assert len(picture.indices) in (0, count)
    body = picture.classes + picture.certainties + b"".join(index.to_bytes(4, "little") for index in picture.indices)
    header: dict[str, Any] = {
        "version": VERSION,
        "split": picture.split,
        "count": count,
        "indices": len(picture.indices),
    }
    return json.dumps({**header, "crc32": zlib.crc32(body)}).encode() + b"\n" + body


def _check_sum(content: bytes) -> Any:
    """What the header says; None in files of earlier versions."""
    return parse_json(content.partition(b"\n")[0]).get("crc32")


def _check_sum_of(content: bytes) -> int:
    return zlib.crc32(content.partition(b"\n")[2])


def _decoded(content: bytes) -> Predictions:
    line, _, rest = content.partition(b"\n")
    header = parse_json(line)
    count, num_indices, split = int(header["count"]), int(header["indices"]), header["split"]
    if split not in ("val", "test") or num_indices not in (0, count) or len(rest) != 2 * count + 4 * num_indices:
        raise ValueError("header and size disagree")
    numbers = array("I", rest[2 * count :])
    if numbers.itemsize != 4:
        raise ValueError("this machine has no four-byte numbers")
    if num_indices and array("H", b"\x01\x00")[0] != 1:
        numbers.byteswap()
    return Predictions(split=split, classes=rest[:count], certainties=rest[count : 2 * count], indices=tuple(numbers))
