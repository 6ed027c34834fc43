"""The learning rate over a run, known before it starts: the very function that the training loop asks before each step."""

from collections.abc import Mapping
from dataclasses import dataclass

from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.presets import check_schedule
from tui_optim.spec.run import RunSpec
from tui_optim.spec.schedules import RunLength, schedule_factor


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRates:
    """The rate at every step. A method whose steps cost more than a mini-batch's stands where its work has brought it."""

    schedule: str
    parameters: Mapping[str, Value]
    base_rate: float
    """η₀: what the factor of the schedule multiplies, and never exceeds."""
    length: RunLength

    @property
    def is_constant(self) -> bool:
        """Whether nothing but a result changes the rate."""
        return self.schedule in ("constant", "plateau")

    @property
    def num_epochs(self) -> int:
        """Length of the run in epochs."""
        return self.length.num_steps // self.length.steps_per_epoch

    def at(self, step: int) -> float:
        """The rate of a step, from 0."""
        return self.base_rate * schedule_factor(self.schedule, self.parameters, self.length)(step)

    def sampled(self, count: int) -> list[tuple[float, float]]:
        """(epoch, rate) at this many steps in equal distances, first and last included."""
        factor = schedule_factor(self.schedule, self.parameters, self.length)
        last = self.length.num_steps - 1
        steps = [round(index * last / max(1, count - 1)) for index in range(count)]
        return [(step / self.length.steps_per_epoch, self.base_rate * factor(step)) for step in steps]


def planned_rates(run: RunSpec) -> PlannedRates:
    """The rates of a run; plateau's as if every epoch made progress. Without a hyper-parameter `lr` they are factors."""
    num_examples = run.scenario_info.data_set.num_examples[run.data.kind][0]
    num_train = num_examples - run.scenario_info.num_validation(num_examples, is_holdout=run.holdout)
    return PlannedRates(
        schedule=run.schedule,
        parameters=run.schedule_parameters,
        base_rate=float(run.hyperparameters.get("lr", 1.0)),
        length=run.length(num_train),
    )


def shape_of(schedule_id: str) -> PlannedRates:
    """A schedule with its defaults over ten epochs of a hundred steps, as factors."""
    schedule, parameters = check_schedule({"kind": schedule_id})
    length = RunLength(num_steps=1000, steps_per_epoch=100)
    return PlannedRates(schedule=schedule, parameters=parameters, base_rate=1.0, length=length)
