"""Doing something once, a little later, whatever else the machine does."""

from collections.abc import Callable

from textual.message_pump import MessagePump
from textual.timer import Timer


def once(pump: MessagePump, after_s: float, act: Callable[[], object]) -> Timer:
    """As `set_timer`, but never left out: Textual skips ticks that come late, and a single one does not come again.

    On a busy machine a process may lose the processor for longer than a short delay. The one door to that part of Textual (8.2).
    """
    timer = pump.set_timer(after_s, act)
    timer._skip = False
    return timer
