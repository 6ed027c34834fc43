"""What the small screens over the main screen have in common."""

from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None], Generic[Result]):
    """A framed box in the middle; esc leaves it and changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Back", id="dialog.cancel", show=False),
        Binding("question_mark", "app.help", "Help", id="dialog.help", show=False),
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;
        & > .box {
            width: 64;
            max-width: 96%;
            height: auto;
            max-height: 96%;
            border: round $border;
            border-title-color: $primary;
            border-title-style: bold;
            border-subtitle-color: $quiet;
            background: $surface;
            padding: 1 2;
        }
        .hint { color: $quiet; height: auto; }
        .problem { color: $warning; height: auto; }
        Input { border: none; height: 1; padding: 0 1; margin: 1 0; background: $panel; }
        Input:focus { background: $block-cursor-blurred-background; }
    }
    """

    def action_cancel(self) -> None:
        """Leave without a result."""
        self.dismiss(None)
