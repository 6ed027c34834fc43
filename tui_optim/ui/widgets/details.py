"""The details panel: what the highlighted preset or scenario is, and the values that a run would get."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.look.spelling import spelled
from tui_optim.ui.messages import EditSetting, ResetSetting
from tui_optim.ui.personal_app import is_ascii_only

Drawing = Callable[[int], Content]
"""What stands right below the values, for a width in cells."""


VALUE_KEYS: list[BindingType] = [
    Binding("backspace,delete", "reset", "Reset", key_display="⌫", id="setting.reset", tooltip="back to the preset's"),
    Binding("up,k", "step(-1)", "Up", id="details.up", show=False),
    Binding("down,j", "step(1)", "Down", id="details.down", show=False),
    Binding("home", "step(-1000)", "First", id="details.first", show=False),
    Binding("end,G", "step(1000)", "Last", id="details.last", show=False),
]  # fmt: skip
"""What all of its heirs do; each has its own key to change a value."""


class ValuesView(ScrollView, can_focus=True):
    """Text, editable values with a cursor, what they look like, more text; all in one scroll.

    It renders its own lines: with a widget for each part every step in the preset list would lay out the whole screen.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"details--cursor"}
    DEFAULT_CSS = """
    ValuesView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size: 0 1;
        & > .details--cursor {
            color: $block-cursor-blurred-foreground;
            background: $block-cursor-blurred-background;
        }
        &:focus > .details--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id, classes=classes)
        self.settings: Sequence[Setting] = ()
        self._cursor = 0
        self._about, self._more = Content(), Content()
        self._drawing: Drawing = lambda _: Content()
        self._above: list[Strip] = []
        self._below: list[Strip] = []

    @property
    def highlighted(self) -> Setting | None:
        """The row under the cursor."""
        return self.settings[self._cursor] if self._cursor < len(self.settings) else None

    def show(self, about: Content, settings: Sequence[Setting], more: Content, *, drawing: Drawing) -> None:
        """Show another subject from its beginning."""
        self._more = more
        self.show_again(about, settings, drawing=drawing)
        self.scroll_to(y=0, animate=False)

    def show_again(self, about: Content, settings: Sequence[Setting], *, drawing: Drawing) -> None:
        """Show the values with what stands above them and what they look like, from where the user is."""
        self._about = about
        self.show_settings(settings, drawing=drawing)

    def show_settings(self, settings: Sequence[Setting], *, drawing: Drawing) -> None:
        """Show the values with what they look like; the cursor stays on the row with the same key."""
        before = self.highlighted
        self.settings, self._drawing = settings, drawing
        self.highlight(before.key if before else "")
        self._wrap()

    def highlight(self, key: str) -> None:
        """Put the cursor on a row, or on the first where there is no such row."""
        keys = [setting.key for setting in self.settings]
        self._move_to(keys.index(key) if key in keys else 0)

    def on_resize(self) -> None:
        """Wrap the texts anew."""
        self._wrap()

    def action_edit(self) -> None:
        """Change the value under the cursor."""
        if setting := self.highlighted:
            self.post_message(EditSetting(setting.key))

    def action_reset(self) -> None:
        """Take the value under the cursor back."""
        if setting := self.highlighted:
            self.post_message(ResetSetting(setting.key))

    def action_step(self, by: int) -> None:
        """Move the cursor; beyond the first and the last row, scroll the texts."""
        target = min(max(0, self._cursor + by), max(0, len(self.settings) - 1))
        if target == self._cursor:
            self.scroll_relative(y=by, animate=False)
            return
        self._move_to(target)
        line, top, height = len(self._above) + target, round(self.scroll_y), self.content_size.height
        if not top <= line < top + height:
            self.scroll_to(y=line - height // 2, animate=False)

    def render_line(self, y: int) -> Strip:
        """A wrapped line of text, or a row."""
        width, line = self.scrollable_content_region.width, y + self.scroll_offset.y
        index = line - len(self._above)
        if index < 0:
            strip = self._above[line]
        elif index < len(self.settings):
            strip = self._row(self.settings[index], is_cursor=index == self._cursor, width=width)
        elif index - len(self.settings) < len(self._below):
            strip = self._below[index - len(self.settings)]
        else:
            strip = Strip.blank(width, self.rich_style)
        return strip.adjust_cell_length(width, self.rich_style)

    def _move_to(self, index: int) -> None:
        self._cursor = index
        self.border_subtitle = frame_text(self.settings[index].help if self.settings else "")
        self.refresh()

    def _wrap(self) -> None:
        width = self.scrollable_content_region.width
        more = self._drawing(width - 2)
        more = Content.assemble(more, "\n\n", self._more) if more.plain else self._more
        self._above, self._below = self._strips(self._about, width), self._strips(more, width)
        if self.settings:
            self._above.append(Strip.blank(width, self.rich_style))
            self._below.insert(0, Strip.blank(width, self.rich_style))
        height = len(self._above) + len(self.settings) + len(self._below)
        self.set_reactive(ValuesView.virtual_size, Size(width, height))  # the plain way lays out the whole screen
        self.vertical_scrollbar.window_virtual_size = height
        self.refresh()

    def _strips(self, text: Content, width: int) -> list[Strip]:
        if width < 3 or not text.plain:
            return []
        text = spelled(text) if is_ascii_only(self.app) else text
        strips = Visual.to_strips(self, text, width - 2, None, self.visual_style, apply_selection=False)
        margin = Strip.blank(1, self.rich_style)
        return [Strip.join([margin, strip]) for strip in strips]

    def _row(self, setting: Setting, *, is_cursor: bool, width: int) -> Strip:
        key_width = max(len(other.key) for other in self.settings)
        key = (f" {setting.key:<{key_width}}  ", "" if is_cursor else "$quiet")
        value = (f"{setting.text} *", "" if is_cursor else "$accent bold") if setting.is_changed else (setting.text, "")
        text = Content.assemble(key, value).truncate(width, ellipsis=True) if width > 0 else Content()
        style = self.get_visual_style("details--cursor") if is_cursor else self.visual_style
        strips = Visual.to_strips(self, text, max(1, width), 1, style, apply_selection=False, pad=True)
        return strips[0]


class DetailsPanel(ValuesView):
    """The panel of the main screen, where enter changes a value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,e", "edit", "Edit", key_display="enter", id="setting.edit", tooltip="change this value"),
        *VALUE_KEYS,
    ]
