"""A run as the JSON object that `run`, `show`, `compare` and `export` give out."""

from collections.abc import Iterable, Mapping
from typing import Any

from tui_optim.report.failure import failed_result
from tui_optim.report.series import RunSeries, load_results
from tui_optim.report.verdict import verdict_of
from tui_optim.report.xray_table import xray_objects, xray_seconds
from tui_optim.spec.branch import Branch
from tui_optim.spec.events import AT_THEIR_END, Record
from tui_optim.spec.results import EpochResult, encode_number
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.catalogue import StoredRun


def run_object(run: StoredRun, records: Iterable[Record]) -> dict[str, Any]:
    """The object of one run, from its folder and the records of its log.

    Accuracies are fractions, absent splits null, non-finite numbers the strings of `encode_number`; `epochs`, `steps`
    and the costs are those of the result that is reported. `history` begins with the untrained model (epoch 0).
    """
    series = RunSeries()
    series.absorb(records)
    return series_object(run, series)


def series_object(run: StoredRun, series: RunSeries) -> dict[str, Any]:
    """The same object from a log that has been folded already."""
    spec, status, started, ended = run.info.spec, run.status, series.started, series.ended
    scenario = spec.scenario_info
    final = (ended.final if ended else None) or (status.final if status.state in AT_THEIR_END else None)
    if final is not None and status.state == "diverged":
        final = failed_result(spec, final)
    best = (ended.best if ended else None) or status.best
    reached = final or (series.epochs[-1] if series.epochs else status.latest) or _NOTHING
    verdict = verdict_of(run, series)
    return {
        "run_id": run.run_id,
        "name": run.label.name,
        "note": run.label.note,
        "scenario": spec.scenario,
        "preset": spec.preset,
        "seed": spec.seed,
        "parent": _branch_object(spec.parent) if spec.parent else None,
        "state": status.state,
        "reason": (ended.reason if ended else "") or status.reason,
        "verdict": verdict.to_json() if verdict else None,
        "epochs": reached.epoch,
        "planned_epochs": spec.epochs,
        "steps": reached.step,
        "gradient_evaluations": reached.cost.gradient_evaluations,
        "effective_epochs": encode_number(reached.effective_epochs),
        "train_time_s": encode_number(reached.train_time_s),
        "energy_j": encode_number(status.energy_j),
        "device": started.device if started else status.device,
        "device_name": started.device_name if started else "",
        "threads": started.threads if started else spec.threads,
        "data": spec.data.kind,
        "holdout": spec.holdout,
        "num_train": started.num_train if started else None,
        "num_val": started.num_val if started else None,
        "num_test": started.num_test if started else None,
        "split_hash": started.split_hash if started else "",
        "optimizer": spec.optimizer,
        "hyperparameters": _encoded(spec.hyperparameters),
        "batch_size": spec.batch_size,
        "memory_format": spec.memory_format,
        "schedule": {"kind": spec.schedule, **_encoded(spec.schedule_parameters)},
        "averaging": {"kind": spec.averaging_kind, **_encoded(spec.averaging)},
        "penalty_settings": _encoded(spec.penalty),
        "versions": {**run.info.versions, **(started.versions if started else {})},
        "command": spec.model_copy(update={"threads": started.threads if started else spec.threads}).command,
        "commands": [{"command": one.command, "value": one.value, "step": one.step} for one in series.commands],
        "evaluations": [_row(result, scenario) for result in series.evaluations],
        "xrays": xray_objects(spec, series.xrays),
        "xray_time_s": xray_seconds(series),
        "created": encode_number(run.info.created),
        "history": [_row(result, scenario) for result in series.epochs],
        "final": _row(final, scenario) if final else None,
        "best": _row(best, scenario) if best else None,
    }


def runs_object(runs: Iterable[StoredRun], *, series: Mapping[str, RunSeries] | None = None) -> dict[str, Any]:
    """`{"runs": [...]}`; logs that are not in `series` (by run id) are read from their folders."""
    known = series or {}
    return {"runs": [series_object(run, known.get(run.run_id) or load_results(run.folder)) for run in runs]}


def _branch_object(branch: Branch) -> dict[str, Any]:
    """Where a fork begins; its costs and its history include the parent's up to there."""
    return {
        "run_id": branch.run_id,
        "preset": branch.spec.preset,
        "step": branch.step,
        "epoch": branch.epoch,
        "effective_epochs": encode_number(branch.effective_epochs),
        "checkpoint_sha256": branch.sha256,
        "commands": branch.commands,
    }


_NOTHING = EpochResult(epoch=0, step=0, elapsed_s=0.0, train_time_s=0.0, lr=0.0)


def _row(result: EpochResult, scenario: Scenario) -> dict[str, Any]:
    row = result.to_json()
    if scenario.quadratic is None:
        del row["gap"]
    if not scenario.has_handout_loss:
        del row["handout_loss"]
    if not scenario.is_regularised:
        del row["penalty"], row["sparsity"]
    return row


def _encoded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: encode_number(value) for name, value in values.items()}
