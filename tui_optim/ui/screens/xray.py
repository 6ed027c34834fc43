"""The X-ray of a run: gradients, updates, sharpness, noise, rates and momentum over its steps."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content

from tui_optim.report.xray import XRayPanel, xray_panels
from tui_optim.report.xray_table import xray_cost
from tui_optim.spec.xray import XRay
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.names import run_name
from tui_optim.ui.screens.picture import FigureOf, PictureScreen
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.title_line import TitleLine
from tui_optim.ui.widgets.xray_pane import XRayPane

LOOK_EVERY_S = 0.5
NUM_ACROSS, NUM_DOWN = 2, 2
WIDE, TALL = 100, 30
"""From so many columns and lines on there is room for panels side by side, and below each other."""


class XRayScreen(PictureScreen):
    """As many panels as there is room for; the keys turn through all of them."""

    TITLE = "X-ray"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m,right,l", "turn(1)", "Measure", id="xray.next", key_display="m", tooltip="the next measures"),
        Binding("M,left,h", "turn(-1)", "Back", id="xray.previous", show=False, tooltip="the measures before"),
        Binding("n", "take", "X-ray now", id="xray.now", tooltip="X-ray the run at its next step"),
        Binding("escape,q,I", "leave", "Back", id="xray.leave", key_display="esc", tooltip="back to the main screen"),
    ]
    DEFAULT_CSS = """
    XRayScreen .row { height: 1fr; }
    """

    def __init__(self, board: Board, run_id: str, *, take: Callable[[StoredRun], None]) -> None:
        """Of a run on the board; `take` asks for an X-ray now."""
        super().__init__()
        self.board, self.first = board, 0
        """`first` is the number of the panel at the top left."""
        self._run_id, self._take = run_id, take
        board.looked_at_elsewhere = frozenset({run_id})

    def compose(self) -> ComposeResult:
        """A line, the panels, the keys."""
        yield TitleLine(id="xray-line")
        for row in range(NUM_DOWN):
            with Horizontal(classes="row"):
                for column in range(NUM_ACROSS):
                    yield XRayPane(id=f"xray-{row}-{column}")
        yield KeyFooter()

    @property
    def topic(self) -> str:
        """What Explain explains here."""
        return "x-ray"

    @property
    def run(self) -> StoredRun | None:
        """The run, unless it has been deleted meanwhile."""
        return self.board.find(self._run_id)

    @property
    def xrays(self) -> Sequence[XRay]:
        """What has been read of it."""
        series = self.board.series(self._run_id)
        return series.xrays if series else []

    @property
    def figure(self) -> FigureOf | None:
        """All panels."""
        run, series = self.run, self.board.series(self._run_id)
        if run is None or series is None or not series.xrays:
            return None
        from tui_optim.report.figures.xray import xray_picture  # draws nothing on the screen

        return FigureOf("xray", partial(xray_picture, [run], {run.run_id: series}))

    @property
    def is_settled(self) -> bool:
        """Whether what can be seen is what there is."""
        has_read = self.run is None or self.run.status.state == "queued" or self.board.series(self._run_id) is not None
        return has_read and all(pane.panel is not None for pane in self._panes())

    def on_mount(self) -> None:
        """Follow the run."""
        self._show()
        self.set_interval(LOOK_EVERY_S, self._show)

    def on_drawing_resized(self) -> None:
        """Draw for the new size."""
        self._show()

    def action_turn(self, by: int) -> None:
        """Other panels: as many further as there is room for."""
        self.first = (self.first + by * len(self._panes())) % max(1, self._num_panels)
        self._show()

    def action_take(self) -> None:
        """Ask for an X-ray."""
        if run := self.run:
            self._take(run)

    def action_leave(self) -> None:
        """Back."""
        self.dismiss()

    @property
    def _num_panels(self) -> int:
        return len(self._panels())

    def _panels(self) -> tuple[XRayPanel, ...]:
        return xray_panels(self.run.info.spec, self.xrays) if self.run else ()

    def _panes(self) -> list[XRayPane]:
        """Those that there is room for."""
        across, down = (NUM_ACROSS if self.size.width >= WIDE else 1), (NUM_DOWN if self.size.height >= TALL else 1)
        return [self.query_one(f"#xray-{row}-{column}", XRayPane) for row in range(down) for column in range(across)]

    def _show(self) -> None:
        if not self.query(XRayPane) or not self.is_attached:
            return
        shown, panels = self._panes(), self._panels()
        for pane in self.query(XRayPane):
            pane.display = pane in shown
        for row in self.query(".row").results(Horizontal):
            row.display = any(pane.display for pane in row.query(XRayPane))
        self.query_one(TitleLine).say(self._line(len(shown)))
        for place, pane in enumerate(shown):
            if panels:
                panel = panels[(self.first + place) % len(panels)]
                pane.show(panel, empty_text=self._nothing, revision=self._revision())

    def _revision(self) -> Hashable:
        xrays = self.xrays
        return (self._run_id, len(xrays), xrays[-1].step if xrays else 0)

    @property
    def _nothing(self) -> str:
        """What to say without an X-ray."""
        run = self.run
        if run is not None and run.status.state in ("running", "queued"):
            return with_keys(self.app, "No X-ray yet: ⟪xray.now:n⟫ takes one now.")
        return "This run was not X-rayed: set xray to auto in the details before a start, or `tui-optim run … --xray auto`."

    def _line(self, num_shown: int) -> Content:
        if self.run is None:
            return Content.assemble((str(self.TITLE), "$primary bold"), "  this run has been deleted")
        series, total = self.board.series(self._run_id), self._num_panels
        cost = xray_cost(series) if series else ""
        pages = f"measure {_span(self.first, num_shown, total)} of {total}"
        about = "   ".join(part for part in (pages, cost) if part)
        return Content.assemble((str(self.TITLE), "$primary bold"), f"  {run_name(self.run)}  ", (about, "$quiet"))


def _span(first: int, count: int, total: int) -> str:
    """Numbers from 1 of so many panels from this one on: `1–4`; beyond the last the first follow: `5–6, 1–2`."""
    before, after = range(first + 1, min(first + count, total) + 1), range(1, first + count - total + 1)
    return ", ".join(f"{one[0]}–{one[-1]}" if len(one) > 1 else f"{one[0]}" for one in (before, after) if len(one))
