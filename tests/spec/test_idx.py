"""The IDX reader: what is damaged is named, never returned."""

import gzip
import hashlib
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_optim.spec import idx
from tui_optim.spec.errors import DataError
from tui_optim.spec.idx import read_idx, write_idx

SHAPE = (2, 3, 4)
VALUES = bytes(range(24))


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    """The bytes of a sound plain file with 2 × 3 × 4 values."""
    path = tmp_path / "whole"
    write_idx(path, shape=SHAPE, values=VALUES)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["array", "array.gz"])
def test_what_is_written_is_read_back(tmp_path: Path, name: str) -> None:
    """A plain and a compressed file give the same array and the SHA-256 of the unzipped bytes."""
    path = tmp_path / name
    write_idx(path, shape=SHAPE, values=VALUES)

    array = read_idx(path)

    assert array.shape == SHAPE
    assert array.content[array.offset :] == VALUES
    assert array.sha256 == hashlib.sha256(array.content).hexdigest()


def test_compressed_files_are_reproducible(tmp_path: Path) -> None:
    """Writing the same array twice gives the same bytes: there is no time stamp in the gzip header."""
    for name in ("one.gz", "two.gz"):
        write_idx(tmp_path / name, shape=SHAPE, values=VALUES)

    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


def test_a_file_is_gzip_by_its_content_not_by_its_name(tmp_path: Path, whole: bytes) -> None:
    """A plain file that somebody named .gz is read all the same."""
    path = tmp_path / "misnamed.gz"
    path.write_bytes(whole)

    assert read_idx(path).shape == SHAPE


def test_truncation_at_every_byte_is_refused(tmp_path: Path, whole: bytes) -> None:
    """However early a plain file ends, in the header or in the values, the error names it."""
    path = tmp_path / "short"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"short: "):
            read_idx(path)


def test_gzip_truncation_at_every_byte_is_refused(tmp_path: Path, whole: bytes) -> None:
    """However early a compressed file ends, the error names it."""
    path = tmp_path / "short.gz"
    compressed = gzip.compress(whole, mtime=0)
    for length in range(len(compressed)):
        path.write_bytes(compressed[:length])
        with pytest.raises(DataError, match=r"short\.gz: "):
            read_idx(path)


@pytest.mark.parametrize("lie", [0, 1, 23, 25, 2**32 - 1])
def test_a_header_that_lies_about_the_size_is_refused(tmp_path: Path, lie: int) -> None:
    """The announced size is compared with the real one and never allocated."""
    path = tmp_path / "liar"
    path.write_bytes(b"\x00\x00\x08\x01" + lie.to_bytes(4, "big") + VALUES)

    with pytest.raises(DataError, match=r"liar: 32 bytes where its header"):
        read_idx(path)


def test_bytes_after_the_end_are_refused(tmp_path: Path, whole: bytes) -> None:
    """A file with something behind its values is not the file that its header describes."""
    path = tmp_path / "long"
    path.write_bytes(whole + b"\x00")

    with pytest.raises(DataError, match="long: "):
        read_idx(path)


@pytest.mark.parametrize(
    "magic",
    [b"\x00\x00\x09\x01", b"\x00\x00\x0d\x03", b"\x00\x01\x08\x01", b"\x00\x00\x08\x00", b"\x00\x00\x08\x05", b"<htm"],
)
def test_a_wrong_magic_number_is_shown(tmp_path: Path, magic: bytes) -> None:
    """Another value type, no dimension, too many, or an HTML page: the error shows the four bytes."""
    path = tmp_path / "page"
    path.write_bytes(magic + bytes(64))

    with pytest.raises(DataError, match=magic.hex()):
        read_idx(path)


def test_a_gzip_bomb_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unzips to more than the limit is refused before it fills the memory."""
    monkeypatch.setattr(idx, "SIZE_LIMIT_BYTES", 10_000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(10_001)))

    with pytest.raises(DataError, match=r"bomb\.gz: larger than 10000 bytes"):
        read_idx(path)


def test_damage_inside_gzip_never_changes_what_is_read(tmp_path: Path, whole: bytes) -> None:
    """A flipped bit of the compressed stream is refused, unless it lies in the padding and changes nothing."""
    path = tmp_path / "flipped.gz"
    compressed = bytearray(gzip.compress(whole, mtime=0))
    num_refused = 0
    for position in range(10, len(compressed)):
        compressed[position] ^= 0x10
        path.write_bytes(compressed)
        try:
            assert read_idx(path).content == whole
        except DataError:
            num_refused += 1
        compressed[position] ^= 0x10

    assert num_refused >= len(compressed) - 12


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    """What is not there, or is no file, ends in one line with the reason."""
    with pytest.raises(DataError, match="absent: cannot be read"):
        read_idx(tmp_path / "absent")
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path)


@given(content=st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the bytes are, the reader returns a consistent array or a DataError."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    try:
        array = read_idx(path)
    except DataError:
        return
    assert len(array.content) - array.offset == math.prod(array.shape)


_BOUNDED = """
import resource, sys
from pathlib import Path
from tui_optim.spec.errors import DataError
from tui_optim.spec.idx import read_idx
limit = 512 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for name in sys.argv[1:]:
    try:
        read_idx(Path(name))
    except DataError as error:
        print(error)
"""


def test_bombs_and_lies_take_no_memory(tmp_path: Path) -> None:
    """With half a GB a gzip of 10 GB and a header of 2³² values are refused by the reader, not by the lack of memory."""
    bomb, liar = tmp_path / "bomb.gz", tmp_path / "liar"
    member = gzip.compress(bytes(2**24), 1)
    bomb.write_bytes(member * 640)  # a file of many members is one stream of 10 GB
    liar.write_bytes(b"\x00\x00\x08\x04" + b"\xff" * 16 + VALUES)
    words = [sys.executable, "-c", _BOUNDED, str(bomb), str(liar)]
    answer = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    first, second = answer.stdout.splitlines()
    assert "bomb.gz: larger than" in first
    assert "liar: 44 bytes where its header" in second
