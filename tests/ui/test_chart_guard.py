"""The guard around plotext, in a process of its own: a mistake there aborts the interpreter without an exception."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tui_optim.ui.charting.marks import POINTER
from tui_optim.ui.charting.series import BAND

_PROGRAM = """
import json, sys
from math import inf, nan
from tui_optim.ui.charting.drawing import ChartLimits, ChartSeries, draw_chart
from tui_optim.ui.charting.marks import Pointer

xs = list(range(50))
falling = [2.0 / (1 + x) for x in xs]
cases = {
    "plain": (xs, falling, {}),
    "nan": (xs, [nan if x % 7 == 0 else y for x, y in zip(xs, falling)], {}),
    "all nan": (xs, [nan] * 50, {}),
    "inf": (xs, [inf if x == 9 else -inf if x == 30 else y for x, y in zip(xs, falling)], {}),
    "non-finite x": ([nan, inf, -inf, *xs[3:]], falling, {}),
    "far outside the limits": (xs, [1e9 if x > 20 else y for x, y in zip(xs, falling)], {"limits": ChartLimits(y=(0, 5))}),
    "far outside in x": ([x * 1e9 for x in xs], falling, {"limits": ChartLimits(x=(0, 5))}),
    "huge": (xs, [(-1) ** x * 1e308 for x in xs], {}),
    "tiny": (xs, [x * 5e-324 for x in xs], {}),
    "zero on a log axis": (xs, [0.0 if x % 2 else y for x, y in zip(xs, falling)], {"log_y": True}),
    "negative on a log axis": (xs, [-y for y in falling], {"log_y": True}),
    "log with zero limits": (xs, falling, {"log_y": True, "limits": ChartLimits(y=(0, 5))}),
    "log x": ([10.0**-x for x in xs[:8]], falling[:8], {"log_x": True}),
    "zero and negative on a log x axis": ([x - 3 for x in xs], falling, {"log_x": True}),
    "hostile x on a log axis": ([nan, inf, -inf, 1e308, 5e-324, 1.0, *xs[6:]], falling, {"log_x": True, "log_y": True}),
    "log x with zero limits": (xs, falling, {"log_x": True, "limits": ChartLimits(x=(0, 5))}),
    "log x cut short": (xs, falling, {"log_x": True, "until": 20.5}),
    "limits the wrong way round": (xs, falling, {"limits": ChartLimits(x=(40, 3), y=(2, 0))}),
    "non-finite limits": (xs, falling, {"limits": ChartLimits(x=(nan, inf), y=(-inf, nan))}),
    "constant": (xs, [0.1] * 50, {}),
    "empty": ([], [], {}),
    "one point": ([3.0], [1.0], {}),
    "two equal points": ([3.0, 3.0], [1.0, 1.0], {}),
    "x not sorted": (xs[::-1], falling, {}),
    "different lengths": (xs[:10], falling, {}),
    "many points": (list(range(10_000)), [x % 97 for x in range(10_000)], {}),
}
hostile = [[nan, inf, -inf, 1e308, -1e308, 5e-324, 0.0, y][x % 8] for x, y in zip(xs, falling)]
bands = {
    "band": ([y - 0.2 for y in falling], [y + 0.2 for y in falling], {}),
    "band below zero on a log axis": ([y - 0.2 for y in falling], [y + 0.2 for y in falling], {"log_y": True}),
    "band of hostile edges": (hostile, hostile[3:] + hostile[:3], {}),
    "band of hostile edges on a log axis": (hostile, hostile[3:] + hostile[:3], {"log_y": True}),
    "band upside down": ([y + 0.2 for y in falling], [y - 0.2 for y in falling], {}),
    "band far outside the limits": ([-1e9] * 50, [1e9] * 50, {"limits": ChartLimits(x=(20, 30), y=(0, 1))}),
    "band shorter than its line": (falling[:3], falling[:3], {}),
    "cut short": ([y - 0.2 for y in falling], [y + 0.2 for y in falling], {"until": 20.5}),
    "cut among hostile edges": (hostile, hostile[3:] + hostile[:3], {"until": 20.5}),
    "cut before the first point": (falling, falling, {"until": -1.0}),
    "cut at a place that is no number": (falling, falling, {"until": nan}),
}
for case in map(str.strip, sys.stdin):
    size = {"width": 60, "height": 12}
    low, high, options = bands.get(case, ((), (), {}))
    marks = [("┊", True), ("╨", False)] if case in bands else []
    pointers = [Pointer(x=x, marker=mark, is_tall=tall) for x in (nan, -1.0, 25.0, inf) for mark, tall in marks]
    places, ys, options = cases[case] if case in cases else (xs, falling, options)
    if "x" in case and case[0].isdigit():
        width, height = map(int, case.split("x"))
        size = {"width": width, "height": height}
    until = options.pop("until", inf)
    series = [
        ChartSeries(xs=places, ys=ys, slot=slot, marker=marker, pattern=pattern, low=low, high=high, until=until)
        for slot, (marker, pattern) in enumerate([("●", "solid"), ("▲", "dashed"), ("■", "dotted"), ("", "solid")])
    ]
    lines = draw_chart(series, **size, pointers=pointers, **options).lines
    print(json.dumps({
        "height": len(lines),
        "widths": sorted({sum(len(span.text) for span in line) for line in lines}),
        "slots": sorted({span.slot for line in lines for span in line}),
    }), flush=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What came out."""

    height: int
    widths: list[int]
    """All different widths of lines."""
    slots: list[int]
    """All different colours; -1 is the frame."""


Draw = Callable[[str], Picture]


@pytest.fixture(scope="module")
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """The process that draws; another one after it where a case has ended it."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        with process:
            process.kill()


@pytest.fixture
def draw(processes: list[subprocess.Popen[str]]) -> Draw:
    """Draws a case in that process, which lives on."""

    def draw_there(case: str) -> Picture:
        if not processes or processes[-1].poll() is not None:
            words = [sys.executable, "-W", "ignore", "-c", _PROGRAM]
            pipe = subprocess.PIPE
            processes.append(subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True))
        process = processes[-1]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{case}\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer.startswith("{"), f"exit code {process.wait(60)}: {answer}{process.stdout.read()[-500:]}"
        return Picture(**json.loads(answer))

    return draw_there


