"""A sweep as the JSON object that `sweep --json` gives out, and as text in every format."""

import json
from typing import Any

from tui_optim.report.formats import comparison_text, row_objects
from tui_optim.report.runobject import run_object
from tui_optim.report.sweep_files import table_for_files
from tui_optim.report.sweep_table import SweepView
from tui_optim.spec.results import encode_number
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.eventlog import read_events


def sweep_object(view: SweepView) -> dict[str, Any]:
    """Plan, trials in their order, winners, points with how to repeat each, and the run objects of the winners' final runs."""
    sweep = view.sweep
    return {
        "sweep": {
            "sweep_id": sweep.sweep_id,
            "state": sweep.status.state,
            "stage": sweep.status.stage,
            "reason": sweep.status.reason,
            "command": sweep.spec.command,
            "versions": sweep.versions,
            **sweep.spec.plan.model_dump(mode="json"),
        },
        "trials": [_trial(trial) for trial in view.trials],
        "winners": [
            {**_point(verdict.point), "value": encode_number(verdict.value), "metric": sweep.spec.plan.metric}
            for verdict in view.winners
        ],
        "points": row_objects(table_for_files(view)),
        "runs": [run_object(run, read_events(run.folder.events)) for run in view.final_runs],
    }


def sweep_text(view: SweepView, *, format: str) -> str:
    """The points of a sweep in one of `EXPORT_FORMATS`; JSON is `sweep_object`, the long shape has its runs epoch by epoch.

    Raises:
        UsageError: unknown format, with the nearest valid name.
    """
    if format == "json":
        return json.dumps(sweep_object(view), indent=2) + "\n"
    runs = [view.runs[trial.run_id] for trial in view.trials if trial.run_id in view.runs]
    return comparison_text(table_for_files(view), runs, format=format)


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "trial": trial.number,
        "stage": trial.stage,
        **_point(trial.point),
        "seed": trial.seed,
        "run_id": trial.run_id,
        "state": trial.state,
        "value": encode_number(trial.value),
        "curve": [encode_number(value) for value in trial.curve],
        "reason": trial.reason,
    }


def _point(point: Point) -> dict[str, Any]:
    return {"scenario": point.scenario, "preset": point.preset, "values": dict(point.values)}
