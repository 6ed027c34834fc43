"""The small models, with forward pass, loss and gradient written by hand; autograd goes through `forward` as in any module.

A gradient by hand is what the loop of a textbook computes: no graph, no library optimizer. The tests hold it against autograd.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import nn

from tui_optim.spec.quadratics import Quadratic

NUM_HIDDEN = 10
INITIAL_DEVIATION = 0.3
"""Standard deviation of the initial weights and biases."""


class Differentiated(NamedTuple):
    """What one pass by hand over a batch gives."""

    loss: torch.Tensor
    """Mean over the batch, shape []."""
    outputs: torch.Tensor
    """Shape [n, …]: what `forward` returns."""
    gradients: tuple[torch.Tensor, ...]
    """Of the loss, in the order and the shapes of the model's parameters."""


class HandWritten(nn.Module, ABC):
    """A model that can differentiate its loss without autograd."""

    @abstractmethod
    def differentiate(self, inputs: torch.Tensor, labels: torch.Tensor) -> Differentiated:
        """Loss and gradient on a batch; call it where autograd is off."""


class Residuals(HandWritten):
    """rᵢ = A θ − bᵢ, the model of a quadratic: inputs are the bᵢ, shape [n, k], and so are the outputs rᵢ.

    The loss is the mean of ‖rᵢ‖²; its gradient by hand is 2 Aᵀ times the mean of the rᵢ.
    """

    factor: torch.Tensor

    def __init__(self, quadratic: Quadratic) -> None:
        """Starts where the quadratic says, in float64."""
        super().__init__()
        self.point = nn.Parameter(torch.tensor(quadratic.start, dtype=torch.float64))
        self.register_buffer("factor", torch.tensor(quadratic.factor, dtype=torch.float64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The residuals."""
        return self.factor @ self.point - x

    def differentiate(self, inputs: torch.Tensor, labels: torch.Tensor) -> Differentiated:
        """∇F = (1/n) Σ 2 Aᵀ rᵢ."""
        del labels
        residuals = self(inputs)
        loss = residuals.square().sum(1).mean()
        return Differentiated(loss, residuals, (2 * (residuals.mean(0) @ self.factor),))


class CirclesNetwork(HandWritten):
    """2-10-2 with tanh, 52 parameters: x → h̃ = W_h x + b_h → h = tanh h̃ → ỹ = W_y h + b_y; then ŷ = softmax ỹ.

    Input [n, 2], output ỹ [n, 2].
    """

    def __init__(self) -> None:
        """Weights and biases drawn from N(0, 0.3²)."""
        super().__init__()
        self.fc1 = nn.Linear(2, NUM_HIDDEN)
        self.fc2 = nn.Linear(NUM_HIDDEN, 2)
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=INITIAL_DEVIATION)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Class scores ỹ."""
        return self.fc2(torch.tanh(self.fc1(x)))  # type: ignore[no-any-return] # nn.Module.__call__ is typed Any

    def differentiate(self, inputs: torch.Tensor, labels: torch.Tensor) -> Differentiated:
        """Cross-entropy L = −log ŷ of the true class, and with y the true class as a unit vector, for each example

            ∇ỹ = ŷ − y      ∇W_y = ∇ỹ hᵀ      ∇b_y = ∇ỹ
            ∇h̃ = W_yᵀ ∇ỹ ⊙ (1 − h²)      ∇W_h = ∇h̃ xᵀ      ∇b_h = ∇h̃

        of which the means over the batch are returned. The logarithm is taken of the softmax itself: where the true class's
        probability underflows to 0 the loss is ∞, and a run that gets there has diverged.
        """
        w_h, b_h, w_y, b_y = self.fc1.weight, self.fc1.bias, self.fc2.weight, self.fc2.bias
        h = torch.tanh(inputs @ w_h.T + b_h)
        y_tilde = h @ w_y.T + b_y
        powers = torch.exp(y_tilde - y_tilde.max(1, keepdim=True).values)
        y_hat = powers / powers.sum(1, keepdim=True)
        examples = torch.arange(len(labels), device=labels.device)
        loss = -torch.log(y_hat[examples, labels]).mean()

        d_y = y_hat
        d_y[examples, labels] -= 1
        d_y /= len(labels)
        d_h = d_y @ w_y * (1 - h * h)
        return Differentiated(loss, y_tilde, (d_h.T @ inputs, d_h.sum(0), d_y.T @ h, d_y.sum(0)))
