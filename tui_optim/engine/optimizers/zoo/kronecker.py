"""PSGD Kron and Shampoo: a preconditioner for each axis of a weight; both draw from the global generators in a step."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.building import with_betas
from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.engine.optimizers.zoo.own_draws import own_draws
from tui_optim.spec.hyperparameters import Value

if TYPE_CHECKING:
    from pytorch_optimizer import ScalableShampoo


class RandomStep(GradientStep):
    """A gradient step whose update draws random numbers: they come from the method's own stream."""

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """g on the next mini-batch; θ ← update(θ, g)."""
        seen = objective.backward(batches.next())
        with own_draws(batches.generator, seen.loss.device):
            self._optimizer.step()
        return seen


class ShampooStep(RandomStep):
    """Shampoo, whose package keeps objects in its state: a checkpoint holds their tensors."""

    def __init__(self, shampoo: "ScalableShampoo") -> None:
        """Wrap the package's Shampoo."""
        super().__init__(shampoo)
        self._shampoo = shampoo

    def state_dict(self) -> dict[str, Any]:
        """The group's numbers, and for each parameter the tensors of its momentum, statistics, roots and graft."""
        (group,) = self.param_groups
        return {
            "group": {name: value for name, value in group.items() if name != "params"},
            "parameters": [_tensors_of(self._shampoo.state.get(parameter)) for parameter in group["params"]],
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        (group,) = self.param_groups
        group.update(state_dict["group"])
        for parameter, kept in zip(group["params"], state_dict["parameters"], strict=True):
            if not kept:
                continue
            parameter.grad = torch.zeros_like(parameter)  # the package makes no state without a gradient
            self._shampoo.init_group({**group, "params": [parameter]})
            _put_tensors(self._shampoo.state[parameter], kept)


def psgd_kron(model: nn.Module, values: Mapping[str, Value]) -> RandomStep:
    """PSGD with Kronecker factors, in the precision of the weights."""
    from pytorch_optimizer import Kron

    return RandomStep(Kron(model.parameters(), precondition_dtype=None, **with_betas(values)))


def shampoo(model: nn.Module, values: Mapping[str, Value]) -> ShampooStep:
    """The package's scalable Shampoo, one preconditioner for each axis of a weight as it is.

    Merged axes are left out: the package then treats a weight that fits a block as one without axes.
    """
    from pytorch_optimizer import ScalableShampoo
    from pytorch_optimizer.optimizer.utils.graft import LayerWiseGrafting

    arguments = with_betas(values)
    period, start, graft = arguments.pop("update_every"), arguments.pop("start"), arguments.pop("graft")
    return ShampooStep(
        ScalableShampoo(
            model.parameters(),
            preconditioning_compute_steps=period,
            start_preconditioning_step=start,
            graft_type=LayerWiseGrafting[graft.upper()],
            shape_interpretation=False,
            **arguments,
        )
    )


def _tensors_of(state: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a parameter's objects have learned; nothing before the first step."""
    if not state:
        return {}
    conditioner, graft = state["pre_conditioner"], state["graft"]
    return {
        "momentum": state["momentum"],
        "statistics": conditioner.statistics,
        "roots": conditioner.pre_conditioners,
        "graft": {name: value for name, value in vars(graft).items() if isinstance(value, torch.Tensor)},
    }


def _put_tensors(state: dict[str, Any], kept: Mapping[str, Any]) -> None:
    """Inverse of `_tensors_of`."""
    state["momentum"] = kept["momentum"]
    state["pre_conditioner"].statistics = kept["statistics"]
    state["pre_conditioner"].pre_conditioners = kept["roots"]
    for name, value in kept["graft"].items():
        setattr(state["graft"], name, value)
