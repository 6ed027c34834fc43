"""The models of all members as one: gradients and evaluations at a vector of all their parameters."""

from collections.abc import Callable

import torch

from tui_optim.engine.data import Split
from tui_optim.engine.stack.layout import Layout
from tui_optim.engine.stack.setting import Setting


class Models:
    """K models of the setting's shape, whose parameters are views of one vector."""

    def __init__(self, setting: Setting, layout: Layout, parameters: torch.Tensor) -> None:
        """Views of parameters and gradients in the model's shapes, each [K, …]."""
        self._setting, self._layout = setting, layout
        self.gradient = torch.zeros_like(parameters)
        """What `differentiate` has found, laid out like the parameters."""
        self._parts, self._gradient_parts = layout.blocks(parameters), layout.blocks(self.gradient)
        by_hand = setting.model.differentiator(self._parts, self._gradient_parts)
        self._leaves = [part.detach().requires_grad_() for part in self._parts]
        self.differentiate: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = (
            by_hand if setting.is_by_hand else self._by_autograd
        )
        """Sets the gradient to that of each member's mean loss on its batch; returns the outputs."""

    def evaluate(self, split: Split, parameters: torch.Tensor | None = None) -> list[tuple[float, float]]:
        """Mean loss and accuracy of each member; at other parameters than their own where they are given."""
        parts = self._parts if parameters is None else self._layout.blocks(parameters)
        labels = split.labels.expand(len(parts[0]), -1)
        outputs = self._setting.model.common_outputs(parts, split.inputs)
        losses = self._setting.evaluated(outputs, labels).mean(1).tolist()
        num_correct, num_examples = self.num_correct(outputs, labels), len(split)
        return [(loss, count / num_examples) for loss, count in zip(losses, num_correct, strict=True)]

    def losses(self, outputs: torch.Tensor, labels: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The loss of each example [K, n], from outputs of training steps."""
        if self._setting.is_by_hand:
            return self._setting.model.stacked_losses(outputs, targets)
        return self._setting.criterion(outputs, labels)

    def num_correct(self, outputs: torch.Tensor, labels: torch.Tensor) -> list[int]:
        """How many examples [K, n] each member's highest score is right for."""
        is_pair = self._setting.data.num_classes == 2  # argmax is slow on rows of two
        taken = (outputs[..., 1] > outputs[..., 0]).to(labels.dtype) if is_pair else outputs.argmax(-1)
        counts: list[int] = (taken == labels).sum(1).tolist()
        return counts

    def _by_autograd(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        with torch.enable_grad():
            outputs: torch.Tensor = self._setting.model.stacked_outputs(self._leaves, inputs)
            total = self._setting.criterion(outputs, targets).mean(1).sum()  # the gradient of a sum: each member's own
            gradients = torch.autograd.grad(total, self._leaves)
        for part, gradient in zip(self._gradient_parts, gradients, strict=True):
            part.copy_(gradient)
        return outputs.detach()
