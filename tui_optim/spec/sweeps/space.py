"""What a sweep searches in: values or ranges of keys, and their typed form `lr=0.01,0.1` or `lr=1e-4..1`."""

import re
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from tui_optim.spec.errors import UsageError, find_word
from tui_optim.spec.hyperparameters import Hyperparameter, Value, format_value, parse_value

Scale = Literal["log", "linear"]
SCALES: tuple[Scale, ...] = get_args(Scale)


class Range(BaseModel):
    """An interval of numbers to search in."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    low: float
    high: float
    scale: Scale = "log"

    def shortened(self, value: float) -> float:
        """A value of it to four significant digits: what stands in tables is then what was run."""
        return min(max(float(f"{value:.4g}"), self.low), self.high)


Dimension = Annotated[tuple[Value, ...] | Range, Field(union_mode="left_to_right")]
"""What a searched key may be: one of several values, or a number in a range."""


def parse_dimension(text: str) -> tuple[str, Dimension]:
    """Read `lr=0.01,0.1` (values), `lr=1e-4..1` (a range, logarithmic) or `momentum=0..0.99:linear`. Raises UsageError."""
    name, separator, words = (part.strip() for part in text.partition("="))
    if not separator or not name or not words:
        raise UsageError(f"{text.strip()!r}: expected key=values, for example lr=0.01,0.1 or lr=1e-4..1")
    span = re.fullmatch(r"([^,:]+)\.\.([^,:]+?)(?::(\w+))?", words)
    if span is None:
        values = [parse_value(word) for word in words.split(",")]
        if "" in values:
            raise UsageError(f"{name}: a value is missing in {words!r}; write for example lr=0.01,0.1")
        if len(set(map(str, values))) < len(values):
            raise UsageError(f"{name}: a value stands twice in {words!r}")
        return name, tuple(values)
    low, high = parse_value(span[1]), parse_value(span[2])
    if isinstance(low, (str, bool)) or isinstance(high, (str, bool)) or not low < high:
        raise UsageError(f"{name}={words}: expected two numbers, the smaller one first, as in lr=1e-4..1")
    try:
        scale = find_word("scale", span[3] or "log", SCALES)
    except UsageError as error:
        raise UsageError(f"{name}={words}: {error}") from None
    if scale == "log" and low <= 0:
        raise UsageError(f"{name}={words}: a logarithmic range begins above 0; write {span[1]}..{span[2]}:linear")
    return name, Range(low=low, high=high, scale=scale)


def format_dimension(name: str, dimension: Dimension) -> str:
    """Inverse of `parse_dimension`."""
    if isinstance(dimension, Range):
        suffix = ":linear" if dimension.scale == "linear" else ""
        return f"{name}={format_value(dimension.low)}..{format_value(dimension.high)}{suffix}"
    return f"{name}={','.join(format_value(value) for value in dimension)}"


def check_dimension(name: str, dimension: Dimension, about: Hyperparameter) -> None:
    """Refuse values and bounds that the key does not take. Raises UsageError."""
    if isinstance(dimension, tuple):
        for value in dimension:
            if not (name == "batch_size" and value == "full"):
                about.check(value, where=name)
        return
    if about.kind not in ("float", "int"):
        raise UsageError(f"{name} is no number: give its values, for example {name}={about.expected.split()[-1]}")
    for bound in (dimension.low, dimension.high):
        about.check(bound, where=name)
