"""The table of the benchmarks: a row for each measurement, as Markdown, and its place in the README."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BEGIN = "<!-- benchmarks -->"
END = "<!-- end of benchmarks -->"
"""In the README the table stands between these lines; nobody writes there by hand."""
HEAD = ("| what | median | quartiles | n | besides |", "| --- | ---: | --- | ---: | --- |")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was measured several times."""

    what: str
    values: Sequence[float]
    """One for each round: ratios of what took turns in that round, or figures in `unit`."""
    unit: str
    """'×' for a ratio."""
    besides: str = ""
    """The figures behind a ratio, a high quantile, the bar that it has to reach."""

    @property
    def median(self) -> float:
        """Of all rounds."""
        return statistics.median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Half of the rounds lie between them."""
        if len(self.values) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    def markdown(self) -> str:
        """A line of the table."""
        low, high = self.quartiles
        median, spread = f"{figure(self.median)} {self.unit}", f"{figure(low)} … {figure(high)}"
        return f"| {self.what} | {median} | {spread} | {len(self.values)} | {self.besides} |"


def figure(value: float) -> str:
    """With three digits that count, and no exponent."""
    for limit, digits in ((100, 0), (10, 1), (1, 2)):
        if abs(value) >= limit:
            return f"{value:,.{digits}f}"
    return f"{value:.3f}"


def median_of(values: Sequence[float], unit: str = "s") -> str:
    """For what stands besides."""
    return f"{figure(statistics.median(values))} {unit}"


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> list[float]:
    """Round by round: both were taken at one time, so whatever else the machine did met both."""
    return [over / under for over, under in zip(numerators, denominators, strict=True)]


def table(rows: Sequence[Row]) -> list[str]:
    """The lines of the table."""
    return [*HEAD, *(row.markdown() for row in rows)]


def write_block(path: Path, lines: Sequence[str]) -> None:
    """Put lines between the two marks of a file, in place of what stands there. Raises ValueError where they are not there."""
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"{path} needs one line {BEGIN!r} and, below it, one line {END!r}")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    block = "\n".join([BEGIN, *lines, END])
    path.write_text(before + block + after, encoding="utf-8")
