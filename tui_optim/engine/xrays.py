"""When a run is X-rayed, and what that takes: off the training clock, and without a trace in its random numbers."""

import time
from collections.abc import Callable
from typing import Protocol

import torch
from torch import nn

from tui_optim.engine.commands import without_a_trace
from tui_optim.engine.data import Split
from tui_optim.engine.devices import synchronize
from tui_optim.engine.objective import Seen
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.xray import Tube
from tui_optim.spec.events import Event, XRayed
from tui_optim.spec.run import RunSpec
from tui_optim.spec.xray import SHARPNESS_EVERY, SMALL_PARAMETERS, has_xray


class Watched(Protocol):
    """What an X-ray needs of a training."""

    @property
    def model(self) -> nn.Module: ...
    @property
    def method(self) -> Method: ...
    @property
    def num_steps(self) -> int: ...
    @property
    def effective_epochs(self) -> float: ...
    def take_step(self) -> Seen: ...
    def emit(self, event: Event, /) -> None: ...


class XRays:
    """When a run is X-rayed, and how long that has taken."""

    def __init__(self, run: RunSpec, data: Split, device: torch.device) -> None:
        """`data` is the training set, on `device`. Nothing is built before the first X-ray."""
        self._run, self._data, self._device = run, data, device
        self._tube: Tube | None = None
        self.is_wanted = False
        """Whether the next step is to be X-rayed, whatever the schedule says."""
        self.seconds = 0.0
        """Spent in this attempt, off the training clock."""

    @property
    def is_on(self) -> bool:
        """Whether any step of the bin that follows may be X-rayed; without it nothing is asked of a step."""
        return self.is_wanted or self._run.xray > 0

    def is_due(self, step: int) -> bool:
        """Whether this step, from 1, is X-rayed: the first, then one every so many."""
        return self.is_wanted or has_xray(step, self._run.xray)

    def step_of(self, training: Watched, *, clock: Callable[[], float]) -> Seen:
        """Let it take a step and report what that was like; `clock` gives its training seconds."""
        is_asked, self.is_wanted = self.is_wanted, False
        synchronize(self._device)
        began = time.perf_counter()
        before = [one.detach().clone() for one in training.model.parameters()]
        synchronize(self._device)
        self.seconds += (seconds := time.perf_counter() - began)
        seen = training.take_step()
        synchronize(self._device)
        train_time_s, began = clock(), time.perf_counter()
        with without_a_trace(self._device):
            if self._tube is None:
                self._tube = Tube(self._run, self._data, self._device, l2=training.method.l2)
            xray = self._tube.look(
                training.model,
                before,
                training.method,
                step=training.num_steps,
                train_time_s=train_time_s,
                effective_epochs=training.effective_epochs,
                has_sharpness=is_asked or self._has_sharpness(training.num_steps),
                clock=lambda: seconds + time.perf_counter() - began,
            )
        self.seconds += time.perf_counter() - began
        training.emit(XRayed(xray=xray))
        return seen

    def _has_sharpness(self, step: int) -> bool:
        is_small = self._run.scenario_info.num_parameters <= SMALL_PARAMETERS
        return is_small or has_xray(step, SHARPNESS_EVERY * self._run.xray)
