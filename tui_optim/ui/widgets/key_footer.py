"""The footer with the keys of the moment: the last two, help and the way out, stay whatever the width."""

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

NUM_KEPT = 2


class KeyFooter(Footer):
    """Textual's footer, which would cut at the right edge, with the keys left out that do not fit: `?` has them all."""

    def __init__(self) -> None:
        """Compact, without the palette's own key."""
        super().__init__(compact=True, show_command_palette=False)
        self._width_drawn = 0

    def compose(self) -> ComposeResult:
        """The keys that fit, in the order of the bindings."""
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        widths = [cell_len(f"{key.key_display} {key.description} ") for key in keys]
        room = self.app.size.width + 1 - sum(widths[-NUM_KEPT:])  # nothing follows the last one
        for key, width in zip(keys[:-NUM_KEPT], widths, strict=False):
            room -= width
            if room >= 0:
                yield key
        yield from keys[-NUM_KEPT:]

    def on_resize(self, event: events.Resize) -> None:
        """Another width, other keys."""
        if event.size.width != self._width_drawn:
            self._width_drawn = event.size.width
            self.call_after_refresh(self.recompose)
