"""Which runs a user names: scenarios, runs, parts of their ids, and sweeps for all that they started."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_optim.cli.left_out import tell_left_out, tell_unread
from tui_optim.spec.errors import StoreError, UsageError

if TYPE_CHECKING:
    from tui_optim.report.run_order import RunOrder
    from tui_optim.store.catalogue import StoredRun
    from tui_optim.store.home import Home


def chosen_runs(
    home: "Home", names: Sequence[str] | None, *, passing: str | None = None, has_sweeps: bool = True
) -> "list[StoredRun]":
    """The runs that the names mean, oldest first; all where there are none. Tells how many folders could not be read.

    `passing` is a filter that they have to pass. Without `has_sweeps` the runs of sweeps that nobody has named are left out, as
    in the app's run table, and told; a filter by `sweep` names them.

    Raises:
        UsageError: a name that means nothing, a home without runs, or a filter that leaves none.
    """
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.sweepfolder import find_sweep, names_sweep

    catalogue = Catalogue(home)
    sweeps = {find_sweep(home, name).sweep_id for name in names or [] if names_sweep(home, name)}
    others = [name for name in names or [] if not names_sweep(home, name)]
    named = {run.run_id for run in catalogue.find_all(others)} if others else set()
    runs = catalogue.runs()
    tell_unread(catalogue.damaged)
    chosen = [run for run in runs if run.run_id in named or run.info.sweep in sweeps] if names else runs
    if not chosen and sweeps:
        raise StoreError(f"sweep {', '.join(sorted(sweeps))} has no runs yet: tui-optim show sweep")
    if not chosen:
        raise StoreError(f"no runs yet in {home.root}; start one: tui-optim run lenet5-fashion sgd-baseline")
    found = filtered_runs(chosen, passing)
    return found if names or has_sweeps else _without_sweeps(found, passing)


def _without_sweeps(runs: "list[StoredRun]", passing: str | None) -> "list[StoredRun]":
    if passing is not None and _is_about_sweeps(passing):
        return runs
    found = [run for run in runs if not run.info.sweep]
    num_left_out = len(runs) - len(found)
    if not found:
        raise UsageError(
            f"all {num_left_out} run(s) belong to sweeps, which are left out: --sweeps takes them in, and a sweep can be named "
            "(tui-optim list sweeps)"
        )
    if num_left_out:
        tell_left_out([f"{num_left_out} run(s) of sweeps; --sweeps takes them in"])
    return found


def _is_about_sweeps(passing: str) -> bool:
    from tui_optim.report.run_fields import run_fields
    from tui_optim.report.run_filter import Condition, parse_filter

    terms = parse_filter(passing, run_fields()).terms
    return any(isinstance(term, Condition) and term.field.name == "sweep" for term in terms)


def filtered_runs(runs: "list[StoredRun]", text: str | None) -> "list[StoredRun]":
    """Those that pass a filter; all without one. Raises UsageError where it cannot be read or leaves none of them."""
    if text is None:
        return runs
    from tui_optim.report.run_fields import run_fields
    from tui_optim.report.run_filter import parse_filter

    wanted = parse_filter(text, run_fields(runs))
    found = [run for run in runs if wanted.passes(run)]
    if runs and not found:
        raise UsageError(f"none of {len(runs)} run(s) matches {wanted.text}; tui-optim list runs shows them")
    return found


def sorted_runs(runs: "list[StoredRun]", text: str | None) -> "tuple[list[StoredRun], RunOrder | None]":
    """The runs by a field, with what that is; as they are without one. Raises UsageError for a field that is not known."""
    if text is None:  # tables and fields are not loaded for those who want all runs as they are
        return runs, None
    from tui_optim.report.run_fields import run_fields
    from tui_optim.report.run_order import order_runs, parse_order

    order = parse_order(text, run_fields(runs))
    return order_runs(runs, order), order
