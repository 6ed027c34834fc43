"""tui-optim: an optimizer laboratory in the terminal."""

__version__ = "0.1.0"
