"""The first-start tour: a few hints in a line of their own, one at a time."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui_optim.ui.keyboard.words import with_keys

HINTS = (
    "Choose what is trained in Scenario (key ⟪pane.scenario:1⟫) and how in Preset (key ⟪pane.preset:2⟫); "
    "⟪list.down:j⟫ and ⟪list.up:k⟫ move.",
    "⟪preset.mark:space⟫ marks presets, ⟪filter:/⟫ filters them; ⟪preset.queue:enter⟫ queues what is marked, "
    "and it trains in the background.",
    "⟪preset.edit:e⟫ goes to the values of a preset: rate, batch size, seeds, epochs; ⟪setting.edit:enter⟫ changes one.",
    "Watch the charts (⟪pane.loss:4⟫, ⟪pane.accuracy:5⟫; ⟪chart.alone:z⟫ alone) and the runs (⟪pane.runs:6⟫): "
    "there ⟪run.pause:p⟫ pauses, ⟪run.stop:t⟫ stops, ⟪run.overlay:space⟫ puts a run on the charts.",
    "⟪help:?⟫ has the keys that work where you are, ⟪palette.colon::⟫ finds everything by name. "
    "⟪quit:q⟫ leaves; runs go on.",
)


class TourHint(Static):
    """A key goes on to the next hint, and does what it does anyway; esc, or the last hint, ends the tour."""

    DEFAULT_CSS = """
    TourHint { height: auto; max-height: 4; padding: 0 1; background: $panel; color: $foreground; }
    """

    class Ended(Message):
        """The tour is over for good."""

    def __init__(self) -> None:
        """The first hint."""
        super().__init__(id="tour")
        self._number = 0

    def on_mount(self) -> None:
        """Say it."""
        self._say()

    def see_key(self, key: events.Key) -> None:
        """A key was pressed somewhere."""
        self._number += 1
        if key.key == "escape" or self._number >= len(HINTS):
            self.post_message(self.Ended())
            self.remove()
        else:
            self._say()

    def _say(self) -> None:
        place = f"  Hint {self._number + 1} of {len(HINTS)}: any key goes on, esc ends the hints."
        self.update(Content.assemble((with_keys(self.app, HINTS[self._number]), "$accent bold"), (place, "$quiet")))
