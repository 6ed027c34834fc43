"""Widgets that have gone are let go of, with the lines that they had drawn.

Textual remembers the backgrounds of the last 1,024 drawings by the cache of the widget that asked, although these depend on two
colours alone. So it holds on to the lines of widgets of screens that were left long ago: some 300 kB for each look at a screen,
up to some 40 MB. The one door to that part of Textual (8.2).

What Python has let go of stays with the C library's allocator, in gaps between what is still held: 20 MB in an app that is
open all day, and slowly more. It is given back from time to time.
"""

import contextlib
from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style


def let_go_of_widgets() -> None:
    """From now on what is remembered of backgrounds holds no widget's lines; what it held until now goes."""
    if StylesCache.get_inner_outer is not _backgrounds:
        StylesCache.get_inner_outer.cache_clear()
        StylesCache.get_inner_outer = staticmethod(_backgrounds)  # type: ignore[method-assign,assignment]


@lru_cache(1024)
def _backgrounds(base: Color, background: Color) -> tuple[Style, Style]:
    """Inside a widget's border, and outside of it."""
    return Style(background=base + background), Style(background=base)


def give_memory_back() -> None:
    """Give free pages back to the machine, where the C library can (glibc); takes milliseconds, in a thread of its own."""
    import ctypes  # nothing that a first frame needs

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
