"""Which runs a user names on the command line; what is left out is told on standard error."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_optim.cli.left_out import tell_left_out

if TYPE_CHECKING:
    from tui_optim.report.run_order import RunOrder
    from tui_optim.store.catalogue import StoredRun
    from tui_optim.store.home import Home


def chosen_runs(
    home: "Home", names: Sequence[str] | None, *, passing: str | None = None, has_sweeps: bool = True
) -> "list[StoredRun]":
    """As `report.choice.choose_runs`. Raises UsageError and StoreError."""
    from tui_optim.report.choice import choose_runs

    return choose_runs(home, names or (), passing=passing, has_sweeps=has_sweeps, tell=tell_left_out)


def filtered_runs(runs: "list[StoredRun]", text: str | None) -> "list[StoredRun]":
    """Those that pass a filter; all without one. Raises UsageError where it cannot be read or leaves none of them."""
    if text is None:  # tables and fields are not loaded for those who want all runs
        return runs
    from tui_optim.report.choice import filter_runs

    return filter_runs(runs, text)


def sorted_runs(runs: "list[StoredRun]", text: str | None) -> "tuple[list[StoredRun], RunOrder | None]":
    """The runs by a field, with what that is; as they are without one. Raises UsageError for a field that is not known."""
    if text is None:
        return runs, None
    from tui_optim.report.run_fields import run_fields
    from tui_optim.report.run_order import order_runs, parse_order

    order = parse_order(text, run_fields(runs))
    return order_runs(runs, order), order
