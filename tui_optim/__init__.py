"""tui-optim: an optimizer laboratory in the terminal.

`from tui_optim import Lab` gives the same laboratory to a notebook or a script.
"""

from typing import TYPE_CHECKING, Any

from tui_optim.version import VERSION

if TYPE_CHECKING:
    from tui_optim.lab import Lab

__all__ = ["Lab", "__version__"]

__version__ = VERSION


def __getattr__(name: str) -> Any:
    """Load the laboratory when it is first asked for: commands that only print do without it."""
    if name == "Lab":
        from tui_optim.lab import Lab

        return Lab
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
