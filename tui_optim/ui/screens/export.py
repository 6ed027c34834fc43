"""Exporting results: which runs, in which format, to which file."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_optim.spec.errors import UsageError
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.screens.typed_file import free_name, typed_path
from tui_optim.ui.terminal.clipboard import has_clipboard
from tui_optim.ui.widgets.choice_list import ChoiceList
from tui_optim.ui.widgets.steady_input import SteadyInput

_FORMATS = {
    "markdown": ("Markdown table", "{stem}.md"),
    "csv": ("CSV for a spreadsheet", "{stem}.csv"),
    "csv-long": ("CSV, long: every epoch", "{stem}-long.csv"),
    "latex": ("LaTeX, booktabs", "{stem}.tex"),
    "html": ("HTML table", "{stem}.html"),
    "json": ("JSON with histories", "{stem}.json"),
    "report": ("Report: .html or .md", "report.html"),
    "figure": ("{Figure}: .svg .png .pdf", "{figure}.svg"),
    "tensorboard": ("TensorBoard folder", "tensorboard"),
}
"""What each format is, and the file that is proposed for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What the user wants written."""

    scope: str
    format: str
    path: Path


class ExportScreen(Dialog[None]):
    """Asks for scope, format and file name; enter anywhere writes, and only what is written ends the dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "write", "Write", id="export.write", show=False)]
    DEFAULT_CSS = """
    ExportScreen {
        #choices { height: auto; }
        #choices > Vertical { height: auto; width: 1fr; border: round $border-blurred; border-title-color: $quiet; }
        #choices > Vertical:focus-within { border: round $border; border-title-color: $primary; }
    }
    """

    def __init__(
        self,
        scopes: Sequence[str],
        *,
        folder: Path,
        write: Callable[[ExportRequest], Awaitable[None]],
        stem: str = "results",
        figure: str = "curves",
    ) -> None:
        """`scopes` are the choices of runs, the preferred one first; files go to `folder` unless the user says otherwise.

        `stem` is the proposed name without its ending, `figure` what a figure is of.

        `write` writes the file or raises UsageError, which is shown.
        """
        super().__init__()
        self.scopes = scopes
        self.folder = folder
        self._names = {"stem": stem, "figure": figure, "Figure": figure.capitalize()}
        self._write = write
        self._confirmed: Path | None = None
        self._is_writing = False

    def compose(self) -> ComposeResult:
        """Two lists and a field."""
        with Vertical(classes="box") as box:
            box.border_title = "Export results"
            box.border_subtitle = with_keys(
                self.app, "⟪export.write:enter⟫: write   tab: next field   ⟪dialog.cancel:esc⟫: back"
            )
            with Horizontal(id="choices"):
                with Vertical() as formats:
                    formats.border_title = "Format"
                    yield ChoiceList(
                        *(
                            Option(Content(f" {about.format(**self._names)}"), id=name)
                            for name, (about, _) in _FORMATS.items()
                        ),
                        id="formats",
                    )
                with Vertical() as scopes:
                    scopes.border_title = "Runs"
                    yield ChoiceList(*(Option(Content(f" {scope}"), id=scope) for scope in self.scopes), id="scopes")
            yield SteadyInput("", compact=True, id="file")
            hint = "A table goes to the clipboard as well." if has_clipboard() else ""
            yield Static(hint, classes="hint", id="hint", markup=False)

    def on_mount(self) -> None:
        """Stand on the first format."""
        for choices in self.query(ChoiceList):
            choices.action_first()
        self.query_one("#formats").focus()
        self._propose("markdown")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Let the file name follow the format."""
        event.stop()
        if event.option_list.id == "formats" and event.option_id:
            self._propose(event.option_id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a list writes."""
        event.stop()
        self.action_write()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the field writes."""
        event.stop()
        self.action_write()

    def action_write(self) -> None:
        """Write the file; an existing one is replaced only when enter is pressed again."""
        if self._is_writing:
            return
        try:
            path, is_there = typed_path(self.folder, self.query_one("#file", Input).value)
        except UsageError as error:
            self._say(str(error))
            return
        if is_there and path != self._confirmed:
            self._confirmed = path
            self._say(f"{path.name} exists; press ⟪export.write:enter⟫ again to replace it.")
        else:
            scope = self.query_one("#scopes", ChoiceList).highlighted_id or self.scopes[0]
            chosen = self.query_one("#formats", ChoiceList).highlighted_id or "markdown"
            request = ExportRequest(scope=scope, format=chosen, path=path)
            self._is_writing = True
            self.app.run_worker(self._settle(request), group="commands")  # the app's: esc does not break it off

    async def _settle(self, request: ExportRequest) -> None:
        try:
            await self._write(request)
        except UsageError as error:
            if self.is_current:
                self._say(str(error))
            else:
                self.app.notify(str(error), severity="warning")
        else:
            if self.is_current:
                self.dismiss()
        self._is_writing = False

    def _propose(self, chosen: str) -> None:
        name = _FORMATS[chosen][1].format(**self._names)
        self.query_one("#file", Input).value = free_name(self.folder, name)

    def _say(self, text: str) -> None:
        hint = self.query_one("#hint", Static)
        hint.set_classes("problem")
        hint.update(with_keys(self.app, text))
