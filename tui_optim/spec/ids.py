"""What an id looks like; without pydantic, which commands that only help should not pay for."""

import re
from typing import Any

PRESET_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
"""Of presets and optimizers: it is part of file names and of the names of run folders."""


def folder_name(value: Any) -> str:
    """The name of a folder in a home, from a file that may say anything: no path leads out of it. Raises ValueError."""
    if not isinstance(value, str) or value in ("", ".", "..") or "/" in value or not value.isprintable():
        raise ValueError("no name of a folder")
    return value