@pytest.mark.parametrize(
    "case",
    [
        "plain",
        "nan",
        "inf",
        "non-finite x",
        "far outside the limits",
        "far outside in x",
        "huge",
        "tiny",
        "zero on a log axis",
        "log with zero limits",
        "log x",
        "zero and negative on a log x axis",
        "hostile x on a log axis",
        "log x with zero limits",
        "log x cut short",
        "limits the wrong way round",
        "non-finite limits",
        "constant",
        "one point",
        "two equal points",
        "x not sorted",
        "different lengths",
        "many points",
    ],
)
def test_hostile_values_are_drawn(draw: Draw, case: str) -> None:
    """The process lives, and the picture has the size that was asked for with something in it."""
    found = draw(case)
    assert (found.height, found.widths) == (12, [60])
    assert len(found.slots) > 1


@pytest.mark.parametrize(
    "case",
    [
        "band",
        "band below zero on a log axis",
        "band of hostile edges",
        "band of hostile edges on a log axis",
        "band upside down",
        "band far outside the limits",
        "band shorter than its line",
        "cut short",
        "cut among hostile edges",
    ],
)
def test_bands_and_pointers_are_drawn(draw: Draw, case: str) -> None:
    """Whatever their edges and places are; what can be shown of them is."""
    found = draw(case)
    assert (found.height, found.widths) == (12, [60])
    assert any(0 <= slot < BAND for slot in found.slots)
    assert POINTER in found.slots
    has_shade = any(BAND <= slot < POINTER for slot in found.slots)
    assert has_shade == (case in ("band", "band below zero on a log axis", "band far outside the limits", "cut short"))


@pytest.mark.parametrize("case", ["cut before the first point", "cut at a place that is no number"])
def test_a_cut_may_leave_nothing(draw: Draw, case: str) -> None:
    """The frame stays, with the limits of what is hidden."""
    found = draw(case)
    assert (found.height, found.widths) == (12, [60])


@pytest.mark.parametrize("case", ["empty", "all nan", "negative on a log axis"])
def test_nothing_to_draw_gives_blank_lines(draw: Draw, case: str) -> None:
    """Without a single drawable point there is a blank picture."""
    found = draw(case)
    assert (found.height, found.widths, found.slots) == (12, [60], [-1])


@pytest.mark.parametrize("case", ["0x0", "0x9", "9x0", "1x1", "2x3", "15x4", "16x3", "16x4", "17x5", "20x5", "400x100"])
def test_any_size_is_drawn(draw: Draw, case: str) -> None:
    """The picture has exactly the size that was asked for, down to none at all."""
    width, height = map(int, case.split("x"))
    found = draw(case)
    assert found.height == (height if width else 0)
    assert found.widths == ([width] if width and height else [])
