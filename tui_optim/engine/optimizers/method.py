"""What the training loop knows of an optimizer: one class for gradient steps, line searches, snapshots and averages alike."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, Protocol, runtime_checkable

import torch

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen


class Method(ABC):
    """An optimizer. A step draws the batches that it wants and asks the objective for what it needs; both count."""

    l2: float = 0.0
    """λ of λ/2 ‖θ‖² in the objective; torch's optimizers leave it 0 and add their own weight decay."""

    @property
    @abstractmethod
    def param_groups(self) -> list[dict[str, Any]]:
        """Each with its `lr`, which the schedule sets before every step."""

    @abstractmethod
    def step(self, objective: Objective, batches: Batches) -> Seen:
        """Move the parameters once; returns what was seen of the batch before the move."""

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run needs: tensors and plain values."""

    @abstractmethod
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""

    @property
    def torch_state(self) -> Mapping[Any, Mapping[str, Any]]:
        """What a torch optimizer keeps of each parameter; nothing for the methods written here."""
        return {}

    @property
    def momentum(self) -> torch.Tensor | None:
        """The momentum of a method written here, shape [d]; None without one."""
        return None

    def evaluation_weights(self, objective: Objective) -> AbstractContextManager[None]:
        """Inside the block the model has the weights to judge the method by; most methods: the current ones."""
        del objective
        return nullcontext()


@runtime_checkable
class TorchOptimizer(Protocol):
    """What every `torch.optim.Optimizer` has."""

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Each with its `lr`."""

    def step(self) -> Any:
        """Update the parameters from p.grad."""

    def state_dict(self) -> dict[str, Any]:
        """Its state."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""


class GradientStep(Method):
    """One gradient on one mini-batch, then the update of a torch optimizer."""

    def __init__(self, optimizer: TorchOptimizer) -> None:
        """Wrap a torch optimizer over the model's parameters."""
        self._optimizer = optimizer
        own_step = getattr(optimizer, "__dict__", {}).get("step")  # set on the object, over the one of its class
        # without torch's record for its profiler around every step: 11 µs, 3 % of a step of the MLP
        self._update = own_step or partial(inspect.unwrap(type(optimizer).step), optimizer)

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Those of the torch optimizer."""
        return self._optimizer.param_groups

    @property
    def torch_state(self) -> Mapping[Any, Mapping[str, Any]]:
        """That of the torch optimizer, where it has one."""
        state = getattr(self._optimizer, "state", None)
        return state if isinstance(state, Mapping) else {}

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """g on the next mini-batch; θ ← update(θ, g)."""
        seen = objective.backward(batches.next())
        with torch.no_grad():
            self._update()
        return seen

    def state_dict(self) -> dict[str, Any]:
        """That of the torch optimizer."""
        return self._optimizer.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        self._optimizer.load_state_dict(state_dict)


class VectorMethod(Method):
    """Base of the methods written here: flat vectors of shape [d], one rate, state by attribute name."""

    remembered: tuple[str, ...] = ()
    """Attributes that a resumed run needs: tensors, numbers, lists of them, or None."""

    def __init__(self, *, lr: float, l2: float = 0.0) -> None:
        """`lr` is the base rate η; `l2` the coefficient λ of the objective."""
        self._group: dict[str, Any] = {"lr": lr}
        self.l2 = l2

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """One group."""
        return [self._group]

    @property
    def lr(self) -> float:
        """The rate η of this step."""
        return float(self._group["lr"])

    def state_dict(self) -> dict[str, Any]:
        """The rate and what is remembered."""
        return {"lr": self.lr, **{name: getattr(self, name) for name in self.remembered}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        self._group["lr"] = state_dict["lr"]
        for name in self.remembered:
            setattr(self, name, state_dict[name])
