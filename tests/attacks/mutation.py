"""What becomes of a sound file in hostile hands: flipped bytes, torn and doubled pieces, values of other types and sizes."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

HUGE = 10**400
"""More than a float can hold, and yet valid JSON."""
NUMBERS: tuple[float, ...] = (
    0,
    -1,
    1,
    2**31,
    2**63,
    -(2**63),
    10**18,
    HUGE,
    -HUGE,
    -0.0,
    5e-324,
    1e-300,
    0.1,
    1e16,
    1e300,
    1.7976931348623157e308,
    float("inf"),
    float("-inf"),
    float("nan"),
)
TEXTS = (
    "",
    " ",
    "NaN",
    "Infinity",
    "-Infinity",
    "x" * 3000,
    "../../escape",
    "/etc/passwd",
    "a\x00b",
    "line\nline",
    "\x1b]52;c;aGFjaw==\x07",
    "\x1b[2J\x9b31m",
    "[red]x[/red]",
    "[link=http://x]y[/link",
    "\u202egnp.exe\u2066",
    "\u200b\ufeff\u00ad",
    "\ud800",
    "e\u0301" * 40,
    "\u0669\u0661",
    "1e999",
    "9" * 5000,
    "0x10",
    "1_000",
    "true",
    "null",
    ".",
    "..",
    "~",
    "-",
    "--",
    "--json",
)
texts = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=()), max_size=12)
"""Broken surrogates included: JSON has them."""
numbers: st.SearchStrategy[float] = st.sampled_from(NUMBERS) | st.integers(-5, 200) | st.floats(width=64)
scalars: st.SearchStrategy[Any] = st.one_of(numbers, texts, st.booleans(), st.none())
values: st.SearchStrategy[Any] = scalars | st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def broken_bytes(draw: st.DrawFn, sound: bytes) -> bytes:
    """Sound bytes with one to four things done to them."""
    content = sound
    for _ in range(draw(st.integers(1, 4))):
        size = len(content)
        start = draw(st.integers(0, size))
        stop = min(size, start + draw(st.sampled_from((0, 1, 2, 4, 64, size))))
        piece = content[start:stop]
        match draw(st.sampled_from(("flip", "cut", "tear", "double", "insert", "zero"))):
            case "flip" if piece:
                piece = bytes([piece[0] ^ (1 << draw(st.integers(0, 7)))]) + piece[1:]
            case "cut":
                piece = b""
            case "tear":
                stop = size
                piece = b""
            case "double":
                piece = piece * draw(st.integers(2, 5))
            case "insert":
                piece += draw(st.binary(max_size=8) | st.sampled_from((b"\xff\xfe", b"\n", b"{", b"]" * 9, b'"')))
            case "zero":
                piece = bytes(len(piece))
        content = content[:start] + piece + content[stop:]
    return content


@st.composite
def broken_json(draw: st.DrawFn, sound: Any) -> Any:
    """Sound JSON with one to three of its values, keys or parts changed."""
    body = json.loads(json.dumps(sound))
    for _ in range(draw(st.integers(1, 3))):
        body = _changed(draw, body)
    return body


def _changed(draw: st.DrawFn, body: Any) -> Any:
    """Go down to a random place, and change it."""
    is_here = draw(st.integers(0, 3)) == 0
    if isinstance(body, Mapping) and body and not is_here:
        key = draw(st.sampled_from(sorted(body)))
        match draw(st.integers(0, 9)):
            case 0:
                return {name: value for name, value in body.items() if name != key}
            case 1:
                return {**body, draw(texts): draw(scalars)}
            case _:
                return {**body, key: _changed(draw, body[key])}
    if isinstance(body, list) and body and not is_here:
        place = draw(st.integers(0, len(body) - 1))
        match draw(st.integers(0, 9)):
            case 0:
                return body[:place] + body[place + 1 :]
            case 1:
                return body + body[place:]
            case _:
                return [*body[:place], _changed(draw, body[place]), *body[place + 1 :]]
    return draw(st.one_of(values, *([numbers] * 2 if isinstance(body, (int, float)) else [texts] * 2)))


def json_bytes(body: Any) -> bytes:
    """As Python writes it, with NaN and Infinity, which our reader takes for numbers too; broken surrogates stay escapes."""
    return json.dumps(body).encode()


def broken_json_bytes(sound: bytes) -> st.SearchStrategy[bytes]:
    """A JSON file whose values, or whose bytes, are others."""
    return broken_json(json.loads(sound)).map(json_bytes) | broken_bytes(sound)


@st.composite
def broken_text(draw: st.DrawFn, sound: tuple[str, ...]) -> str:
    """Sound words with pieces cut out, doubled, exchanged, or hostile ones put in."""
    text = draw(st.sampled_from(sound))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 4)))
        piece = text[start:stop]
        match draw(st.sampled_from(("cut", "double", "hostile", "digits", "other"))):
            case "cut":
                piece = ""
            case "double":
                piece *= draw(st.sampled_from((2, 3, 200)))
            case "hostile":
                piece = draw(texts)
            case "digits":
                piece = draw(numbers.map(_number_text))
            case "other":
                piece += draw(st.sampled_from(sound))
        text = text[:start] + piece + text[stop:]
    return text


def _number_text(number: float) -> str:
    return f"{number:.3g}" if isinstance(number, float) else str(number)


@st.composite
def broken_lines(draw: st.DrawFn, sound: bytes) -> bytes:
    """A log with lines that are torn, doubled, out of their order, of another type, or with other values."""
    lines = sound.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1)) if lines else 0
        match draw(st.integers(0, 6)):
            case 0:
                lines[place:place] = lines[draw(st.integers(0, place)) : place]
            case 1:
                del lines[place : place + draw(st.integers(1, 5))]
            case 2:
                lines.insert(place, draw(st.binary(max_size=20)) * draw(st.sampled_from((1, 10_000))))
            case _ if lines:
                try:
                    body = json.loads(lines[place])
                except ValueError:
                    continue
                lines[place] = json_bytes(draw(broken_json(body)))
    return b"\n".join(lines) + draw(st.sampled_from((b"\n", b"")))
