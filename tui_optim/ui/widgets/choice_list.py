"""A list with a highlight: the base of the panels."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import OptionList


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
