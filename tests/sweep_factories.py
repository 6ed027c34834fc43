"""Sweeps for tests: real sweep folders with the runs of their trials, as the supervisor would have left them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.factories import VERSIONS, make_preset, make_result, make_run, make_source
from tui_optim.report.sweep_table import SweepView, make_view
from tui_optim.spec.datasets import DataKind
from tui_optim.spec.events import RunState
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.sweeps.expected import expected_points
from tui_optim.spec.sweeps.plan import Point, SweepPlan
from tui_optim.spec.sweeps.pruning import pruned_reason
from tui_optim.spec.sweeps.sweep import SweepSpec, resolve_sweep
from tui_optim.spec.sweeps.trial import SweepState, Trial, TrialState
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.sweepfolder import SweepStatus, create_sweep

LRS = {"sgd": 0.05, "adam": 0.002, "nesterov": 0.05}
DONE = 3
"""Epochs of five that trials which did not finish have done."""

Outcome = float | str
"""The validation loss of a trial that finished; or a state: of a trial, or of the run of one that is not over.

'untold': the run has finished, and the sweep has not written it down.
"""
_STATES: dict[str, tuple[TrialState, RunState]] = {
    "queued": ("running", "queued"),
    "running": ("running", "running"),
    "paused": ("running", "paused"),
    "untold": ("running", "finished"),
    "pruned": ("pruned", "stopped"),
    "diverged": ("diverged", "diverged"),
    "stopped": ("stopped", "stopped"),
    "failed": ("failed", "failed"),
}
REASONS = {
    "pruned": pruned_reason(DONE),
    "failed": "the worker died three times",
    "diverged": "the loss is not finite at step 31",
}


def make_plan(**fields: Any) -> SweepPlan:
    """A plan over SGD and Adam on the MLP with rates 0.01, 0.1 and 1, five epochs, unless the fields say otherwise."""
    usual = {"scenarios": ("mlp-fashion",), "presets": ("sgd", "adam"), "space": {"lr": (0.01, 0.1, 1.0)}, "epochs": 5}
    return SweepPlan.model_validate({**usual, **fields})


def make_sweep_spec(plan: SweepPlan | None = None, *, kind: DataKind = "full") -> SweepSpec:
    """A resolved sweep whose data needs no files."""
    plan = plan or make_plan()
    presets = {
        name: make_preset(name, optimizer="adam" if name == "adam" else "sgd", hyperparameters={"lr": LRS[name]})
        for name in plan.presets
    }
    return resolve_sweep(plan, presets, data={"fashion-mnist": make_source(kind)}, device="cpu", threads=2)


def write_sweep(
    home: Home,
    outcomes: Sequence[Outcome],
    *,
    plan: SweepPlan | None = None,
    points: Sequence[Point] | None = None,
    finals: Sequence[float] = (),
    state: SweepState = "running",
    reason: str = "",
    kind: DataKind = "full",
) -> SweepView:
    """Write a sweep whose trials came out like this, in the order in which they are asked for; further ones are not yet.

    `points` are those of a search that is no grid; `finals` are test losses of final runs with the sweep's first winner.
    """
    spec = make_sweep_spec(plan, kind=kind)
    plan = spec.plan
    folder = create_sweep(home, spec, versions=VERSIONS)
    asked = [(point, seed) for point in points or expected_points(spec) for seed in plan.seeds]
    runs, trials = [], []
    for number, ((point, seed), outcome) in enumerate(zip(asked, outcomes, strict=False)):
        run = _write_run(home, spec.trial_run(point, seed), outcome, sweep=folder.sweep_id)
        trials.append(_trial(number, point, seed, run.run_id, outcome))
        runs.append(run)
        folder.log.ask(trials[-1])
        if trials[-1].state != "running":
            folder.log.tell(trials[-1])
    winners = make_view(folder.read(), runs).winners
    for number, (seed, loss) in enumerate(zip(plan.final.seeds, finals, strict=False), start=len(trials)):
        run = _write_run(home, spec.final_run(winners[0].point, seed), loss, sweep=folder.sweep_id)
        trial = replace(_trial(number, winners[0].point, seed, run.run_id, loss), stage="final")
        runs.append(run)
        folder.log.ask(trial)
        folder.log.tell(trial)
        trials.append(trial)
    counts: dict[str, int] = {one.state: sum(other.state == one.state for other in trials) for one in trials}
    folder.write_status(SweepStatus(state=state, stage="final" if finals else "search", counts=counts, reason=reason))
    return make_view(folder.read(), runs)


def rewrite_trial(view: SweepView, number: int, outcome: Outcome, home: Home) -> None:
    """Let another outcome of a trial be written down, as when it has ended meanwhile."""
    before = view.trials[number]
    view.sweep.folder.log.tell(_trial(number, before.point, before.seed, before.run_id, outcome))
    assert RunFolder(home.runs / before.run_id).path.exists()


def _trial(number: int, point: Point, seed: int, run_id: str, outcome: Outcome) -> Trial:
    trial = Trial(number=number, point=point, seed=seed, run_id=run_id)
    if not isinstance(outcome, str):
        return replace(trial, state="finished", value=outcome, curve=_curve(outcome, 5))
    state, _ = _STATES[outcome]
    if state == "running":
        return trial
    curve = _curve(0.9, DONE)
    value = curve[-1] if state == "pruned" else None
    return replace(trial, state=state, value=value, curve=curve, reason=REASONS.get(outcome, ""))


def _curve(end: float, epochs: int) -> tuple[float, ...]:
    return tuple(end + 0.1 * (epochs - epoch) for epoch in range(1, epochs + 1))


def _write_run(home: Home, spec: RunSpec, outcome: Outcome, *, sweep: str) -> Any:
    state: RunState = _STATES[outcome][1] if isinstance(outcome, str) else "finished"
    loss = outcome if isinstance(outcome, float) else 0.9
    done = spec.epochs if isinstance(outcome, float) else DONE
    results = [_result(spec, epoch, loss + 0.1 * (done - epoch)) for epoch in range(done + 1)]
    shown = [] if outcome == "queued" else results
    reason = REASONS.get(outcome, "") if isinstance(outcome, str) else ""
    return make_run(home, spec, state=state, results=shown, sweep=sweep, reason=reason)


def _result(spec: RunSpec, epoch: int, loss: float) -> EpochResult:
    result = make_result(spec, epoch, test_loss=loss)
    return replace(result, val_loss=loss, val_accuracy=max(0.1, 0.95 - 0.3 * loss))
