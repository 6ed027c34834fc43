"""Answers in JSON: valid whatever the numbers are, and readable without a character that a terminal would obey."""

import json
from typing import Any

from tui_optim.spec.results import encode_number


def json_answer(body: Any, *, indent: int | None = 2) -> str:
    """As JSON text, letters of all languages as they are; numbers that are not finite as the strings that logs use."""
    try:
        text = json.dumps(body, indent=indent, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(body), indent=indent, ensure_ascii=False)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def _finite(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _finite(value) for name, value in body.items()}
    if isinstance(body, (list, tuple)):
        return [_finite(value) for value in body]
    return encode_number(body)
