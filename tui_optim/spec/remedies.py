"""What could have killed a run by its settings, and the change that would show it: one after the other, the narrowest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from tui_optim.spec.evidence import Cause, Evidence
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import all_optimizers
from tui_optim.spec.presets import check_schedule
from tui_optim.spec.run import RunSpec

SMALL_EPS = 1e-12
SHORT_AVERAGE = 0.9
STRONG_DECAY = 0.1
"""η λ: the share of every weight that a step takes away. From 2 on weights grow by it alone."""
HEAVY_MOMENTUM = 0.95
USUAL_MOMENTUM = 0.9
USUAL_DECAY = 5e-4
USUAL_PENALTY = 1e-4
LARGE_INPUTS = 10.0
"""Root mean square; of normalised inputs it is about 1."""

WARMUP = {"schedule.warmup": 0.1, "schedule.cooldown": 0.0}
SHORT_WARMUP = 200
"""Steps of a trial that are worth waiting for, however early the run died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A change of settings, and what was wrong if the run lives with it."""

    cause: Cause
    changes: dict[str, Value]
    steps: int = 0
    """How many it takes at least to show that."""
    is_to_learn: bool = False
    """Whether it is not enough that the loss does not grow."""


def remedies(run: RunSpec, found: Evidence, *, bad_step: int, num_steps: int) -> Iterator[Remedy]:
    """Changes of one thing each.

    Args:
        run: what died.
        found: what was seen of its death.
        bad_step: where it died, from 1; of a fork, since its branch.
        num_steps: its planned length.
    """
    values, optimizer = run.hyperparameters, all_optimizers().get(run.optimizer)
    defaults = {one.name: one.default for one in optimizer.hyperparameters} if optimizer else {}
    lr = float(values.get("lr", 0.0))
    reached = lr * found.rate_share  # what has killed, where the rate was on its way up
    if "eps" in values and float(values["eps"]) < SMALL_EPS:
        yield Remedy(cause="eps", changes={"eps": max(float(defaults.get("eps", 0.0)), 1e-8)})
    for name in ("beta2", "alpha"):
        if {"eps", name} <= values.keys() and float(values[name]) < SHORT_AVERAGE <= float(defaults.get(name, 0.0)):
            yield Remedy(cause="averages", changes={name: defaults[name]})
    if reached * float(values.get("weight_decay", 0.0)) >= STRONG_DECAY:
        yield Remedy(cause="weight-decay", changes={"weight_decay": USUAL_DECAY})
    if run.penalty and run.penalty["kind"] != "l1" and reached * float(run.penalty["strength"]) >= STRONG_DECAY:
        yield Remedy(cause="penalty", changes={"penalty.strength": USUAL_PENALTY})
    if float(values.get("momentum", 0.0)) >= HEAVY_MOMENTUM:
        yield Remedy(cause="momentum", changes={"momentum": USUAL_MOMENTUM})
    # of the two the smaller: a single example makes a mean square large
    if lr > 0 and min(found.input_rms, found.typical_input) >= LARGE_INPUTS:
        yield Remedy(cause="inputs", changes={"lr": rounded(lr / found.input_rms**2)})
    warmed_up = ceil(2 * WARMUP["schedule.warmup"] * num_steps)
    if lr > 0 and run.schedule == "constant" and warmed_up <= max(SHORT_WARMUP, 4 * bad_step):
        changes: dict[str, Value] = {"schedule.kind": "warmup-cooldown", **WARMUP}
        yield Remedy(cause="start", changes=changes, steps=warmed_up, is_to_learn=True)
    if lr > 0:
        yield from (Remedy(cause="rate", changes={"lr": rounded(reached / factor)}) for factor in (10, 100, 1000))


def changed_run(run: RunSpec, changes: Mapping[str, Value]) -> RunSpec:
    """The same run with other values, by the names that `--set` takes, and `epochs`; its command line says so too."""
    own = {name: value for name, value in changes.items() if name in run.hyperparameters}
    penalty = {name.removeprefix("penalty."): value for name, value in changes.items() if name.startswith("penalty.")}
    schedule = {
        name.removeprefix("schedule."): value for name, value in changes.items() if name.startswith("schedule.")
    }
    kind, parameters = check_schedule(schedule) if schedule else (run.schedule, run.schedule_parameters)
    tables = {f"penalty.{name}" for name in penalty} | {f"schedule.{name}" for name in schedule}
    others = changes.keys() - own.keys() - tables - {"epochs"}
    assert not others, f"nothing that a remedy changes: {others}"
    return run.model_copy(
        update={
            "hyperparameters": {**run.hyperparameters, **own},
            "penalty": {**run.penalty, **penalty},
            "schedule": kind,
            "schedule_parameters": parameters,
            "epochs": int(changes.get("epochs", run.epochs)),
            "overrides": {**run.overrides, **{name: value for name, value in changes.items() if name != "epochs"}},
        }
    )


def rounded(value: float) -> float:
    """With one significant digit: a suggestion is no more exact."""
    return float(f"{value:.0e}")
