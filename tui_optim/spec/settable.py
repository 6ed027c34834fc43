"""Every key that `--set`, the app's editor and a sweep's space accept, with what it means."""

from collections.abc import Mapping
from typing import Literal, get_args

from tui_optim.spec.averaging import AVERAGINGS, check_averaging
from tui_optim.spec.hyperparameters import Hyperparameter, Value
from tui_optim.spec.optimizers import find_optimizer
from tui_optim.spec.presets import Preset, check_schedule
from tui_optim.spec.scenarios import PENALTY_PARAMETERS, Scenario
from tui_optim.spec.schedules import SCHEDULES

MemoryFormat = Literal["contiguous", "channels-last"]
BATCH_SIZE = Hyperparameter(name="batch_size", kind="int", default=64, help="examples per step", minimum=1)
MEMORY_FORMAT = Hyperparameter(
    name="memory_format",
    kind="choice",
    default="contiguous",
    help="how images lie in memory: channels-last steps are faster on a CPU, in other last bits",
    choices=get_args(MemoryFormat),
)
SCHEDULE_KIND = Hyperparameter(
    name="kind", kind="choice", default="constant", help="learning-rate schedule", choices=tuple(SCHEDULES)
)
AVERAGING_KIND = Hyperparameter(
    name="kind",
    kind="choice",
    default="none",
    help="average of the iterates that the run is judged by",
    choices=tuple(AVERAGINGS),
)


def settable(scenario: Scenario, preset: Preset, given: Mapping[str, Value] | None = None) -> dict[str, Hyperparameter]:
    """The keys for this pair in the order in which they are shown; the kinds in `given` decide which tables have which rows.

    Raises:
        UsageError: an unknown kind of schedule or averaging.
    """
    chosen = given or {}
    schedule = str(chosen.get("schedule.kind", preset.schedule.get("kind", "constant")))
    averaging = str(chosen.get("averaging.kind", preset.averaging.get("kind", "none")))
    check_schedule({"kind": schedule})
    check_averaging({"kind": averaging})
    keys = {about.name: about for about in find_optimizer(preset.optimizer).hyperparameters}
    keys |= {"batch_size": BATCH_SIZE, "schedule.kind": SCHEDULE_KIND}
    keys |= {f"schedule.{about.name}": about for about in SCHEDULES[schedule].parameters}
    keys |= {"averaging.kind": AVERAGING_KIND}
    keys |= {f"averaging.{about.name}": about for about in AVERAGINGS[averaging].parameters}
    if scenario.penalised_layers:
        keys |= {f"penalty.{about.name}": about for about in PENALTY_PARAMETERS}
    if scenario.has_convolutions:
        keys |= {MEMORY_FORMAT.name: MEMORY_FORMAT}
    return keys
