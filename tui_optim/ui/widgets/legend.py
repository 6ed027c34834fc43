"""The legend below the charts: a line of its own, so that it covers no curve."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui_optim.ui.axis import Pattern

PATTERN_SAMPLES: dict[Pattern, str] = {"solid": "━━", "dashed": "╍╍", "dotted": "··"}


class Legend(Static):
    """Names the runs by marker and the splits by line pattern."""

    DEFAULT_CSS = """
    Legend { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id, classes=classes)
        self._shown: object = None

    def show(self, runs: Sequence[tuple[int, str, str]], splits: Sequence[tuple[Pattern, str]]) -> None:
        """Show (slot, marker, name) of the runs and (pattern, name) of the splits."""
        key = (tuple(runs), tuple(splits))
        if key == self._shown:
            return
        self._shown = key
        parts: list[str | tuple[str, str]] = []
        for pattern, name in splits if runs else ():
            parts += [(PATTERN_SAMPLES[pattern], "$quiet"), (f" {name}  ", "$quiet")]
        for slot, marker, name in runs:
            parts += [(f"{marker} {name}", f"$series-{slot}"), "  "]
        self.update(Content.assemble(*parts))
