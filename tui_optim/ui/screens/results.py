"""What the keys of the main screen make of results: files, comparisons, races. The keys themselves are in `screens.main`.

The screens that they open are loaded when they are asked for: the first frame does without.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from tui_optim.report.cells import Table
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.messages import RunsExported
from tui_optim.ui.screens.commanding import CommandingScreen

if TYPE_CHECKING:
    from tui_optim.report.figures.kinds import FigureRequest
    from tui_optim.ui.screens.export import ExportRequest


class ResultsScreen(CommandingScreen):
    """A screen of panes whose runs can be weighed against one another."""

    def action_export(self) -> None:
        """Ask what to export; the dialog ends once that is written."""
        from tui_optim.ui.screens.export import ExportScreen
        from tui_optim.ui.screens.typed_file import working_folder

        scopes = self.board.scopes(self.choosing.scenario.id)
        if not scopes:
            self.notify("There is nothing to export yet: ⟪preset.queue:enter⟫ on a preset starts a run.")
            return

        async def write(request: "ExportRequest") -> None:
            runs = scopes[request.scope]
            text = await self.launcher.export(runs, format=request.format, path=request.path)
            self.post_message(RunsExported(text, len(runs), request.path))

        self.app.push_screen(ExportScreen(tuple(scopes), folder=working_folder(), write=write))

    def action_compare(self) -> None:
        """Compare the marked runs, or those of the scenario."""
        from tui_optim.ui.screens.comparison import ComparisonScreen

        scopes = self.board.scopes(self.choosing.scenario.id)
        if not scopes:
            self.notify("There is nothing to compare yet: ⟪preset.queue:enter⟫ on a preset starts a run.")
            return
        marked = len(self.board.overlay.marked)
        preferred = "Marked" if marked > 1 else "This scenario"
        ordered = sorted(scopes, key=lambda name: not name.startswith(preferred))
        self.app.push_screen(
            ComparisonScreen(
                {name: scopes[name] for name in ordered}, compare=self.launcher.compare, export=self.export_comparison
            )
        )

    def action_race(self) -> None:
        """Race the marked runs, or those of the scenario."""
        from tui_optim.ui.charting.race import Race
        from tui_optim.ui.screens.race import RaceScreen

        race = Race(self.board, self.choosing.scenario.id)
        self.feed.wake()  # their logs may have to be read
        self.app.push_screen(RaceScreen(race, export=partial(self.export_comparison, stem="race")))

    def export_comparison(
        self,
        table: Table,
        runs: Sequence[StoredRun],
        figure: "FigureRequest | None" = None,
        *,
        stem: str = "comparison",
    ) -> None:
        """Ask where to write a comparison, or another table of runs; `figure` is what is drawn of them, if not their curves."""
        from tui_optim.ui.screens.export import ExportScreen
        from tui_optim.ui.screens.typed_file import working_folder

        async def write(request: "ExportRequest") -> None:
            text = await self.launcher.export_comparison(
                table, runs, format=request.format, path=request.path, figure=figure
            )
            self.post_message(RunsExported(text, len(runs), request.path))

        scopes, kind = (f"This {stem} ({len(table.rows)} rows)",), figure.kind if figure else "curves"
        self.app.push_screen(ExportScreen(scopes, folder=working_folder(), stem=stem, figure=kind, write=write))
