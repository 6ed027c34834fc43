"""A row of the editor: a value as it is shown and typed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value that may be changed before the start."""

    key: str
    text: str
    """The value as shown and typed."""
    help: str
    expected: str
    choices: tuple[str, ...] = ()
    """For switches and choices: all valid values."""
    is_changed: bool = False
