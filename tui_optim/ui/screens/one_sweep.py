"""What the keys do with the sweep that is shown, and with the point of it under the cursor."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui_optim.report.cells import Table
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.sweepfolder import SweepCommand
from tui_optim.ui.laboratory.read_only import is_refused
from tui_optim.ui.messages import StopRuns, SweepExported, TellSweep
from tui_optim.ui.names import sweep_name
from tui_optim.ui.screens.comparison import ComparisonScreen
from tui_optim.ui.screens.confirm import ConfirmScreen
from tui_optim.ui.screens.export import ExportRequest, ExportScreen
from tui_optim.ui.screens.typed_file import working_folder
from tui_optim.ui.sweeping import wishes
from tui_optim.ui.sweeping.desk import SweepDesk, has_map
from tui_optim.ui.sweeping.watch import Axes, SweepPicture
from tui_optim.ui.widgets.sweep_list import SweepList
from tui_optim.ui.widgets.sweep_pane import SweepPane


class OneSweepScreen(Screen[Sequence[str]]):
    """Gives back the ids of the runs that the user wants on the charts."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="sweep.new", tooltip="a new sweep of the marked presets"),
        Binding("p", "pause", "Pause", id="sweep.pause", tooltip="pause or resume the sweep"),
        Binding("t", "stop_cell", "Stop cell", id="sweep.stop-cell", tooltip="stop the runs of the point under the cursor"),
        Binding("T", "stop", "Stop", id="sweep.stop", show=False, tooltip="stop the sweep; what it has found is kept"),
        Binding("f", "requeue", "Redo failed", id="sweep.requeue", show=False, tooltip="try failed and stopped trials again"),
        Binding("v", "turn_shape", "View", id="sweep.view", tooltip="turn: map, table of points, best so far"),
        Binding("x", "turn_columns", "Columns", id="sweep.columns", show=False, tooltip="another key as the map's columns"),
        Binding("y", "turn_rows", "Rows", id="sweep.rows", show=False, tooltip="another key as the map's rows"),
        Binding("o", "open_all", "Overlay", id="sweep.overlay", show=False, tooltip="all runs of the sweep on the charts"),
        Binding("w", "export", "Export", id="sweep.export", tooltip="write the table of points to a file and to the clipboard"),
        Binding("c", "compare", "Compare", id="sweep.compare", tooltip="compare the winners' final runs"),
    ]  # fmt: skip

    def __init__(
        self,
        desk: SweepDesk,
        *,
        new: Callable[[], None],
        export_comparison: Callable[[Table, Sequence[StoredRun]], None],
    ) -> None:
        """`new` asks for a new sweep; `export_comparison` asks where to write a comparison."""
        super().__init__()
        self.desk = desk
        self.axes: dict[str, Axes] = {}
        """Sweep id → what the user turned its map to."""
        self._new, self._export_comparison = new, export_comparison

    @property
    def pane(self) -> SweepPane:
        """The sweep."""
        return self.query_one(SweepPane)

    @property
    @abstractmethod
    def is_plan_shown(self) -> bool:
        """Whether it is one that could be started."""

    @abstractmethod
    def wake(self) -> None:
        """Look at it again."""

    def action_new(self) -> None:
        """Ask for a new sweep."""
        self._new()

    def action_turn_shape(self) -> None:
        """Map, table, curve."""
        self._on_picture(self._turn_shape)

    def action_turn_columns(self) -> None:
        """Another key as columns."""
        self._on_picture(partial(self._turn_axes, of_rows=False))

    def action_turn_rows(self) -> None:
        """Another key as rows."""
        self._on_picture(partial(self._turn_axes, of_rows=True))

    def action_pause(self) -> None:
        """Pause or resume the sweep."""
        self._on_picture(lambda picture: self._tell(picture, wishes.pause_or_resume(picture.view)))

    def action_requeue(self) -> None:
        """Try the failed and stopped trials again."""
        self._on_picture(lambda picture: self._tell(picture, wishes.redo(picture.view)))

    def action_stop(self) -> None:
        """Ask, then stop the sweep."""
        self._on_picture(self._ask_to_stop)

    def action_stop_cell(self) -> None:
        """Stop the runs of the point under the cursor."""
        self._on_picture(lambda picture: self.post_message(StopRuns(wishes.runs_to_stop(picture.view, self.pane.cell))))

    def action_open_runs(self) -> None:
        """Put the runs of the point under the cursor on the charts."""
        self._on_picture(lambda picture: self.dismiss(wishes.runs_to_open(picture.view, self.pane.cell)))

    def action_open_all(self) -> None:
        """Put all runs of the sweep on the charts, one over the other."""
        self._on_picture(lambda picture: self.dismiss(wishes.all_to_open(picture.view)))

    def action_export(self) -> None:
        """Ask where to write the table of points."""
        self._on_picture(self._export)

    def action_compare(self) -> None:
        """Compare the winners' final runs."""
        self._on_picture(self._compare)

    def _on_picture(self, act: Callable[[SweepPicture], object]) -> None:
        """Do something with the sweep that is shown, or say why that cannot be done."""
        picture = self.pane.picture
        try:
            if picture is None:
                ready = (
                    "⟪sweep-list.open:enter⟫, then ⟪start-sweep.yes:s⟫, starts this sweep; then its points are here."
                )
                raise UsageError(ready if self.is_plan_shown else "There is no sweep yet: ⟪sweep.new:n⟫ makes one.")
            act(picture)
        except UsageError as error:
            self.notify(str(error))

    def _tell(self, picture: SweepPicture, command: SweepCommand) -> None:
        self.post_message(TellSweep(picture.view.sweep, command))

    def _ask_to_stop(self, picture: SweepPicture) -> None:
        command = wishes.stop(picture.view.sweep)
        if is_refused(self, self.desk.launcher.lab):
            return

        def stop(is_confirmed: bool | None) -> None:
            if is_confirmed:
                self._tell(picture, command)

        name = sweep_name(picture.view.sweep.spec.plan)
        about = (
            "Runs under way end at their next step, no further ones begin. What has finished is kept; "
            "⟪sweep.pause:p⟫ goes on."
        )
        self.app.push_screen(ConfirmScreen(f"Stop {name}?", about=about), stop)

    def _turn_shape(self, _picture: SweepPicture) -> None:
        is_in_list = self.focused is self.query_one(SweepList)
        self.pane.turn_shape()
        if not is_in_list:
            self.set_focus(self.pane.target)

    def _turn_axes(self, picture: SweepPicture, *, of_rows: bool) -> None:
        sweep_id = picture.view.sweep.sweep_id
        self.axes[sweep_id] = wishes.next_axes(picture, self.axes.get(sweep_id), of_rows=of_rows)
        self.wake()

    def _export(self, picture: SweepPicture) -> None:
        if not picture.ranked:
            raise UsageError("The sweep has no point yet: there is nothing to write.")

        async def write(request: ExportRequest) -> None:
            text = await self.desk.export(picture.view, format=request.format, path=request.path)
            self.post_message(SweepExported(text, request.path))

        points = f"This sweep ({len(picture.ranked)} point{'s' if len(picture.ranked) > 1 else ''})"
        figure = "map" if has_map(picture.view) else "points"
        self.app.push_screen(ExportScreen((points,), folder=working_folder(), stem="sweep", write=write, figure=figure))

    def _compare(self, picture: SweepPicture) -> None:
        runs = wishes.runs_to_compare(picture.view)
        scopes = {f"Final runs of the winners ({len(runs)})": runs}
        compare = self.desk.launcher.compare
        self.app.push_screen(ComparisonScreen(scopes, compare=compare, export=self._export_comparison))
