"""JSON as the files of a home hold it: what somebody else has put there ends in one of a few errors."""

import json
from typing import Any

DAMAGE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a body that is none of ours may raise."""
LATEST_TIME = 2e12
"""Seconds since the epoch (UTC): with later ones no calendar can do anything."""
_LIMIT = 2**64
_DIGITS = 20


def parse_json(content: bytes | str) -> Any:
    """What a text says. Whole numbers beyond 64 bits are refused: none of ours is as large, and no float could hold them.

    Raises:
        ValueError, RecursionError: it is no JSON in UTF-8, or nested too deeply.
    """
    return _DECODER.decode(content if isinstance(content, str) else content.decode())


def decode_time(value: Any) -> float:
    """Seconds since the epoch (UTC). Raises ValueError and TypeError."""
    if not 0 <= value < LATEST_TIME:
        raise ValueError("no time")
    return float(value)


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS or not -_LIMIT < (number := int(digits)) < _LIMIT:
        raise ValueError("a whole number beyond 64 bits")
    return number


_DECODER = json.JSONDecoder(parse_int=_whole)
