"""What may lie among the runs of a home besides whole runs: damaged ones, foreign things, and what is said about each."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.factories import make_run, make_spec
from tui_optim.store.home import Home


def _reads_what_is_closed() -> bool:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).chmod(0)
        return os.access(file.name, os.R_OK)


ALL_ARE_READ = _reads_what_is_closed()
"""Whether permissions mean nothing to this user."""


def add_oddity(home: Home, kind: str) -> str:
    """Put one of `ODDITIES` among the runs; returns what its sentence says."""
    spoil, said = ODDITIES[kind]
    spoil(make_run(home, make_spec(seed=666 + [*ODDITIES].index(kind))).folder.path)
    return said


def _remove(folder: Path) -> None:
    shutil.rmtree(folder)


def _a_file(folder: Path) -> None:
    _remove(folder)
    folder.write_text("notes of somebody", encoding="utf-8")


def _an_empty_folder(folder: Path) -> None:
    _remove(folder)
    folder.mkdir()


def _a_link(target: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        _remove(folder)
        folder.symlink_to(target.format(folder.name))

    return spoil


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _content(name: str, content: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return spoil


def _key(name: str, value: Any, *, within: str | None = None) -> Callable[[Path], None]:
    """Change one key of run.json or status.json."""

    def spoil(folder: Path) -> None:
        path = folder / ("status.json" if name in ("effective_epochs", "heartbeat") else "run.json")
        body = json.loads(path.read_bytes())
        (body[within] if within else body)[name] = value
        path.write_text(json.dumps(body), encoding="utf-8")

    return spoil


def _as(name: str, make: Callable[[Path], None]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return spoil


def _huge(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(10 * 1024**3)  # a hole, not a filled disk


def _closed(path: Path) -> None:
    path.touch()
    path.chmod(0)


def _named(name: bytes) -> Callable[[Path], None]:
    return lambda folder: os.rename(folder, os.path.join(os.fsencode(folder.parent), name))  # noqa: PTH104, PTH118 - bytes


_DATA = {"kind": "full", "origin": "data-dir", "folder": "/data", "files": {}}
_NO_RUN_JSON = "not a run: it has no run.json"
_DAMAGED_STATUS = "status.json: damaged"

NEED_PERMISSIONS = {"a closed run.json", "a closed folder"}
ODDITIES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a file": (_a_file, "not a run: it is no folder"),
    "an empty folder": (_an_empty_folder, _NO_RUN_JSON),
    "a link to nowhere": (_a_link("nowhere"), _NO_RUN_JSON),
    "a link in a circle": (_a_link("{}"), "Too many levels of symbolic links"),
    "a folder without run.json": (_without("run.json"), _NO_RUN_JSON),
    "a name with a line end": (_named(b"two\nlines"), "two\\nlines: not a run: no run has such a name"),
    "a name that is not UTF-8": (_named(b"caf\xe9"), "caf\\udce9: not a run: no run has such a name"),
    "no status": (_without("status.json"), "status.json: cannot be read (No such file"),
    "rubbish as run.json": (_content("run.json", bytes(range(256))), "run.json: damaged"),
    "an empty run.json": (_content("run.json", b""), "run.json: damaged"),
    "a list as run.json": (_content("run.json", b"[1, 2]"), "run.json: damaged"),
    "deep brackets as run.json": (_content("run.json", b"[" * 99_999), "run.json: damaged"),
    "a huge run.json": (_as("run.json", _huge), "it is larger than 1,048,576 bytes"),
    "a FIFO as run.json": (_as("run.json", os.mkfifo), "it is a FIFO, not a regular file"),
    "a folder as run.json": (_as("run.json", Path.mkdir), "it is a folder, not a regular file"),
    "a closed run.json": (_as("run.json", _closed), "cannot be read (Permission denied)"),
    "a closed folder": (lambda folder: folder.chmod(0), "cannot be read (Permission denied)"),
    "a newer format": (_key("version", 2), "written by a newer tui-optim, in format 2"),
    "an unknown key": (_key("dropout", 0.5, within="spec"), "dropout: a key that this version does not know"),
    "a missing key": (_key("spec", {}), "damaged (scenario: field required)"),
    "an unknown scenario": (_key("scenario", "xor", within="spec"), "unknown scenario 'xor'"),
    "an unknown data set": (_key("data", {**_DATA, "dataset": "xor"}, within="spec"), "unknown data set 'xor'"),
    "a sample that there is not": (
        _key("data", {**_DATA, "kind": "sample", "dataset": "circles"}, within="spec"),
        "there is no sample of data set 'circles'",
    ),
    "no time": (_key("created", float("nan")), "damaged (no time of making)"),
    "rubbish as status": (_content("status.json", b"\x00\xff" * 99), _DAMAGED_STATUS),
    "an empty status": (_content("status.json", b""), _DAMAGED_STATUS),
    "a status that is no number": (_key("effective_epochs", float("nan")), _DAMAGED_STATUS),
    "a FIFO as status": (_as("status.json", os.mkfifo), "it is a FIFO, not a regular file"),
    "a huge status": (_as("status.json", _huge), "it is larger than 1,048,576 bytes"),
}
"""Kind → how a whole run becomes one, and a part of the sentence about it."""

DAMAGED_LOGS: dict[str, Callable[[Path], None]] = {
    "rubbish": _content("events.jsonl", bytes(range(256)) * 9 + b"\n"),
    "a FIFO": _as("events.jsonl", os.mkfifo),
    "a folder": _as("events.jsonl", Path.mkdir),
    "no log": _without("events.jsonl"),
}
"""Kind → how the log of a whole run comes to be one; the run is there all the same."""


def add_all_oddities(home: Home) -> list[str]:
    """One of each kind that shows for this user; returns what their sentences say."""
    kinds = [kind for kind in ODDITIES if not (kind in NEED_PERMISSIONS and ALL_ARE_READ)]
    return [add_oddity(home, kind) for kind in kinds]
