"""A sweep in each of the export formats."""

import json

from tui_optim.report.formats import EXPORT_FORMATS, FORMATS, export_text
from tui_optim.report.sweep_object import sweep_object
from tui_optim.report.sweep_table import SweepView, sweep_table
from tui_optim.spec.errors import unknown


def sweep_text(view: SweepView, *, format: str) -> str:
    """The table of a sweep's points, or as JSON its plan, trials, winners and final runs; ends in a line end.

    The long shape has the figures of the trials' runs, epoch by epoch.

    Raises:
        UsageError: unknown format, with the nearest valid name.
    """
    if format not in EXPORT_FORMATS:
        raise unknown("format", format, EXPORT_FORMATS)
    if format == "json":
        return json.dumps(sweep_object(view), indent=2, allow_nan=False) + "\n"
    if format == "csv-long":
        return export_text([view.runs[t.run_id] for t in view.trials if t.run_id in view.runs], format=format)
    return FORMATS[format](sweep_table(view))
