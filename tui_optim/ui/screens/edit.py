"""Changing one value of the plan."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_optim.spec.errors import UsageError
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.widgets.choice_list import ChoiceList
from tui_optim.ui.widgets.steady_input import SteadyInput


class EditScreen(Dialog[str]):
    """Lets the user type or choose a value; gives it back once it is valid."""

    def __init__(
        self, setting: Setting, *, accept: Callable[[str], None], preview: Callable[[str], Content] | None = None
    ) -> None:
        """`accept` takes the new value over or raises UsageError, which is shown.

        `preview` says what a value would come to while it is typed or chosen.
        """
        super().__init__()
        self.setting = setting
        self._accept, self._preview = accept, preview

    def compose(self) -> ComposeResult:
        """What it means, the field or the choices, and what is wrong with the value."""
        with Vertical(classes="box") as box:
            box.border_title = frame_text(self.setting.key)
            box.border_subtitle = with_keys(self.app, "enter: set   ⟪dialog.cancel:esc⟫: back")
            yield Static(self._hint, classes="hint", markup=False)
            if self.setting.choices:
                yield ChoiceList(*(Option(Content(f" {choice}"), id=choice) for choice in self.setting.choices))
            else:
                yield SteadyInput(self.setting.text, compact=True)
            yield Static("", classes="problem", markup=False)
            yield Static("", id="preview")

    @property
    def _hint(self) -> str:
        """What it means, and what is valid where no list shows that."""
        is_listed = self.setting.expected.startswith("one of ")
        return self.setting.help if is_listed else f"{self.setting.help}: {self.setting.expected}"

    def on_mount(self) -> None:
        """Stand on the present value."""
        if self.setting.choices:
            choices = self.query_one(ChoiceList)
            choices.highlight(self.setting.text)
            choices.focus()
        else:
            self.query_one(Input).focus()
        self._show_preview(self.setting.text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what the value would come to."""
        event.stop()
        self._show_preview(event.value)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what the choice would come to."""
        event.stop()
        self._show_preview(event.option_id or "")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the choice over."""
        event.stop()
        self._take(event.option_id or "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the typed value over."""
        event.stop()
        self._take(event.value)

    def _show_preview(self, text: str) -> None:
        """What is not valid shows nothing: enter says why."""
        preview = self._preview(text) if self._preview else Content()
        static = self.query_one("#preview", Static)
        static.display = bool(preview.plain)
        static.update(preview)

    def _take(self, text: str) -> None:
        try:
            self._accept(text)
        except UsageError as error:
            self.query_one(".problem", Static).update(with_keys(self.app, str(error)))
        else:
            self.dismiss(text)
