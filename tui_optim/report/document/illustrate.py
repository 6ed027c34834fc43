"""A figure in a report, or a sentence on why there is none: a report is never lost for one of its figures."""

from collections.abc import Callable, Mapping, Sequence

from tui_optim.report.document.blocks import Illustration, Notes
from tui_optim.report.figures.kinds import FigureRequest, make_picture
from tui_optim.report.series import RunSeries
from tui_optim.report.sweep_table import SweepView
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun


def illustration(
    name: str,
    caption: str,
    request: FigureRequest,
    runs: Sequence[StoredRun],
    series: Mapping[str, RunSeries],
    *,
    views: Sequence[SweepView] = (),
) -> Illustration | Notes:
    """The figure of runs and of the sweeps that they are trials of, with its caption."""
    try:
        picture = make_picture(runs, series, request, views=views)
    except UsageError as error:
        return Notes((f"without the figure '{request.kind}': {error}",))
    return Illustration(name=name, picture=picture, caption=caption)


def has_figure(is_worth_it: Callable[[], bool]) -> bool:
    """Whether runs have what a figure shows, and enough of it."""
    try:
        return is_worth_it()
    except UsageError:
        return False
