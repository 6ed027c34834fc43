"""The way to the picture of what is highlighted: which screen shows it. Their modules are imported when they are needed."""

from textual.app import App

from tui_optim.spec.scenarios import Scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.layout import Pane
from tui_optim.ui.screens.main import MainScreen


class PictureFlow:
    """Opens; what a picture shows is its screen's."""

    def __init__(self, app: App[None], main: MainScreen) -> None:
        """`main` knows the runs, and what is highlighted."""
        self._app = app
        self._main = main

    def open(self) -> None:
        """Show the picture of the run whose charts stand alone, or under the cursor in the table; else of the scenario."""
        if self._app.screen is not self._main:
            return
        alone = self._main.charts.selection.alone
        run = self._main.board.find(alone) if alone is not None else None
        if run is None and self._main.workbench.view.current is Pane.RUNS:
            run = self._main.watching.run_under_cursor
        scenario = run.info.spec.scenario_info if run else self._main.choosing.scenario
        self._open(scenario, run)
        self._main.feed.wake()  # logs may have to be read

    def _open(self, scenario: Scenario, run: StoredRun | None) -> None:
        if scenario.picture in ("contour", "descent"):
            from tui_optim.ui.pictures.functions import Functions
            from tui_optim.ui.screens.functions import FunctionsScreen

            self._app.push_screen(FunctionsScreen(Functions(self._main.board, scenario.picture)))
            return
        if scenario.picture == "boundary":
            from tui_optim.ui.pictures.films import Films
            from tui_optim.ui.screens.boundary import BoundaryScreen

            self._app.push_screen(BoundaryScreen(Films(self._main.board, run.run_id if run else None)))
            return
        if scenario.picture == "gallery":
            from tui_optim.ui.screens.gallery import GalleryScreen

            run_id, find_data = run.run_id if run else None, self._main.launcher.find_data
            self._app.push_screen(GalleryScreen(self._main.board, scenario, run_id=run_id, find_data=find_data))
            return
        self._app.notify(f"There is no picture of {scenario.title}: its results are curves.")
