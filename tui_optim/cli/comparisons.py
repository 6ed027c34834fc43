"""Tables that compare stored runs: what `compare` prints, and `run` and `sweep` at their end. Loaded when one is asked for."""

from collections.abc import Sequence

from tui_optim.cli.logs import results_of, series_of
from tui_optim.report.bands import Seeds, group_seeds
from tui_optim.report.cells import Table
from tui_optim.report.comparison import make_settings
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.measures import Measure
from tui_optim.report.profile import make_profile
from tui_optim.report.profile_table import profile_table
from tui_optim.report.race import measures_of
from tui_optim.report.race_table import standing_table
from tui_optim.report.series import Axis
from tui_optim.report.targets import Target
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun


def comparison_of(
    runs: Sequence[StoredRun], *, reference: str | None = None, targets: Sequence[Target] = (), axis: Axis = "epoch"
) -> Table:
    """The comparison table of stored runs at their end. Raises UsageError."""
    return comparison_table(runs, results_of(runs), reference=reference, targets=targets, axis=axis)


def profile_of(runs: Sequence[StoredRun], *, targets: Sequence[Target]) -> Table:
    """The performance profile of stored runs at their end. Raises UsageError."""
    return profile_table(make_profile(make_settings(runs, results_of(runs)), targets=targets))


def standings_of(
    runs: Sequence[StoredRun], *, measure: Measure | None, axis: Axis, at: float, targets: Sequence[Target]
) -> Table:
    """The settings of stored runs as they stood at some cost. Raises UsageError."""
    return standing_table(field_of(runs, measure), measure, axis, at, targets=targets)


def field_of(runs: Sequence[StoredRun], measure: Measure | None) -> list[Seeds]:
    """The settings of stored runs with their curves, which have this measure. Raises UsageError."""
    field = group_seeds(runs, series_of(runs))
    measures = measures_of(field)
    if not measures:
        raise UsageError("none of these runs has a result yet: wait for them, or see `tui-optim list runs`")
    if measure is not None and measure not in measures:
        names = ", ".join(one.name for one in measures)
        raise UsageError(f"--measure {measure.name}: none of these runs has it; they have {names}")
    return field
