"""`label.json`: what a user has said about a run: a name, a note, and whether it is pinned. It decides no number."""

import json
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.json_text import parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.store.files import reading, replace_file

FORMAT_VERSION = 1
MAX_NAME = 60
MAX_NOTE = 500
NEWEST = frozenset({"last", "sweep"})
"""Names that mean the newest run or sweep wherever a run is named."""
LABEL_LIMIT_BYTES = 64 * 1024
"""A label has a few hundred bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a user has said about a run."""

    name: str = ""
    """Shown in place of the preset, the seed and the changed values; '' where the run goes by those."""
    note: str = ""
    is_pinned: bool = False
    """Whether the run stands at the top of the app's table."""


NO_LABEL = Label()
"""Of runs that nobody has labelled: they have no such file."""


def read_label(path: Path) -> Label:
    """Read a label that is there. Raises StoreError: it cannot be read, or is damaged."""
    with reading(path):
        body = parse_json(read_regular(path, limit_bytes=LABEL_LIMIT_BYTES))
        name, note, is_pinned = body["name"], body["note"], body["pinned"]
        if not (isinstance(name, str) and isinstance(note, str) and isinstance(is_pinned, bool)):
            raise TypeError("not a label")
        try:
            return Label(name=clean_name(name), note=clean_note(note), is_pinned=is_pinned)
        except UsageError as error:
            raise StoreError(f"{path}: damaged ({error})") from error


def write_label(path: Path, label: Label) -> None:
    """Replace a run's label; one that says nothing leaves no file. Raises StoreError."""
    if label != NO_LABEL:
        body = {"version": FORMAT_VERSION, "name": label.name, "note": label.note, "pinned": label.is_pinned}
        replace_file(path, json.dumps(body).encode())
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot remove {path}: {error.strerror or error}") from error


def relabel(path: Path, *, name: str | None = None, note: str | None = None, is_pinned: bool | None = None) -> Label:
    """Change a label where something is given, and return all of it; a damaged one begins anew. Raises UsageError."""
    label = NO_LABEL
    with suppress(StoreError):
        label = read_label(path)
    changed = Label(
        name=label.name if name is None else _reaching(clean_name(name), path.parent),
        note=label.note if note is None else clean_note(note),
        is_pinned=label.is_pinned if is_pinned is None else is_pinned,
    )
    write_label(path, changed)
    return changed


def _reaching(name: str, folder: Path) -> str:
    """A name that does not mean another run already: it would never reach this one. Raises UsageError."""
    if name in NEWEST:
        raise UsageError(f"{name!r} means the newest {'run' if name == 'last' else name} everywhere: take another name")
    if "/" not in name and name not in ("", folder.name) and (folder.parent / name).exists():
        raise UsageError(f"{name!r} is the id of another run: take another name")
    return name


def clean_name(text: str) -> str:
    """A name as it is kept: on one line, without blanks at its ends. Raises UsageError."""
    return _clean(text, what="name", limit=MAX_NAME)


def clean_note(text: str) -> str:
    """The same for a note. Raises UsageError."""
    return _clean(text, what="note", limit=MAX_NOTE)


def _clean(text: str, *, what: str, limit: int) -> str:
    """Refuses what could steer a terminal or turn the reading direction, and what no one could read on a line."""
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    for character in line:
        if not character.isprintable():
            raise UsageError(
                f"a {what} has letters, digits and signs; U+{ord(character):04X} cannot be shown: leave it out"
            )
    if len(line) > limit:
        raise UsageError(f"a {what} has at most {limit} characters; this one has {len(line)}")
    return line
