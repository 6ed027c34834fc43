"""A window too low for a line of a list: paging does nothing there.

Textual (8.2) looks for the line that a page further would be on, finds none and ends the app. The one door to that part of it.
"""

from typing import Any

from textual.widgets import OptionList

_page = OptionList._move_page


def page_only_what_has_lines() -> None:
    """From now on lists without a line on the screen, the palette's among them, stay where they are."""
    OptionList._move_page = _move_page  # type: ignore[method-assign]


def _move_page(self: OptionList, direction: Any) -> None:
    if self.scrollable_content_region.height:
        _page(self, direction)
