"""The field that everything is typed into."""

from typing import Any

from textual.widgets import Input


class SteadyInput(Input):
    """An input whose cursor does not blink: nothing is sent over a link while nobody types."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """As an `Input`."""
        super().__init__(*args, **options)
        self.set_reactive(Input.cursor_blink, False)
