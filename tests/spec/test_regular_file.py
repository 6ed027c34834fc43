"""Only regular files are opened: nothing that a reader could wait for without end."""

import os
import socket
from pathlib import Path

import pytest

from tui_optim.spec.regular_file import open_regular, read_regular


def test_a_file_and_a_link_to_one_are_opened(tmp_path: Path) -> None:
    """Where a link leads is what counts."""
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")

    for name in ("file", "link"):
        with open_regular(tmp_path / name) as stream:
            assert stream.read() == b"content"


def test_what_is_no_file_is_refused_by_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A FIFO that nobody writes to, an endless device, a socket and a folder are named at once."""
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo("fifo")
    Path("device").symlink_to("/dev/zero")
    Path("folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        for name in ("fifo", "device", "folder", "socket"):
            with pytest.raises(OSError, match=f"it is a {'FIFO' if name == 'fifo' else name}, not a regular file"):
                open_regular(Path(name))
            with pytest.raises(OSError, match=f"it is a {'FIFO' if name == 'fifo' else name}, not a regular file"):
                read_regular(name)


def test_the_whole_content_is_read_up_to_a_limit(tmp_path: Path) -> None:
    """Also of a file whose size the system does not tell; one beyond the limit is refused."""
    (tmp_path / "file").write_bytes(b"content")
    assert read_regular(tmp_path / "file", limit_bytes=7) == b"content"
    assert read_regular("/proc/self/cmdline") != b""
    with pytest.raises(OSError, match="larger than 6 bytes"):
        read_regular(tmp_path / "file", limit_bytes=6)
