"""The preset panel: presets grouped by family, with a filter in place and marks."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.optimizers import FAMILY_TITLES, find_optimizer
from tui_optim.spec.presets import Preset
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.library import Library
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.messages import StartChosen
from tui_optim.ui.widgets.choice_list import ChoiceList
from tui_optim.ui.widgets.filter_line import FilterField

FIRST_PRESET = "sgd-baseline"
"""Where the highlight starts: the one that the others are compared with."""


class PresetList(ChoiceList):
    """The presets that pass the filter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "queue",
            "Queue",
            key_display="enter",
            id="preset.queue",
            tooltip="queue the marked presets, hidden ones too, or this one",
        ),
        Binding("space", "mark", "Mark", id="preset.mark", tooltip="mark, and go to the next"),
        Binding("e", "screen.edit", "Edit", id="preset.edit", tooltip="change this preset's values before the start"),
    ]

    class Marked(Message):
        """The user marks or unmarks the highlighted preset."""

    def action_queue(self) -> None:
        """Queue the marked presets, or the highlighted one."""
        self.post_message(StartChosen())

    def action_mark(self) -> None:
        """Mark or unmark the highlighted preset."""
        self.post_message(self.Marked())


class PresetPanel(Vertical):
    """Chooses optimizers."""

    DEFAULT_CSS = """
    PresetPanel {
        Input { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
        &.-filtering Input { display: block; }
        #no-preset { display: none; padding: 0 1; color: $quiet; }
        &.-empty #no-preset { display: block; }
        &.-empty PresetList { display: none; }
    }
    """

    class Chosen(Message):
        """The highlight stands on another preset."""

    def __init__(self, library: Library, *, id: str | None = None, classes: str | None = None) -> None:
        """Show the presets of a library."""
        super().__init__(id=id, classes=classes)
        self.library = library
        self.marked: list[str] = []
        """Ids of the marked presets, in the order in which they were marked."""
        self._scenario: Scenario | None = None

    def compose(self) -> ComposeResult:
        """The filter, hidden until it is asked for, and the list."""
        yield FilterField(placeholder="name or family", id="preset-filter", compact=True)
        yield PresetList(id="preset-list")
        yield Static("", id="no-preset")

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill()
        if not self.library.presets:
            self.query_one("#no-preset", Static).update("No presets were found; the log says why.")

    @property
    def chosen(self) -> list[Preset]:
        """The marked presets, else the highlighted one."""
        ids = self.marked or [self._list.highlighted_id or ""]
        return [self.library.presets[preset_id] for preset_id in ids if preset_id in self.library.presets]

    @property
    def highlighted(self) -> Preset | None:
        """The preset under the highlight."""
        return self.library.presets.get(self._list.highlighted_id or "")

    def show_for(self, scenario: Scenario) -> None:
        """Grey what does not suit a scenario; the details say why."""
        before = {preset_id: self._is_unsuited(preset) for preset_id, preset in self.library.presets.items()}
        self._scenario = scenario
        for preset_id, preset in self.library.presets.items():
            if self._is_unsuited(preset) != before[preset_id]:
                self._refresh_row(preset_id)

    def clear_marks(self) -> None:
        """Unmark all."""
        marked, self.marked = self.marked, []
        for preset_id in marked:
            self._refresh_row(preset_id)

    def open_filter(self) -> None:
        """Show the filter and let the user type in it."""
        self.add_class("-filtering")
        self.screen.set_focus(self.query_one(Input))  # at once: the next key is the first letter

    def close_filter(self) -> bool:
        """Show all presets again; returns whether there was a filter."""
        if not self.has_class("-filtering"):
            return False
        had_focus = self.query_one(Input).has_focus
        self.query_one(Input).value = ""
        self.remove_class("-filtering")
        if had_focus:
            self._list.focus()
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        event.stop()
        self._fill()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the list and keep the filter."""
        event.stop()
        if not event.value.strip():
            self.close_filter()
        self._list.focus()

    def key_down(self) -> None:
        """From the filter to the list."""
        if self.query_one(Input).has_focus:
            self._list.focus()

    def on_preset_list_marked(self) -> None:
        """Mark or unmark the highlighted preset and go to the next; from the last there is none."""
        preset_id = self._list.highlighted_id
        if preset_id is None:
            return
        if preset_id in self.marked:
            self.marked.remove(preset_id)
        else:
            self.marked.append(preset_id)
        self._refresh_row(preset_id)
        if self._list.highlighted != self._list.option_count - 1:
            self._list.action_cursor_down()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say which preset is highlighted."""
        event.stop()
        if event.option_id in self.library.presets:
            self.post_message(self.Chosen())

    @property
    def _list(self) -> PresetList:
        return self.query_one(PresetList)

    def _fill(self) -> None:
        words = self.query_one(Input).value.lower().split()
        before = self._list.highlighted_id
        options = list(self._options(words))
        self._list.set_options(options)
        self.set_class(not options, "-empty")
        if not options and self.library.presets:
            nothing = with_keys(self.app, "No preset matches. ⟪leave:esc⟫ clears the filter.")
            self.query_one("#no-preset", Static).update(nothing)
        self._list.highlight(before or FIRST_PRESET)
        self._update_title()

    def _options(self, words: list[str]) -> Iterator[Option]:
        family = ""
        for preset in self.library.presets.values():
            title = FAMILY_TITLES[preset.family]
            text = f"{preset.id} {preset.name} {title} {preset.optimizer}".lower()
            if not all(word in text for word in words):
                continue
            if preset.family != family:
                family = preset.family
                yield Option(Content.assemble((title, "$quiet bold")), disabled=True)
            yield Option(self._row(preset), id=preset.id)

    def _row(self, preset: Preset) -> Content:
        is_marked = preset.id in self.marked
        style = "$accent" if is_marked else "$quiet" if self._is_unsuited(preset) else ""
        return Content.assemble(("◉ " if is_marked else "  ", "$accent"), (preset.name, style))

    def _is_unsuited(self, preset: Preset) -> bool:
        return self._scenario is not None and why_unsuited(self._scenario, find_optimizer(preset.optimizer)) is not None

    def _refresh_row(self, preset_id: str) -> None:
        self._update_title()
        if any(option.id == preset_id for option in self._list.options):
            self._list.replace_option_prompt(preset_id, self._row(self.library.presets[preset_id]))

    def _update_title(self) -> None:
        """Say how many presets enter queues, and how many of them the filter keeps out of sight."""
        shown = {option.id for option in self._list.options}
        num_hidden = sum(preset_id not in shown for preset_id in self.marked)
        hidden = f", {num_hidden} hidden" if num_hidden else ""
        self.border_subtitle = f"{len(self.marked)} marked{hidden}" if self.marked else ""
