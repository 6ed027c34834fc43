"""A list with a highlight: the base of the panels."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import OptionList

from tui_optim.ui.look.theme import is_legible


class ChoiceList(OptionList):
    """An option list without a frame of its own, moved by j and k as well."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", id="list.down", show=False),
        Binding("k", "cursor_up", "Up", id="list.up", show=False),
        Binding("G", "last", "Last", id="list.last", show=False),
    ]
    DEFAULT_CSS = """
    ChoiceList, ChoiceList:focus {
        border: none;
        padding: 0;
        background: $surface;
        background-tint: $surface 0%;
        scrollbar-size-vertical: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    ChoiceList > .option-list--option-highlighted { color: $block-cursor-blurred-foreground; }
    ChoiceList > .option-list--option-disabled { color: $quiet; text-style: bold; }
    """

    def render_line(self, y: int) -> Strip:
        """A colour that is lost on the cursor gives way to the cursor's own."""
        cursor = Style(color=self.get_visual_style("option-list--option-highlighted").rich_style.color)
        strip = super().render_line(y)
        if not any(self._is_lost(segment.style) for segment in strip):
            return strip
        seen = [
            Segment(text, style + cursor if style and self._is_lost(style) else style, control)
            for text, style, control in strip
        ]
        return Strip(seen, strip.cell_length)

    def _is_lost(self, style: Style | None) -> bool:
        if style is None or style.color is None or style.bgcolor is None or style.bgcolor.is_default:
            return False
        if self.app.native_ansi_color:  # on one of sixteen colours another of them may be lost
            return True
        return not is_legible(style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex)

    @property
    def highlighted_id(self) -> str | None:
        """Id of the highlighted option."""
        option = self.highlighted_option
        return option.id if option is not None else None

    def highlight(self, option_id: str | None) -> None:
        """Move the highlight to an option if it is there, else to the first that can be chosen."""
        ids = [option.id for option in self.options]
        if option_id is not None and option_id in ids:
            self.highlighted = ids.index(option_id)
        else:
            self.action_first()
