"""What the screens of pictures have in common: they are of a scenario, and can be written to a file as a figure."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui_optim.spec.errors import UsageError
from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.typed_file import free_name, typed_path, working_folder

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Picture


@dataclass(frozen=True, slots=True)
class FigureOf:
    """How to draw what a screen shows on paper."""

    stem: str
    """Of the proposed file name."""
    make: "Callable[[], Picture]"
    """Called in a thread; may raise UsageError."""


class PictureScreen(Screen[None]):
    """A picture of a scenario, or of runs on it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "write", "Write", id="picture.write", tooltip="write the picture to a file: .svg, .png or .pdf"),
    ]

    @property
    @abstractmethod
    def topic(self) -> str:
        """Which scenario it is of, by its id: what Explain explains here."""

    @property
    @abstractmethod
    def figure(self) -> FigureOf | None:
        """What is shown, as a figure; None while there is nothing to draw."""

    def action_write(self) -> None:
        """Ask for a file name, then write the figure beside all else."""
        figure = self.figure
        if figure is None:
            self.notify("There is nothing to write yet.")
            return
        setting = Setting(
            key="file",
            text=free_name(working_folder(), f"{figure.stem}.svg"),
            help="Write this picture to a file",
            expected="a name that ends in .svg, .png or .pdf",
        )

        def accept(text: str) -> None:
            path = _checked(text)
            self.app.run_worker(self._write(figure, path), group="commands")

        self.app.push_screen(EditScreen(setting, accept=accept))

    async def _write(self, figure: FigureOf, path: Path) -> None:
        try:
            await asyncio.to_thread(_render, figure, path)
        except UsageError as error:
            self.app.notify(str(error), severity="warning")
        else:
            self.app.notify(f"Wrote {path}.")


def _checked(text: str) -> Path:
    """Raises UsageError for a name that cannot be used, or that is taken."""
    from tui_optim.report.figures.canvas import figure_format

    path, is_there = typed_path(working_folder(), text)
    figure_format(path)
    if is_there:
        raise UsageError(f"{path.name} is there already; type another name")
    return path


def _render(figure: FigureOf, path: Path) -> None:
    from tui_optim.report.figures.canvas import figure_format, render
    from tui_optim.store.files import write_export

    write_export(path, render(figure.make(), figure_format(path)))
