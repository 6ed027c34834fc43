"""Errors that are written for the person who reads them: what, where, what to do, the nearest valid name."""

import difflib
from collections.abc import Iterable, Sequence
from typing import TypeVar

MAX_LISTED = 24
"""How many names a message lists; who wants them all asks for the list."""


class UsageError(Exception):
    """Something the user gave cannot be used. The message is one line, ready to be shown; the exit code is 2."""

    def __init__(self, message: str) -> None:
        """Control characters that came in with a name or a path are shown as escapes, so that the line stays a line."""
        super().__init__("".join(char if char.isprintable() else ascii(char)[1:-1] for char in message))


class PresetError(UsageError):
    """A preset file is not valid. The message names file, key and what was expected."""


class DataError(UsageError):
    """A data file is missing, damaged or not what its name says."""


class StoreError(UsageError):
    """The home folder or a run folder cannot be read or written."""


class DiskFullError(StoreError):
    """Nothing is wrong but that there is no space: what could not be written can be once there is."""


def shown(value: object) -> str:
    """`repr(value)`, cut to 60 characters, for a message."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:59]}…"


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return a hint such as ``"did you mean 'adam'?"`` or, where nothing is near, the list of valid names, each once."""
    choices = sorted(set(valid))
    if close := similar(name, choices):
        return f"did you mean {close!r}?"
    if len(choices) > MAX_LISTED:
        return f"valid: {', '.join(choices[:MAX_LISTED])}, … ({len(choices)} in all)"
    return "valid: " + ", ".join(choices) if choices else "it takes none"


def similar(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that was probably meant; None where none is near."""
    choices = sorted(valid)
    by_lower = {choice.lower(): choice for choice in reversed(choices)}
    # two letters that have changed places are what fingers do, and difflib counts them twice
    swapped = [lower for lower in by_lower if _is_swapped(name.lower(), lower)]
    close = swapped or difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5 if len(name) <= 3 else 0.6)
    return by_lower[close[0]] if close else None


def _is_swapped(name: str, other: str) -> bool:
    """Whether two neighbouring letters have changed places."""
    differing = [place for place, (a, b) in enumerate(zip(name, other, strict=False)) if a != b]
    if len(name) != len(other) or len(differing) != 2 or differing[1] != differing[0] + 1:
        return False
    first, second = differing
    return name[first] == other[second] and name[second] == other[first]


Word = TypeVar("Word", bound=str)


def find_word(kind: str, name: str, valid: Sequence[Word]) -> Word:
    """The one of these words that a name is. Raises UsageError with the nearest valid one."""
    for word in valid:
        if word == name:
            return word
    raise unknown(kind, name, valid)


def unknown(kind: str, name: str, valid: Iterable[str]) -> UsageError:
    """Build the error for a name that is not in a registry."""
    return UsageError(f"unknown {kind} {name!r}: {nearest(name, valid)}")
