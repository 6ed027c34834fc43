"""What runs were told, and where one ended early, as marks on the x axis of the charts with a line for the legend."""

from collections.abc import Iterator, Sequence

from tui_optim.report.series import Axis, CommandMark
from tui_optim.ui.charting.curves import Entry
from tui_optim.ui.charting.marks import Pointer

_MARKS = {
    "evaluate": "e",
    "checkpoint": "c",
    "extend": "+",
    "kill": "k",
    "pause": "p",
    "stop": "s",
    "early": "!",
    "branch": "b",
}
_WORDS = {
    "½": "rate ×½",
    "2": "rate ×2",
    "<": "a lower rate",
    ">": "a higher rate",
    "e": "evaluated",
    "c": "checkpoint",
    "+": "more epochs",
    "k": "killed",
    "p": "paused",
    "s": "stopped",
    "!": "stopped early",
    "b": "branched off",
}
"""By mark, in the order of the legend."""


def mark_of(command: CommandMark) -> str:
    """One character; '' for what has none."""
    if command.command == "rate" and command.value is not None:
        return {0.5: "½", 2.0: "2"}.get(command.value, "<" if command.value < 1 else ">")
    return _MARKS.get(command.command, "")


def command_pointers(entries: Sequence[Entry], axis: Axis) -> list[Pointer]:
    """A mark for each command of the runs on a chart; where several fall into one place, the latest is seen."""
    return [Pointer(x=one.at(axis), marker=mark) for one, mark in _marked(entries)]


def command_remark(entries: Sequence[Entry]) -> str:
    """For the legend: what the marks mean that occur; '' where there are none."""
    present = {mark for _, mark in _marked(entries)}
    return ", ".join(f"{mark} {text}" for mark, text in _WORDS.items() if mark in present)


def _marked(entries: Sequence[Entry]) -> Iterator[tuple[CommandMark, str]]:
    for entry in entries:
        for series in entry.seeds.series:
            for one in (*series.commands, *([series.early_end] if series.early_end else ())):
                if mark := mark_of(one):
                    yield one, mark
