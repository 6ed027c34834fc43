"""The small models, with forward pass, loss and gradient written by hand; autograd goes through `forward` as in any module.

A gradient by hand is what the loop of a textbook computes: no graph, no library optimizer. The tests hold it against autograd.

All of it is written for a stack of K models with parameters of shape [K, …]; a single model is the case K = 1. A model of a
stack never sees the others: each operation treats the members one by one, so that a member's numbers do not depend on its
company, to the last bit where BLAS sums alike at whatever address a matrix begins (batches of an odd number above 20 may begin at
odd ones).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
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


class Stackable(HandWritten):
    """One that can do so in a stack too, and by autograd as well.

    In the methods of stacks `parameters` are those of the model, in their order, each with a leading axis [K, …]; `inputs` have
    shape [K, n, …], `outputs` [K, n, m].
    """

    @abstractmethod
    def stacked_outputs(self, parameters: Sequence[torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        """The outputs of each model on its inputs."""

    def common_outputs(self, parameters: Sequence[torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        """The outputs of each model on the same inputs [n, …], to rounding: for figures, not for gradients."""
        return self.stacked_outputs(parameters, inputs.expand(len(parameters[0]), *inputs.shape))

    @abstractmethod
    def targets(self, labels: torch.Tensor) -> torch.Tensor:
        """What a differentiator wants of labels [K, n], made once for many batches."""

    @abstractmethod
    def stacked_losses(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The loss of each example, shape [K, n]."""

    @abstractmethod
    def differentiator(
        self, parameters: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor]
    ) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
        """What is called for every batch: (inputs, targets) to outputs, the gradient of each model's mean loss into `gradients`.

        Both are contiguous; `parameters` may change between calls, in place.
        """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The outputs of this model, [n, m]."""
        return self.stacked_outputs(self._alone(), x[None])[0]

    def differentiate(self, inputs: torch.Tensor, labels: torch.Tensor) -> Differentiated:
        """Loss and gradient of this model on a batch; call it where autograd is off."""
        targets, parameters = self.targets(labels[None]), self._alone()
        gradients = [torch.empty_like(parameter) for parameter in parameters]
        outputs = self.differentiator(parameters, gradients)(inputs[None], targets)
        loss = self.stacked_losses(outputs, targets)[0].mean()
        return Differentiated(loss, outputs[0], tuple(gradient[0] for gradient in gradients))

    def _alone(self) -> list[torch.Tensor]:
        return [parameter[None] for parameter in self.parameters()]


class Residuals(Stackable):
    """rᵢ = A θ − bᵢ, the model of a quadratic: inputs are the bᵢ, shape [n, k], and so are the outputs rᵢ.

    The loss is the mean of ‖rᵢ‖²; its gradient by hand is 2 Aᵀ times the mean of the rᵢ.
    """

    factor: torch.Tensor

    def __init__(self, quadratic: Quadratic) -> None:
        """Starts where the quadratic says, in float64."""
        super().__init__()
        self.point = nn.Parameter(torch.tensor(quadratic.start, dtype=torch.float64))
        self.register_buffer("factor", torch.tensor(quadratic.factor, dtype=torch.float64))

    def stacked_outputs(self, parameters: Sequence[torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        """The residuals."""
        (points,) = parameters
        factors = self.factor.T.expand(len(points), -1, -1)
        return torch.bmm(points[:, None], factors) - inputs

    def targets(self, labels: torch.Tensor) -> torch.Tensor:
        """Labels have no part in it."""
        return labels

    def stacked_losses(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """‖rᵢ‖²."""
        del targets
        return outputs.square().sum(-1)

    def differentiator(
        self, parameters: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor]
    ) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
        """∇F = (1/n) Σ 2 Aᵀ rᵢ."""
        (gradient,) = gradients
        factors = self.factor.expand(len(gradient), -1, -1)

        def differentiate(inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            del targets
            residuals = self.stacked_outputs(parameters, inputs)
            torch.mul(torch.bmm(residuals.mean(1, keepdim=True), factors)[:, 0], 2, out=gradient)
            return residuals

        return differentiate


class _Layer(nn.Linear):
    """A linear layer in the very operation of a stack, so that single runs and stacks have the same bits."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """W x + b for each row x."""
        return torch.baddbmm(self.bias[None, None], x[None], self.weight[None].mT)[0]


class CirclesNetwork(Stackable):
    """2-10-2 with tanh, 52 parameters: x → h̃ = W_h x + b_h → h = tanh h̃ → ỹ = W_y h + b_y; then ŷ = softmax ỹ.

    Input [n, 2], output ỹ [n, 2].
    """

    def __init__(self) -> None:
        """Weights and biases drawn from N(0, 0.3²)."""
        super().__init__()
        self.fc1 = _Layer(2, NUM_HIDDEN)
        self.fc2 = _Layer(NUM_HIDDEN, 2)
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=INITIAL_DEVIATION)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Through the layers as modules: methods like K-FAC listen there."""
        outputs: torch.Tensor = self.fc2(torch.tanh(self.fc1(x)))
        return outputs

    def stacked_outputs(self, parameters: Sequence[torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        """Class scores ỹ."""
        w_h, b_h, w_y, b_y = parameters
        h = torch.tanh(torch.baddbmm(b_h.unsqueeze(1), inputs, w_h.mT))
        return torch.baddbmm(b_y.unsqueeze(1), h, w_y.mT)

    def common_outputs(self, parameters: Sequence[torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        """With the examples innermost: hidden units of all models are one product, and rows are long instead of two."""
        w_h, b_h, w_y, b_y = parameters
        num_models, num_hidden = b_h.shape
        h = torch.addmm(b_h.reshape(-1, 1), w_h.reshape(num_models * num_hidden, -1), inputs.T).tanh_()
        return torch.baddbmm(b_y.unsqueeze(2), w_y, h.view(num_models, num_hidden, -1)).mT

    def targets(self, labels: torch.Tensor) -> torch.Tensor:
        """y: the true class as a unit vector."""
        return nn.functional.one_hot(labels, 2).to(self.fc1.weight.dtype)

    def stacked_losses(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Cross-entropy L = −log yᵀŷ.

        The logarithm is taken of the probability itself: where that of the true class underflows to 0 the loss is ∞, and a run
        that gets there has diverged.
        """
        return -torch.log((_softmax(outputs) * targets).sum(-1))

    def differentiator(
        self, parameters: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor]
    ) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
        """For each example

            ∇ỹ = ŷ − y      ∇W_y = ∇ỹ hᵀ      ∇b_y = ∇ỹ
            ∇h̃ = W_yᵀ ∇ỹ ⊙ (1 − h²)      ∇W_h = ∇h̃ xᵀ      ∇b_h = ∇h̃

        of which the means over the batch are taken.
        """
        w_h, b_h, w_y, b_y = parameters
        g_wh, g_bh, g_wy, g_by = gradients
        w_h_t, b_h_row, w_y_t, b_y_row = w_h.mT, b_h.unsqueeze(1), w_y.mT, b_y.unsqueeze(1)
        g_bh_row, g_by_row = g_bh.unsqueeze(1), g_by.unsqueeze(1)
        g_bh_column, g_by_column = g_bh_row.mT, g_by_row.mT

        def differentiate(inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            num_examples = inputs.shape[1]
            h = torch.baddbmm(b_h_row, inputs, w_h_t).tanh_()
            y_tilde = torch.baddbmm(b_y_row, h, w_y_t)
            if num_examples == 1:  # means of one term, and torch's softmax, which is fast on one row
                d_y = torch.softmax(y_tilde, -1, out=g_by_row).sub_(targets)
                d_h = torch.bmm(d_y, w_y, out=g_bh_row)
                d_h.addcmul_(d_h * h, h, value=-1)
                torch.mul(g_bh_column, inputs, out=g_wh)
                torch.mul(g_by_column, h, out=g_wy)
                return y_tilde
            d_y = _softmax(y_tilde).sub_(targets).div_(num_examples)
            d_h = torch.bmm(d_y, w_y)
            d_h.addcmul_(d_h * h, h, value=-1)
            torch.bmm(d_h.mT, inputs, out=g_wh)
            torch.sum(d_h, 1, out=g_bh)
            torch.bmm(d_y.mT, h, out=g_wy)
            torch.sum(d_y, 1, out=g_by)
            return y_tilde

        return differentiate


def _softmax(scores: torch.Tensor) -> torch.Tensor:
    """ŷ of two classes: e^a / (e^a + e^b) = 1 / (1 + e^(b − a)).

    torch's own softmax is many times slower on many rows of two, and its sigmoid rounds differently at the end of a tensor.
    """
    return (scores.flip(-1) - scores).exp_().add_(1).reciprocal_()
