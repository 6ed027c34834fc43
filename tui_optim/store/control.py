"""Control folders: any app or command leaves requests in them, the one who works on the run or sweep takes them out.

1764408151000000000-5f0c2a91.json    a command with its reason and value
1764408151000000000-5f0c2a91.kill    an empty file: on a full disk there is room for a name, and for nothing in it
"""

import contextlib
import errno
import json
import re
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tui_optim.spec.commands import LIVE, Order, find_command, is_number
from tui_optim.spec.errors import DiskFullError
from tui_optim.spec.json_text import DAMAGE, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.store.files import not_written, replace_file
from tui_optim.store.stamps import names_in

LIMIT_BYTES = 64 * 1024
"""A command has some hundred bytes."""
_BARE_NAME = re.compile(r"\d+-[0-9a-f]{8}\.([a-z]+)")
"""Of an empty file, which says the command."""
_MAY_PASS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE})
"""Errors of the system and not of the file: at the next look it may be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command found in a control folder; acknowledged by an event and then removed."""

    command: str
    reason: str
    """Why, where it was not the user; '' else."""
    path: Path
    value: float | None = None
    """What it asks for, where it is a number."""

    @property
    def order(self) -> Order:
        """The command of a run; asked of requests from a run's folder alone."""
        return Order(command=find_command(self.command), value=self.value, reason=self.reason, request=self.path.name)


def leave_request(folder: Path, command: str, *, reason: str = "", value: float | None = None) -> None:
    """Leave a command, whole or not at all; on a full disk only one that neither says more nor needs space itself.

    Raises:
        StoreError: the folder cannot be written.
    """
    name = f"{time.time_ns()}-{secrets.token_hex(4)}"
    body = {"command": command, "reason": reason} | ({} if value is None else {"value": value})
    try:
        replace_file(folder / f"{name}.json", json.dumps(body).encode())
    except DiskFullError:
        if command in LIVE or reason or value is not None:
            raise
        _leave_name(folder / f"{name}.{command}")


def read_requests(folder: Path | str, known: Collection[str]) -> list[Request]:
    """The `known` commands in the order in which they came; anything else is removed, other users' files and links among it."""
    found: list[Request] = []
    for name in sorted(names_in(str(folder))):
        path = Path(folder) / name
        request = None
        try:
            request = _read(path, known)
        except OSError as error:
            if error.errno in _MAY_PASS:
                continue
        except DAMAGE:
            pass
        if request is not None:
            found.append(request)
        else:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return found


def _leave_name(path: Path) -> None:
    try:
        path.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise not_written(path, error) from error


def _read(path: Path, known: Collection[str]) -> Request | None:
    """None for what is no command. Raises OSError and what `DAMAGE` lists."""
    content = read_regular(path, limit_bytes=LIMIT_BYTES, must_be_ours=True)
    bare = None if content else _BARE_NAME.fullmatch(path.name)
    if bare is not None:
        return Request(command=bare[1], reason="", path=path) if bare[1] in known and bare[1] not in LIVE else None
    body = parse_json(content)
    command, reason, value = body["command"], str(body.get("reason", "")), body.get("value")
    if not isinstance(command, str) or command not in known or not is_number(value):
        return None
    return Request(command=command, reason=reason, path=path, value=value)
