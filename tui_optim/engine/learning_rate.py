"""The learning rate of a run: the schedule's factor on each group's own base rate."""

from typing import Any

from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.run import RunSpec
from tui_optim.spec.schedules import RunLength, schedule_factor


class LearningRate:
    """Sets the rate before each step; `plateau` also listens to the epoch's loss."""

    def __init__(self, run: RunSpec, method: Method, length: RunLength) -> None:
        """Remember the base rates of the groups as they are now."""
        self._groups = method.param_groups
        self._base_rates: list[float] = [group["lr"] for group in self._groups]
        self._factor = schedule_factor(run.schedule, run.schedule_parameters, length)
        self.is_constant = run.schedule in ("constant", "plateau")
        self._plateau = _Plateau(run) if run.schedule == "plateau" else None

    @property
    def current(self) -> float:
        """Rate of the first group."""
        return float(self._groups[0]["lr"])

    def set_for(self, step: int) -> None:
        """Set the rate of step `step` (from 0); a constant one needs no setting."""
        self._scale(self._factor(step))

    def after_epoch(self, loss: float) -> None:
        """Let `plateau` see the loss of the epoch: validation where there is one, else training."""
        if self._plateau is not None:
            self._scale(self._plateau.factor_after(loss))

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs; the rates themselves are in the optimizer's state."""
        return self._plateau.state_dict() if self._plateau else {}

    def load_state_dict(self, state: dict[str, Any], method: Method) -> None:
        """Inverse of `state_dict`, after the optimizer has loaded its own state (which replaces its groups)."""
        self._groups = method.param_groups
        if self._plateau is not None:
            self._plateau.load_state_dict(state)

    def _scale(self, factor: float) -> None:
        for group, base in zip(self._groups, self._base_rates, strict=True):
            group["lr"] = base * factor


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
