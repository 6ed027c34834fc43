"""A sweep as the JSON object that `sweep --json` and `export` give out."""

from typing import Any

from tui_optim.report.runobject import run_object
from tui_optim.report.sweep_table import SweepView
from tui_optim.spec.results import encode_number
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.eventlog import read_events


def sweep_object(view: SweepView) -> dict[str, Any]:
    """Plan, trials in their order, winners, and the run objects of the winners' final runs."""
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
        "runs": [run_object(run, read_events(run.folder.events)) for run in view.final_runs],
    }


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
