"""Which runs may train together as one stack of models: small problems whose optimizers treat every parameter by itself.

Members of a stack differ in seeds, rates and other numbers of their optimizers; they have the same data, batch size, length and
optimizer, and the same structure of it (momentum or none, Nesterov or not, …). What ends early by its patience, or keeps
checkpoints by a rule, trains alone.
"""

from collections.abc import Mapping

from tui_optim.spec.commands import LIVE
from tui_optim.spec.executors import ExecutorSpec
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.keeping import WHOLE
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import Scenario

STACKED_OPTIMIZERS: frozenset[str] = frozenset(
    {
        "sgd-by-hand",
        "sgd",
        "momentum-ema",
        "adagrad",
        "adadelta",
        "rmsprop",
        "rprop",
        "adam",
        "adamw",
        "adamax",
        "nadam",
        "radam",
    }
)
MAX_PARAMETERS = 1000
"""Larger models fill a core by themselves: side by side in processes they are as fast."""
SAME_SETTINGS = ("nesterov", "centered", "amsgrad", "replacement")
"""Switches that members share."""


def is_stackable(scenario: Scenario) -> bool:
    """Whether runs on it may train as one stack of models."""
    return scenario.is_written_by_hand and scenario.num_parameters <= MAX_PARAMETERS


def stack_key(run: RunSpec, executor: ExecutorSpec) -> str | None:
    """What runs of one stack have in common; None for a run that trains alone."""
    scenario = run.scenario_info
    is_elementwise = run.optimizer in STACKED_OPTIMIZERS and not run.optimizer_origin and not run.averaging
    is_here = executor.kind == "local" and executor.parameters.get("stack", True) and run.device in ("auto", "cpu")
    if (
        not (is_stackable(scenario) and is_elementwise and is_here)
        or run.test_once
        or run.parent
        or run.keeping != WHOLE
        or run.xray
    ):
        return None
    length = f"batch {run.batch_size}, {run.epochs} epochs"
    kept = "held out" if run.holdout else "all"
    return f"{run.scenario} {kept}, {_structure(run.optimizer, run.hyperparameters)}, {length}, threads {run.threads}"


def about_command(command: str, run: RunSpec, executor: ExecutorSpec, *, state: str) -> str:
    """What a command to a running run that goes on means where it may train in a stack; '' for any other."""
    if command not in LIVE or state != "running" or stack_key(run, executor) is None:
        return ""
    return "if it trains in a stack, it leaves that first, and goes on alone when a slot is free"


def pace_key(run: RunSpec) -> str:
    """What decides how fast stacks of such runs are, besides their size."""
    return f"{run.scenario}, {_structure(run.optimizer, run.hyperparameters)}, batch {run.batch_size}"


def _structure(optimizer: str, hyperparameters: Mapping[str, Value]) -> str:
    switches = [name for name in SAME_SETTINGS if hyperparameters.get(name)]
    switches += ["momentum"] if hyperparameters.get("momentum") else []
    return " ".join([optimizer, *switches])
