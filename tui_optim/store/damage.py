"""Damage in a home, told in one line however much there is: `tui-optim doctor` names each folder."""

from collections.abc import Mapping, Sequence


def unread_line(damaged: Mapping[str, str]) -> str:
    """How many folders cannot be read and why, for one of them; `damaged` is not empty and gives the reasons by name."""
    first = damaged[min(damaged)]
    if len(damaged) == 1:
        return first
    return f"{len(damaged):,} folders that cannot be read, among them {first} (tui-optim doctor names all)"


def damaged_logs_line(problems: Sequence[str]) -> str:
    """The same for logs, of which what can be read counts; there is at least one problem."""
    if len(problems) == 1:
        return problems[0]
    return f"parts of {len(problems):,} logs, among them {problems[0]}"
