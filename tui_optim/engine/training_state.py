"""What a checkpoint of a training holds: everything that decides the rest of the run."""

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import torch

from tui_optim.engine.running_means import RunningMeans
from tui_optim.spec.plugin_file import complaint
from tui_optim.spec.results import EpochResult

if TYPE_CHECKING:
    from tui_optim.engine.training import Training


def state_of(training: "Training") -> dict[str, Any]:
    """Tensors and plain Python values."""
    means, best, camera = training.means.count(), training.best, training.camera
    return {
        "model": training.model.state_dict(),
        "method": training.method.state_dict(),
        "rate": training.rate.state_dict(),
        "batches": training.batches.state_dict(),
        "random": torch.get_rng_state(),
        "counters": list(astuple(training.counters)),
        "train_time_s": training.clock.train_time_s,
        "elapsed_s": training.clock.elapsed_s,
        "num_epochs": training.num_epochs,
        "epochs": training.epochs,
        "num_commands": training.num_commands,
        "wants_xray": training.xrays.is_wanted,
        "best": best.to_json() if best else None,
        "patience": training.patience.state_dict(),
        "data": training.data.digest,
        "means": [means.loss_sum, means.num_examples, means.num_correct],
        "camera": camera.state_dict() if camera else None,
    }


def restore(training: "Training", state: dict[str, Any]) -> None:
    """Inverse of `state_of`. Raises UsageError where a user's file loads other data than before."""
    if state.get("data", "") != training.data.digest:
        raise complaint(training.scenario.origin, "load_data returns other data than when this run began")
    training.model.load_state_dict(state["model"])
    training.method.load_state_dict(_moved(state["method"], training.device))
    training.rate.load_state_dict(state["rate"], training.method)
    training.batches.load_state_dict(state["batches"])
    torch.set_rng_state(state["random"])
    training.counters.restore(state["counters"])
    training.clock.train_time_s, training.clock.elapsed_before_s = state["train_time_s"], state["elapsed_s"]
    training.num_epochs = state["num_epochs"]
    training.epochs, training.num_commands = state.get("epochs", training.epochs), state.get("num_commands", 0)
    training.xrays.is_wanted = state.get("wants_xray", False)
    training.best = EpochResult.from_json(state["best"]) if state["best"] else None
    if "patience" in state:  # checkpoints of earlier versions, and of stacks, have none
        training.patience.load_state_dict(state["patience"])
    loss_sum, num_examples, num_correct = state["means"]
    training.means = RunningMeans(loss_sum, num_examples, num_correct, training.scenario.has_accuracy)
    if training.camera is not None and state.get("camera"):  # checkpoints of earlier versions have none
        training.camera.load_state_dict(state["camera"])
    training.untrained = None


def _moved(state: Any, device: torch.device) -> Any:
    """A state with its vectors on `device`: a checkpoint is read on the CPU. Counters and generators of torch stay there."""
    if isinstance(state, torch.Tensor):
        return state.to(device) if state.is_floating_point() and state.ndim else state
    if isinstance(state, dict):
        return {name: _moved(value, device) for name, value in state.items()}
    if isinstance(state, list | tuple):
        return type(state)(_moved(value, device) for value in state)
    return state
