"""The settings, one to a line, and below them every key by its id; enter changes one, backspace takes it back."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui_optim.spec.errors import UsageError
from tui_optim.spec.settings import FIELDS, KEYS, Settings, choices, expected, help_text, value_text
from tui_optim.ui.keyboard.keymap import judged, key_uses, typed_text
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.look.preferences import Preferences
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.widgets.choice_list import ChoiceList


class SettingsScreen(Dialog[None]):
    """Shows and changes settings; what is changed holds at once and is in the file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace,delete", "reset", "Default", id="settings.reset", show=False),
        Binding("q,O", "cancel", "Back", id="settings.close", show=False),
    ]
    DEFAULT_CSS = """
    SettingsScreen {
        & > .box { width: 92; height: 90%; padding: 0 1; }
        ChoiceList { height: 1fr; }
        .hint { height: 3; margin-top: 1; }
    }
    """

    def __init__(self, preferences: Preferences) -> None:
        """`preferences` of the app."""
        super().__init__()
        self._preferences = preferences
        self._uses = key_uses()

    def compose(self) -> ComposeResult:
        """The list, and what is highlighted in words."""
        with Vertical(classes="box") as box:
            box.border_title = "Settings"
            box.border_subtitle = with_keys(
                self.app, "enter: change   ⟪settings.reset:⌫⟫: default   ⟪dialog.cancel:esc⟫: back"
            )
            yield ChoiceList(*(Option(self._row(name), id=name) for name in self._names))
            yield Static("", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Stand on the first one."""
        self.query_one(ChoiceList).focus()
        self.query_one(ChoiceList).highlight(FIELDS[0])

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what it is about."""
        event.stop()
        name = event.option_id or ""
        file = f"In {self._preferences.path}." if self._preferences.path else ""
        self.query_one(".hint", Static).update(f"{self._help(name)}\n{file}")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Let it be changed."""
        event.stop()
        name = event.option_id or ""
        listed = choices(name) if name in FIELDS else ()
        wanted = expected(name) if name in FIELDS else "keys, for example x or ctrl+r,f5"
        setting = Setting(
            key=name,
            text=self._value(name),
            help=self._help(name),
            expected=f"one of {', '.join(listed)}" if listed else wanted,
            choices=listed,
        )
        self.app.push_screen(EditScreen(setting, accept=partial(self._change, name)))

    def action_reset(self) -> None:
        """The default again."""
        if name := self.query_one(ChoiceList).highlighted_id:
            try:
                self._change(name, None)
            except UsageError as error:
                self.notify(str(error), severity="warning")

    @property
    def _names(self) -> tuple[str, ...]:
        return (*FIELDS, *(f"{KEYS}.{key_id}" for key_id in self._uses))

    def _change(self, name: str, text: str | None) -> None:
        """Raises UsageError."""
        key_id = name.removeprefix(f"{KEYS}.")
        if name not in FIELDS and text is not None:
            _, problems = judged({**self._preferences.keymap, key_id: text})
            if problems:
                raise UsageError(problems[0])
        self._preferences.change(name, text)
        rows = self.query_one(ChoiceList)
        rows.replace_option_prompt(name, self._row(name))

    def _value(self, name: str) -> str:
        settings = self._preferences.settings
        if name in FIELDS:
            return value_text(settings, name)
        key_id = name.removeprefix(f"{KEYS}.")
        return typed_text(self._preferences.keymap.get(key_id) or ",".join(self._uses[key_id].keys))

    def _help(self, name: str) -> str:
        text = help_text(name) if name in FIELDS else self._uses[name.removeprefix(f"{KEYS}.")].what
        return text[:1].upper() + text[1:]

    def _row(self, name: str) -> Content:
        value = self._value(name)
        if name in FIELDS:
            is_changed = value != value_text(Settings(), name)
        else:
            is_changed = name.removeprefix(f"{KEYS}.") in self._preferences.keymap
        shown = (f"{value} *", "$accent bold") if is_changed else (value, "")
        return Content.assemble((f" {name:<30}", "$quiet"), shown)
