"""How a fork begins: with the state of its parent, and what it has otherwise from there on.

    goes on always          weights, generators, data order, counters, seconds, epochs, the best epoch so far
    goes on where the same  the optimizer's state (other numbers hold from here on), the schedule, the average of the iterates
    begins anew             another optimizer, or one with another switch or count; another schedule, counted from here; a
                            patience that was at its end, or of a run that is changed

Without a change all of it goes on, and the fork takes its parent's steps to the last bit.
"""

import copy
import hashlib
from typing import Any

from tui_optim.engine.averaging import averaged
from tui_optim.engine.checkpoint import from_bytes, undamaged
from tui_optim.engine.optimizers import build_method
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.training import Training
from tui_optim.engine.training_state import restore
from tui_optim.spec.branch import Branch
from tui_optim.spec.errors import DataError
from tui_optim.spec.run import RunSpec


def take_up(training: Training, checkpoint: bytes) -> None:
    """Go on from a checkpoint: the run's own, or its parent's for a fork that has none yet. Raises DataError."""
    branch = training.run.parent
    if branch is None or hashlib.sha256(checkpoint).hexdigest() != branch.sha256:
        state = from_bytes(checkpoint)
        with undamaged():
            restore(training, state)
        return
    state = from_bytes(checkpoint)
    with undamaged():
        if state["counters"][-1] != branch.step:
            raise DataError(
                f"the checkpoint is of step {state['counters'][-1]}, not {branch.step}, where this run branches off"
            )
        _begin(training, state, branch)
    training.branch = checkpoint


def _begin(training: Training, state: dict[str, Any], branch: Branch) -> None:
    run, parent = training.run, branch.spec
    own = [_numbers(group) for group in training.method.param_groups]
    keeps_rate = branch.keeps_rate(run)
    changed = {
        "method": _method_state(training, state, branch),
        "rate": _rate_state(training, state["rate"], branch),
        "epochs": run.epochs,
        "num_commands": 0,
    }
    if run.batch_size != parent.batch_size or not branch.keeps_method(run):
        changed["batches"] = {**state["batches"], "batch_size": training.batch_size}
    restore(training, {**state, **changed})
    is_same = keeps_rate and run.batch_size == parent.batch_size and run.keeping == parent.keeping
    if not is_same or training.patience.is_over:
        training.patience.begin_anew()
    if branch.keeps_method(run):
        before = build_method(_with_numbers_of(run, parent), copy.deepcopy(training.model))
        _take_changes(training.method, own, [_numbers(group) for group in before.param_groups])
    if not keeps_rate:
        training.rate.apply()


def _method_state(training: Training, state: dict[str, Any], branch: Branch) -> dict[str, Any]:
    """What the method and the averaging around it load: a part that begins anew is as at these weights before any step."""
    run, parent = training.run, branch.spec
    model = copy.deepcopy(training.model)
    model.load_state_dict(state["model"])
    fresh = averaged(build_method(run, model), run).state_dict()
    theirs, inner = state["method"], state["method"]["method"] if parent.averaging else state["method"]
    if not run.averaging:
        return inner if branch.keeps_method(run) else fresh
    outer = theirs if parent.averaging and run.averaging_kind == parent.averaging_kind else fresh
    return {**outer, "method": inner if branch.keeps_method(run) else fresh["method"]}


def _rate_state(training: Training, theirs: dict[str, Any], branch: Branch) -> dict[str, Any]:
    if branch.keeps_rate(training.run):
        return theirs
    return {**(theirs if branch.keeps_schedule(training.run) else training.rate.state_dict()), "commanded": 1.0}


def _with_numbers_of(run: RunSpec, parent: RunSpec) -> RunSpec:
    """The parent's optimizer where this run finds its file: a node of a cluster has it elsewhere."""
    return run.model_copy(update={"hyperparameters": parent.hyperparameters})


def _numbers(group: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "params"}


def _take_changes(method: Method, own: list[dict[str, Any]], before: list[dict[str, Any]]) -> None:
    """Give the groups, which have the parent's numbers now, those in which this run differs; what a method counts there stays."""
    for group, mine, theirs in zip(method.param_groups, own, before, strict=True):
        for name, value in mine.items():
            if repr(value) != repr(theirs.get(name)):
                group[name] = value
