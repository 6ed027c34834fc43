"""The footer with the keys of the moment: the last two, help and the way out, stay whatever the width."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

NUM_KEPT = 2


@dataclass(frozen=True, slots=True)
class FooterKey:
    """A key in the footer."""

    key: str
    """As Textual knows it."""
    name: str
    """As the user knows it."""
    description: str
    is_enabled: bool

    @property
    def width(self) -> int:
        """In cells, with the one after it."""
        return cell_len(f"{self.name} {self.description} ")


def fitting(keys: list[FooterKey], width: int) -> list[FooterKey]:
    """The keys that fit into `width` cells, in their order: whole ones, and the last two in any case."""
    first, last = keys[:-NUM_KEPT], keys[-NUM_KEPT:]
    room = width + 1 - sum(key.width for key in last)  # nothing follows the last one
    shown: list[FooterKey] = []
    for key in first:
        room -= key.width
        if room >= 0:
            shown.append(key)
    return shown + last


class KeyFooter(Widget):
    """One line with the keys that work here; those that do not fit are left out: `?` has them all.

    In place of Textual's own, which makes each key a widget, all of them anew whenever the focus moves: four times before the
    first runs stand in their table, and at each key that goes to another pane.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "key-footer--key", "key-footer--description", "key-footer--key-off", "key-footer--description-off"
    }  # fmt: skip
    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom; height: 1; color: $footer-foreground; background: $footer-background;
        & > .key-footer--key { color: $footer-key-foreground; background: $footer-key-background; text-style: bold; }
        & > .key-footer--description { color: $footer-description-foreground; background: $footer-description-background; }
        & > .key-footer--key-off {
            color: $footer-key-foreground; background: $footer-key-background; text-style: bold dim;
        }
        & > .key-footer--description-off {
            color: $footer-description-foreground; background: $footer-description-background; text-style: dim;
        }
    }
    """

    def __init__(self) -> None:
        """Empty until the screen knows its keys."""
        super().__init__()
        self._keys: list[FooterKey] = []

    @property
    def shown(self) -> list[FooterKey]:
        """The keys that there is room for."""
        return fitting(self._keys, self.size.width)

    def on_mount(self) -> None:
        """Follow what the focus changes."""
        self.screen.bindings_updated_signal.subscribe(self, self.keys_changed)

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 (there is only one)
        """The line, drawn from the left."""
        ground = self.rich_style
        segments: list[Segment] = []
        for key in self.shown:
            off = "" if key.is_enabled else "-off"
            segments += [
                Segment(" ", ground),
                Segment(key.name, ground + self.get_component_rich_style(f"key-footer--key{off}")),
                Segment(f" {key.description}", ground + self.get_component_rich_style(f"key-footer--description{off}")),
            ]
        return Strip(segments[1:]).adjust_cell_length(self.size.width, ground)

    def on_click(self, event: events.Click) -> None:
        """A key that the mouse is on is as good as pressed."""
        left = event.x
        for key in self.shown:
            left -= key.width
            if left < 0:
                self.app.simulate_key(key.key) if key.is_enabled else self.app.bell()
                return

    def keys_changed(self, screen: Screen[Any]) -> None:
        """Other keys may work on a screen."""
        if self.is_attached and screen is self.screen and screen.app.app_focus:
            self.call_after_refresh(self.take_keys)

    def take_keys(self) -> None:
        """Draw again where other keys work than before; its screen may have been left meanwhile."""
        if not self.is_attached:
            return
        first: dict[str, FooterKey] = {}
        for _, binding, is_enabled, _ in self.screen.active_bindings.values():
            if binding.show and binding.action not in first:
                name = self.app.get_key_display(binding)
                first[binding.action] = FooterKey(binding.key, name, binding.description, is_enabled)
        keys = list(first.values())
        if keys != self._keys:
            self._keys = keys
            self.refresh()
