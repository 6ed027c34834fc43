"""One sweep: its map, its table of points or its curve, with the sentences around them."""

from collections.abc import Sequence
from typing import Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_optim.report.heatmap import HeatCell, standing
from tui_optim.report.sweep_curves import SweepCurve
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.names import sweep_name
from tui_optim.ui.sweeping.sentences import NO_SWEEPS, START_PLAN, about_plan, about_sweep, cell_sentence, legend_items
from tui_optim.ui.sweeping.watch import SweepPicture
from tui_optim.ui.widgets.heat_map import HEADER, HeatMapView
from tui_optim.ui.widgets.legend import broken
from tui_optim.ui.widgets.point_table import PointTable
from tui_optim.ui.widgets.sweep_chart import SweepChart

SweepShape = Literal["map", "table", "curve"]
MIN_CHART_HEIGHT = 7
"""Lines that a curve below the map or the table needs; with fewer it is left out."""
ROUND_THE_MAP = 7
"""Lines of the map's margin and legend, and of the point under the cursor."""


class SweepPane(Vertical):
    """Shows what was found in one look."""

    DEFAULT_CSS = """
    SweepPane {
        .sweep-line { height: auto; padding: 0 1; }
        #sweep-map { max-height: 70%; padding: 0 1; margin-top: 1; }
        #sweep-points { padding: 0; margin-top: 1; }
        #sweep-filler { height: 1fr; display: none; }
        #sweep-legend { color: $quiet; }
        #sweep-cell { height: auto; min-height: 2; max-height: 4; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id, classes=classes)
        self.picture: SweepPicture | None = None
        """The sweep that is shown."""
        self._wish: SweepShape | None = None
        """What the user turned to; None: what suits the sweep."""

    def compose(self) -> ComposeResult:
        """Sentences, map or table, curve, and the point under the cursor."""
        yield Static("", id="sweep-about", classes="sweep-line", markup=False)
        yield HeatMapView(id="sweep-map")
        yield Static("", id="sweep-legend", classes="sweep-line", markup=False)
        yield PointTable(id="sweep-points")
        yield SweepChart(id="sweep-curve")
        yield Static("", id="sweep-filler")
        yield Static("", id="sweep-cell", classes="sweep-line", markup=False)

    @property
    def shape(self) -> SweepShape:
        """What is shown of the sweep."""
        shapes = self._shapes()
        return self._wish if self._wish in shapes else shapes[0]

    @property
    def cell(self) -> HeatCell | None:
        """The point under the cursor."""
        picture = self.picture
        if picture is None:
            return None
        if self.shape == "map":
            return self.query_one(HeatMapView).cell
        row = self.query_one(PointTable).row
        return standing(picture.view, picture.ranked[row]) if row is not None and row < len(picture.ranked) else None

    @property
    def target(self) -> Widget | None:
        """What takes the focus; None where nothing has a cursor."""
        if self.picture is None or self.shape == "curve":
            return None
        return self.query_one(HeatMapView) if self.shape == "map" else self.query_one(PointTable)

    def turn_shape(self) -> None:
        """Show the next of map, table and curve."""
        shapes = self._shapes()
        self._wish = shapes[(shapes.index(self.shape) + 1) % len(shapes)]
        if self.picture is not None:
            self.show(self.picture)

    def show(self, picture: SweepPicture) -> None:
        """Show a sweep."""
        self.picture = picture
        self.border_title = frame_text(sweep_name(picture.view.sweep.spec.plan))
        self._say("#sweep-about", about_sweep(picture))
        if picture.drawn is not None and self.shape == "map":
            self.query_one(HeatMapView).show(picture.drawn)
        elif self.shape == "table":
            self.query_one(PointTable).show(picture.table, [verdict.point for verdict in picture.ranked])
        self._arrange()
        self.show_cell()

    def show_plan(self, name: str, plan: SweepPlan) -> None:
        """Show a ready-made sweep before its start."""
        self.picture = None
        self.border_title = "Ready-made"
        start = with_keys(self.app, START_PLAN)
        self._say("#sweep-about", Content.assemble(about_plan(name, plan), (start, "$quiet")))
        self._arrange()

    def show_nothing(self) -> None:
        """There is no sweep."""
        self.picture = None
        self.border_title = "Sweep"
        self._say("#sweep-about", Content.styled(with_keys(self.app, NO_SWEEPS), "$quiet"))
        self._arrange()

    def show_cell(self) -> None:
        """Tell about the point under the cursor."""
        picture, cell = self.picture, self.cell
        text = cell_sentence(picture.view, cell) if picture is not None and cell is not None else Content()
        self._say("#sweep-cell", text)

    def on_cursor_view_moved(self) -> None:
        """Another point."""
        self.show_cell()

    def on_mount(self) -> None:
        """Nothing is shown yet."""
        self._arrange()

    def on_resize(self) -> None:
        """Decide anew what there is room for."""
        self._arrange()

    def _shapes(self) -> list[SweepShape]:
        """What makes sense for the sweep, the usual one first."""
        if self.picture is None or self.picture.drawn is None:
            return ["table", "curve"]
        is_random = self.picture.view.sweep.spec.plan.search in ("random", "tpe")
        return ["table", "map", "curve"] if is_random else ["map", "table", "curve"]

    def _arrange(self) -> None:
        picture, shape = self.picture, self.shape
        if picture is not None and picture.drawn is not None:
            lines = broken(legend_items(picture.drawn), self.content_size.width - 2)
            self._say("#sweep-legend", Content("\n").join(lines))
        has_curve = picture is not None and bool(self._curves(picture)) and self._has_room(picture)
        self._display("#sweep-map", picture is not None and shape == "map")
        self._display("#sweep-legend", picture is not None and shape == "map")
        self._display("#sweep-points", picture is not None and shape == "table")
        self._display("#sweep-curve", has_curve)
        self._display("#sweep-cell", picture is not None and shape != "curve")
        self._display("#sweep-filler", picture is not None and shape == "map" and not has_curve)
        if picture is not None and has_curve:
            is_map = shape == "map" and picture.drawn is not None
            self.query_one(SweepChart).show(
                self._curves(picture),
                metric=picture.view.sweep.spec.plan.metric,
                against=picture.drawn.columns.title if is_map and picture.drawn is not None else "points tried",
                is_of_points=is_map,
            )

    def _has_room(self, picture: SweepPicture) -> bool:
        """Whether a curve has room below the map or the table."""
        if self.shape == "curve":
            return True
        height = self.content_size.height
        if self.shape == "table":
            return height >= 3 * MIN_CHART_HEIGHT
        num_rows = len(picture.drawn.cells) if picture.drawn is not None else 0
        width = max(1, self.content_size.width - 2)
        about = sum(max(1, -(-line.cell_length // width)) for line in about_sweep(picture).split("\n"))
        return height - (num_rows + HEADER + about + ROUND_THE_MAP) >= MIN_CHART_HEIGHT

    def _curves(self, picture: SweepPicture) -> Sequence[SweepCurve]:
        curves = picture.sensitivity if self.shape == "map" else picture.best_so_far
        return [curve for curve in curves if curve.xs]

    def _display(self, selector: str, is_shown: bool) -> None:
        widget = self.query_one(selector)
        if widget.display != is_shown:
            widget.display = is_shown

    def _say(self, selector: str, text: Content) -> None:
        line = self.query_one(selector, Static)
        if line.content != text:
            line.update(text)
