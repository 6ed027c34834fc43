"""Forking a run: from which checkpoint, with which preset and values."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui_optim.spec.errors import UsageError
from tui_optim.spec.planned_rates import planned_rates
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.fork_draft import ForkDraft
from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.messages import EditSetting, ResetSetting
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.teaching.about import RATES_HEIGHT, rates_text
from tui_optim.ui.widgets.details import VALUE_KEYS, ValuesView


class ForkValues(ValuesView):
    """The rows; enter is for the whole."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e,space", "edit", "Edit", key_display="e", id="fork.edit", show=False, tooltip="change this value"),
        *VALUE_KEYS,
    ]


class ForkScreen(Dialog[ForkDraft]):
    """Gives the draft back that is to be queued."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "fork", "Fork", id="fork.start", show=False, tooltip="queue this fork"),
    ]
    DEFAULT_CSS = """
    ForkScreen > .box { width: 76; height: 26; padding: 0 1; }
    ForkScreen ValuesView { height: 1fr; }
    """

    def __init__(self, title: str, draft: ForkDraft) -> None:
        """`title` names the parent."""
        super().__init__()
        self.title_text, self.draft = title, draft

    def compose(self) -> ComposeResult:
        """The rows with what they come to, and what is wrong with them."""
        with Vertical(classes="box") as box:
            box.border_title = frame_text(f"Fork {self.title_text}")
            keys = "⟪fork.edit:e⟫: change   ⟪setting.reset:⌫⟫: take back   ⟪fork.start:enter⟫: queue   ⟪dialog.cancel:esc⟫: back"
            box.border_subtitle = with_keys(self.app, keys)
            yield ForkValues(id="fork-values")
            yield Static("", classes="problem", markup=False)

    def on_mount(self) -> None:
        """Stand on the first row."""
        self.query_one(ForkValues).focus()
        self._show()

    def on_edit_setting(self, message: EditSetting) -> None:
        """Let the user change a row."""
        message.stop()
        setting = next((one for one in self._settings() if one.key == message.key), None)
        if setting is not None:
            self.app.push_screen(EditScreen(setting, accept=partial(self._change, setting.key)))

    def on_reset_setting(self, message: ResetSetting) -> None:
        """Take a row back."""
        message.stop()
        try:
            self.draft.reset(message.key)
        except UsageError as error:
            self.notify(str(error), severity="warning")
        self._show()

    def action_fork(self) -> None:
        """Queue it, where that is possible."""
        if not self._problem():
            self.dismiss(self.draft)

    def _change(self, key: str, text: str) -> None:
        """Raises UsageError."""
        self.draft.change(key, text)
        self._show()

    def _show(self) -> None:
        problem = self._problem()
        about = Content("") if problem else Content("\n").join(map(Content, self.draft.sentences()))
        self.query_one(ForkValues).show_again(about, self._settings(), drawing=self._draw_rates)
        self.query_one(".problem", Static).update(problem)

    def _settings(self) -> Sequence[Setting]:
        try:
            return self.draft.settings
        except UsageError:
            return []

    def _problem(self) -> str:
        try:
            self.draft.spec()
        except UsageError as error:
            return str(error)
        return ""

    def _draw_rates(self, width: int) -> Content:
        try:
            return rates_text(planned_rates(self.draft.spec()), width, height=RATES_HEIGHT - 1)
        except UsageError:  # the problem is told below
            return Content()
