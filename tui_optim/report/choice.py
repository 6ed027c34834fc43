"""Which runs a user names: scenarios, runs, parts of their ids, sweeps for all that they started, and filters."""

from collections.abc import Callable, Iterable, Sequence

from tui_optim.report.run_fields import run_fields
from tui_optim.report.run_filter import Condition, parse_filter
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.scenarios import all_scenarios
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.damage import unread_line
from tui_optim.store.home import Home
from tui_optim.store.sweepnames import find_sweep, names_sweep


def choose_runs(
    home: Home,
    names: Sequence[str] = (),
    *,
    passing: str | None = None,
    has_sweeps: bool = True,
    tell: Callable[[Iterable[str]], None] = lambda _: None,
) -> list[StoredRun]:
    """The runs that the names mean, oldest first; all where there are none.

    Args:
        home: where they are.
        names: scenarios, runs, parts of their ids, or sweeps.
        passing: a filter that they have to pass.
        has_sweeps: whether the runs of sweeps that nobody has named are taken in; a filter by `sweep` names them.
        tell: gets what a user should know of that was not taken, a sentence each.

    Raises:
        UsageError: a name that means nothing, or a filter that leaves none.
        StoreError: a home or a sweep without runs.
    """
    catalogue = Catalogue(home)
    of_sweeps = [name for name in names if names_sweep(home, name)]
    sweeps = {find_sweep(home, name).sweep_id for name in of_sweeps}
    others = [name for name in names if name not in of_sweeps]
    named = {run.run_id for run in catalogue.find_all(others)} if others else set()
    runs = catalogue.runs()
    if catalogue.damaged:
        tell([unread_line(catalogue.damaged)])
    chosen = [run for run in runs if run.run_id in named or run.info.sweep in sweeps] if names else runs
    if not chosen and sweeps:
        raise StoreError(f"sweep {', '.join(sorted(sweeps))} has no runs yet: tui-optim show sweep")
    if not chosen:
        raise StoreError(f"no runs yet in {home.root}; start one: tui-optim run lenet5-fashion sgd-baseline")
    found = filter_runs(chosen, passing)
    is_of_whole_scenarios = all(name in all_scenarios() for name in names)  # also of none: all runs of all
    if has_sweeps or not is_of_whole_scenarios or (passing is not None and _is_about_sweeps(passing)):
        return found
    return _without_sweeps(found, tell)


def filter_runs(runs: list[StoredRun], text: str | None) -> list[StoredRun]:
    """Those that pass a filter; all without one. Raises UsageError where it cannot be read or leaves none of them."""
    if text is None:
        return runs
    wanted = parse_filter(text, run_fields(runs))
    found = [run for run in runs if wanted.passes(run)]
    if runs and not found:
        raise UsageError(f"none of {len(runs)} run(s) matches {wanted.text}; tui-optim list runs shows them")
    return found


def _without_sweeps(runs: list[StoredRun], tell: Callable[[Iterable[str]], None]) -> list[StoredRun]:
    found = [run for run in runs if not run.info.sweep]
    num_left_out = len(runs) - len(found)
    if not found:
        raise UsageError(
            f"all {num_left_out} run(s) belong to sweeps, which are left out: --sweeps takes them in, and a sweep can be named "
            "(tui-optim list sweeps)"
        )
    if num_left_out:
        tell([f"{num_left_out} run(s) of sweeps; --sweeps takes them in"])
    return found


def _is_about_sweeps(passing: str) -> bool:
    terms = parse_filter(passing, run_fields()).terms
    return any(isinstance(term, Condition) and term.field.name == "sweep" for term in terms)
