"""What the training loop needs of an optimizer; every `torch.optim.Optimizer` has it."""

from typing import Any, Protocol


class UpdateRule(Protocol):
    """Turns the gradients in `p.grad` into a step."""

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Each with its `lr`, which the schedule sets."""

    def step(self) -> Any:
        """Update the parameters."""

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run needs."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
