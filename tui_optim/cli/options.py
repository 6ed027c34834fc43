"""Options that commands share, and reading what they give: whole numbers and `--set` pairs."""

import re
from typing import Annotated

import typer

from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value, parse_value

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def whole_number(text: str) -> int:
    """Read a whole number; in words where it is none (Typer's own message names neither option nor value)."""
    if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
        raise UsageError(f"{text!r} is not a whole number (--epochs, --threads and --jobs take one)")
    return int(text)


def parse_settings(pairs: list[str], *, option: str = "--set", example: str = "lr=0.05") -> dict[str, Value]:
    """Read the `key=value` pairs of an option. Raises UsageError."""
    values: dict[str, Value] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name.strip() or not text.strip():
            raise UsageError(f"{option} {pair!r}: expected key=value, for example {option} {example}")
        values[name.strip()] = parse_value(text)
    return values
