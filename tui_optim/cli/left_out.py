"""Saying on standard error what a command has left out, and why, and what its runs have to fear or to wait for."""

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_optim.report.series import RunSeries
    from tui_optim.spec.executors import ExecutorSpec


def tell_left_out(problems: Iterable[str]) -> None:
    """One line for each."""
    for problem in problems:
        print(f"tui-optim: left out: {problem}", file=sys.stderr)


def tell_unread(damaged: Mapping[str, str]) -> None:
    """One line on all folders of a home that cannot be read, given by name; none where there are none."""
    from tui_optim.store.damage import unread_line

    if damaged:
        tell_left_out([unread_line(damaged)])


def tell_damaged_logs(series: "Iterable[RunSeries]") -> None:
    """One line on all logs of which a part cannot be read; their runs are there all the same."""
    from tui_optim.store.damage import damaged_logs_line

    if problems := [one.problem for one in series if one.problem]:
        tell_left_out([damaged_logs_line(problems)])


def tell_danger(executor: "ExecutorSpec") -> None:
    """One line where runs on this machine would end when the user logs out."""
    from tui_optim.runs.logout import logout_danger

    if executor.kind == "local" and (danger := logout_danger()):
        print(f"tui-optim: {danger}", file=sys.stderr)


def tell_cluster(executor: "ExecutorSpec") -> None:
    """One line where runs wait for a cluster to be found: Ray tries for long, and is silent while it does."""
    if executor.kind == "ray" and executor.address:
        print(f"tui-optim: looking for the Ray cluster at {executor.address}", file=sys.stderr)
