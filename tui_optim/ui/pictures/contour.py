"""Level lines of a function of two parameters with the paths of runs on it, as braille dots."""

from bisect import bisect_right
from collections.abc import Hashable

from tui_optim.report.pictures.plane import LINE_POINTS, Box, Point, level_gaps, window_around
from tui_optim.spec.scenarios import Scenario
from tui_optim.ui.charting.axis import Limits
from tui_optim.ui.charting.marks import Line
from tui_optim.ui.charting.ticks import linear_ticks
from tui_optim.ui.pictures.dots import GROUND, WORDS, Dot, DotCanvas, connected, dot_of, dots_of
from tui_optim.ui.pictures.functions import Functions, Walk

START, MINIMUM = "∘", "×"
MIN_COLUMNS, MIN_ROWS = 12, 5
TICK_COLUMNS, TICK_ROWS = 10, 5
"""One number on an axis for so many cells."""

MAX_ACROSS = 2
"""Steps from outside to outside that are drawn: a run that diverges crosses the window with each, and would fill it."""


class Trace:
    """A walk as dots: where it was at which step. Grows with the walk."""

    def __init__(self, window: Box, canvas: DotCanvas) -> None:
        """Of nothing yet."""
        self._window, self._width, self._height = window, canvas.width, canvas.height
        self._num_seen = 0
        self._num_across = 0
        self._steps: list[float] = []
        self._dots: list[Dot] = []

    def see(self, walk: Walk) -> None:
        """Take in what is new: a dot for each place, and those on the way there."""
        steps, points = walk.steps, walk.points
        for number in range(self._num_seen, len(points)):
            here = self._dot(points[number])
            before = self._dot(points[number - 1]) if number else None
            if here is not None and here == before:
                continue
            if here is not None and (before is not None or not number):
                way = connected([before, here])[1:] if before is not None else [here]
            else:
                self._num_across += here is None and before is None
                is_hidden = here is None and self._num_across > MAX_ACROSS
                way = [] if is_hidden else self._way_across(points[number - 1], points[number])
            self._dots += way
            self._steps += [steps[number]] * len(way)
        self._num_seen = len(points)

    def until(self, step: float) -> list[Dot]:
        """The dots up to a step."""
        return self._dots[: bisect_right(self._steps, step)]

    def _dot(self, point: Point) -> Dot | None:
        return dot_of(self._window.fraction(point), width=self._width, height=self._height)

    def _way_across(self, start: Point, end: Point) -> list[Dot]:
        """What can be seen of a step into the window, out of it or through it."""
        parts = dots_of(
            [self._window.fraction(start), self._window.fraction(end)], width=self._width, height=self._height
        )
        return [dot for part in parts for dot in connected(part)]


class ContourPlot:
    """One function. Level lines are drawn once for a window and a size."""

    def __init__(self, functions: Functions, scenario: Scenario) -> None:
        """Draws what `functions` looks at, on this scenario's function."""
        assert scenario.quadratic is not None
        self.functions, self.scenario, self.quadratic = functions, scenario, scenario.quadratic
        self._ground: tuple[Hashable, DotCanvas] | None = None
        self._traces: dict[int, tuple[Hashable, Trace]] = {}

    def lines(self, columns: int, rows: int) -> list[Line]:
        """The picture in this many cells; nothing where there is no room."""
        if columns < MIN_COLUMNS or rows < MIN_ROWS:
            return []
        methods = self.functions.methods
        walks = [(one, walk) for one in methods if (walk := self.functions.walk(one, self.scenario))]
        boxes = [walk.box for _, walk in walks] or [Walk(self.quadratic).box]
        window = window_around(boxes, aspect=columns * 2 / (rows * 4))
        canvas = self._ground_for(window, columns, rows).copy()
        now = self.functions.timeline.now
        for method, walk in walks:
            trace = self._trace(method.slot, walk, window, canvas)
            canvas.draw(trace.until(now), method.slot)
        self._mark(canvas, window, self.quadratic.start, START, WORDS)
        self._mark(canvas, window, self.quadratic.minimiser, MINIMUM, WORDS)
        for method, walk in reversed(walks):
            self._mark(canvas, window, walk.place(now), method.marker, method.slot)
        return canvas.lines()

    def _ground_for(self, window: Box, columns: int, rows: int) -> DotCanvas:
        key = (window, columns, rows)
        if self._ground is None or self._ground[0] != key:
            self._ground = (key, self._draw_ground(window, columns, rows))
        return self._ground[1]

    def _draw_ground(self, window: Box, columns: int, rows: int) -> DotCanvas:
        canvas = DotCanvas(columns, rows)
        for gap in level_gaps(self.quadratic, window):
            fractions = [window.fraction(p) for p in self.quadratic.level_line(gap, num_points=LINE_POINTS)]
            for part in dots_of(fractions, width=canvas.width, height=canvas.height):
                canvas.draw(connected(part), GROUND)
        for tick in linear_ticks(Limits(low=window.left, high=window.right), count=columns // TICK_COLUMNS):
            x = round((tick.value - window.left) / (window.right - window.left) * (columns - 1))
            label = f"{tick.label}"
            canvas.write(min(max(0, x - len(label) // 2), columns - len(label)), rows - 1, label, WORDS)
        for tick in linear_ticks(Limits(low=window.bottom, high=window.top), count=rows // TICK_ROWS):
            y = round((window.top - tick.value) / (window.top - window.bottom) * (rows - 1))
            if y < rows - 1:
                canvas.write(0, y, tick.label, WORDS)
        return canvas

    def _trace(self, slot: int, walk: Walk, window: Box, canvas: DotCanvas) -> Trace:
        key = (id(walk), walk.num_begun, window, canvas.width, canvas.height)
        kept = self._traces.get(slot)
        if kept is None or kept[0] != key:
            kept = self._traces[slot] = (key, Trace(window, canvas))
        kept[1].see(walk)
        return kept[1]

    def _mark(self, canvas: DotCanvas, window: Box, point: tuple[float, ...], marker: str, slot: int) -> None:
        """Put a marker into the cell that has the point's dot."""
        dot = dot_of(window.fraction((point[0], point[1])), width=canvas.width, height=canvas.height)
        if dot is not None:
            canvas.write(dot[0] // 2, dot[1] // 4, marker, slot)
