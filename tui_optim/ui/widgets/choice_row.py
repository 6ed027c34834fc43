"""One of a few words on a line, turned by left and right."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class ChoiceRow(Widget, can_focus=True):
    """Shows all choices; the chosen one stands out, without colour by its brackets."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space", "turn(1)", "Next", id="choices.next", show=False),
        Binding("left,h", "turn(-1)", "Previous", id="choices.previous", show=False),
    ]
    DEFAULT_CSS = """
    ChoiceRow { height: 1; background: $panel; }
    ChoiceRow:focus { background: $block-cursor-blurred-background; }
    """

    class Changed(Message):
        """Another word was chosen."""

    def __init__(
        self, choices: Sequence[str], value: str, *, unavailable: Collection[str] = (), id: str | None = None
    ) -> None:
        """`unavailable` ones are greyed; they can be chosen, and whoever asks is told what they need."""
        super().__init__(id=id)
        self.choices = choices
        self.value = value
        self._unavailable = unavailable

    def render(self) -> RenderResult:
        """All words."""
        parts: list[str | tuple[str, str]] = []
        for choice in self.choices:
            if choice == self.value:
                parts.append((f"[{choice}]", "bold $accent"))
            else:
                parts.append((f" {choice} ", "$faint" if choice in self._unavailable else "$quiet"))
        return Content.assemble(*parts)

    def action_turn(self, by: int) -> None:
        """Choose the next or the previous word."""
        self.value = self.choices[(self.choices.index(self.value) + by) % len(self.choices)]
        self.refresh()
        self.post_message(self.Changed())
