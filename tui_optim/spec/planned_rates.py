"""The learning rate over a run, known before it starts: the very function that the training loop asks before each step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

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
    """η₀: what the factor of the schedule multiplies, and never exceeds from the branch of a fork on."""
    length: RunLength
    start: int = 0
    """Step from which the schedule counts: 0, or where a fork branches off that has another one."""
    branch_step: int = 0
    """Up to here the rate was that of `before`."""
    before: "PlannedRates | None" = None
    """Of a fork the rates of its parent."""

    @property
    def is_constant(self) -> bool:
        """Whether nothing but a result changes the rate."""
        before = self.before
        goes_on = before is None or (before.is_constant and before.base_rate == self.base_rate)
        return self.schedule in ("constant", "plateau") and goes_on

    @property
    def ceiling(self) -> float:
        """What the rate never exceeds."""
        return max(self.base_rate, self.before.ceiling) if self.before else self.base_rate

    @property
    def num_epochs(self) -> int:
        """Length of the run in epochs."""
        return self.length.num_steps // self.length.steps_per_epoch

    def at(self, step: int) -> float:
        """The rate of a step, from 0."""
        return self._rates()(step)

    def sampled(self, count: int) -> list[tuple[float, float]]:
        """(epoch, rate) at this many steps in equal distances, first and last included."""
        rate, last = self._rates(), self.length.num_steps - 1
        steps = [round(index * last / max(1, count - 1)) for index in range(count)]
        return [(step / self.length.steps_per_epoch, rate(step)) for step in steps]

    def _rates(self) -> Callable[[int], float]:
        counted = replace(self.length, num_steps=self.length.num_steps - self.start)
        factor = schedule_factor(self.schedule, self.parameters, counted)
        if self.before is None:
            return lambda step: self.base_rate * factor(step)
        earlier = self.before._rates()
        stretch = self.before.length.steps_per_epoch / self.length.steps_per_epoch
        return lambda step: (
            earlier(int(step * stretch)) if step < self.branch_step else self.base_rate * factor(step - self.start)
        )


def planned_rates(run: RunSpec) -> PlannedRates:
    """The rates of a run; plateau's as if every epoch made progress. Without a hyper-parameter `lr` they are factors."""
    num_examples = run.scenario_info.data_set.num_examples[run.data.kind][0]
    num_train = num_examples - run.scenario_info.num_validation(num_examples, is_holdout=run.holdout)
    length, branch = run.length(num_train), run.parent
    return PlannedRates(
        schedule=run.schedule,
        parameters=run.schedule_parameters,
        base_rate=float(run.hyperparameters.get("lr", 1.0)),
        length=length,
        start=run.schedule_start(num_train),
        branch_step=int(branch.effective_epochs * length.steps_per_epoch) if branch else 0,
        before=planned_rates(branch.spec) if branch else None,
    )


def shape_of(schedule_id: str) -> PlannedRates:
    """A schedule with its defaults over ten epochs of a hundred steps, as factors."""
    schedule, parameters = check_schedule({"kind": schedule_id})
    length = RunLength(num_steps=1000, steps_per_epoch=100)
    return PlannedRates(schedule=schedule, parameters=parameters, base_rate=1.0, length=length)
