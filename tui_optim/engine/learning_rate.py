"""The learning rate of a run: the schedule's factor on each group's own base rate, times what commands have made of it."""

import sys
from dataclasses import replace
from typing import Any

from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.run import RunSpec
from tui_optim.spec.schedules import RunLength, find_schedule, schedule_factor

MOST = 1e9
"""Commands together change a rate by no more than this factor, up or down."""

MOST_PLACES = 10_000
"""So many steps of a schedule, in equal distances, are looked at for its highest one."""


class LearningRate:
    """Sets the rate before each step; `plateau` also listens to the epoch's loss."""

    def __init__(self, run: RunSpec, method: Method, length: RunLength, *, num_train: int) -> None:
        """Remember the base rates of the groups as they are now; `length` is the planned one."""
        self._groups = method.param_groups
        self._base_rates: list[float] = [group["lr"] for group in self._groups]
        self._start = run.schedule_start(num_train)
        counted = replace(length, num_steps=length.num_steps - self._start)
        self._factor = schedule_factor(run.schedule, run.schedule_parameters, counted)
        self._batch_size, self._num_train = run.examples_per_step(num_train), num_train
        self._steps_per_epoch = length.steps_per_epoch
        self._last_step = counted.num_steps - 1 if find_schedule(run.schedule).depends_on_length else sys.maxsize
        """A run that has been extended beyond its planned length holds the rate of that step."""
        self.is_constant = run.schedule in ("constant", "plateau")
        self._plateau = _Plateau(run) if run.schedule == "plateau" else None
        self.scheduled = 1.0
        """The schedule's factor of the latest step."""
        self.commanded = 1.0
        """Product of what commands have asked for."""

    @property
    def current(self) -> float:
        """Rate of the first group."""
        return float(self._groups[0]["lr"])

    def set_after(self, work: float) -> None:
        """Set the rate of the step that follows so many gradient evaluations; a constant one needs no setting.

        The schedule stands at the number of plain mini-batch steps that would have cost as much.
        """
        self._scale(self._factor(self._place_after(work)))

    def peak(self, work: float, until: float) -> tuple[float, float]:
        """Where the schedule is at its highest between two numbers of gradient evaluations: such a number, and the factor."""
        first, last = self._place_after(work), self._place_after(until)
        places = range(first, last + 1, max(1, (last - first) // MOST_PLACES))
        place = max(places, key=self._factor, default=first)
        epochs, rest = divmod(place + self._start, self._steps_per_epoch)
        return epochs * self._num_train + rest * self._batch_size, self._factor(place)

    def after_epoch(self, loss: float) -> None:
        """Let `plateau` see the loss of the epoch: validation where there is one, else training."""
        if self._plateau is not None:
            self._scale(self._plateau.factor_after(loss))

    def takes(self, factor: float) -> bool:
        """Whether the rate may still be multiplied by this."""
        return 1 / MOST <= self.commanded * factor <= MOST

    def multiply(self, factor: float) -> None:
        """Multiply the rate from the next step on, whatever its schedule makes of it."""
        self.commanded *= factor
        self.apply()

    def apply(self) -> None:
        """Set what the schedule and commands have made of the base rates, whatever the groups were loaded with."""
        self._scale(self.scheduled)

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs; the rates themselves are in the optimizer's state."""
        state = self._plateau.state_dict() if self._plateau else {}
        return {**state, "scheduled": self.scheduled, "commanded": self.commanded}

    def load_state_dict(self, state: dict[str, Any], method: Method) -> None:
        """Inverse of `state_dict`, after the optimizer has loaded its own state (which replaces its groups)."""
        self._groups = method.param_groups
        if self._plateau is not None:
            self._plateau.load_state_dict(state)
        self.scheduled = state.get("scheduled", state.get("factor", 1.0))  # earlier versions knew no commands
        self.commanded = state.get("commanded", 1.0)

    def _place_after(self, work: float) -> int:
        """The step at which the schedule stands."""
        epochs, rest = divmod(work, self._num_train)
        step = int(epochs) * self._steps_per_epoch + int(rest) // self._batch_size - self._start
        return min(max(0, step), self._last_step)

    def _scale(self, factor: float) -> None:
        self.scheduled = factor
        for group, base in zip(self._groups, self._base_rates, strict=True):
            group["lr"] = base * factor * self.commanded


class _Plateau:
    """The rule of torch's ReduceLROnPlateau: relative threshold, mode 'min', no cool-down."""

    def __init__(self, run: RunSpec) -> None:
        self._gamma = float(run.schedule_parameters["gamma"])
        self._patience = int(run.schedule_parameters["patience"])
        self._threshold = float(run.schedule_parameters["threshold"])
        self._factor = 1.0
        self._best = float("inf")
        self._num_bad = 0

    def factor_after(self, loss: float) -> float:
        if loss < self._best * (1 - self._threshold):
            self._best, self._num_bad = loss, 0
        else:
            self._num_bad += 1
        if self._num_bad > self._patience:
            self._factor *= self._gamma
            self._num_bad = 0
        return self._factor

    def state_dict(self) -> dict[str, Any]:
        return {"factor": self._factor, "best": self._best, "num_bad": self._num_bad}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._factor, self._best, self._num_bad = state["factor"], state["best"], state["num_bad"]
