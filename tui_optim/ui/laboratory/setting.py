"""A row of the editor: a value as it is shown and typed."""

from dataclasses import dataclass

from tui_optim.spec.hyperparameters import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value that may be changed before the start."""

    key: str
    text: str
    """The value as shown and typed."""
    help: str
    expected: str
    choices: tuple[str, ...] = ()
    """For switches and choices: all valid values."""
    is_changed: bool = False


def format_value(value: Value | None) -> str:
    """A hyper-parameter as a user would type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
