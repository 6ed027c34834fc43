"""The source's procedure for circles as a student would write it: functions of a few lines, one run after the other.

Two noisy rings, a network 2-10-2 with tanh, softmax and cross-entropy, everything by hand on tensors: no autograd, no DataLoader,
no optimizer. An epoch shuffles the data, takes the mini-batches one by one (forward, loss and accuracy of the batch, backward,
SGD), and then evaluates loss and accuracy on the training and the test set. It shares no line with the engine.
"""

from dataclasses import dataclass

import torch

Parameters = dict[str, torch.Tensor]
NUM_HIDDEN = 10


@dataclass(frozen=True, slots=True)
class Data:
    """Points [n, 2] and classes as unit vectors [n, 2]."""

    x_train: torch.Tensor
    y_train: torch.Tensor
    x_test: torch.Tensor
    y_test: torch.Tensor


@dataclass(frozen=True, slots=True)
class Curves:
    """Loss and accuracy after each epoch."""

    train: list[tuple[float, float]]
    test: list[tuple[float, float]]


def run(data: Data, *, batch_size: int, lr: float, seed: int, epochs: int) -> Curves:
    """Train one network; returns what the script plots."""
    torch.manual_seed(seed)
    parameters = init_parameters()
    num_examples = len(data.x_train)
    curves = Curves([], [])
    for _ in range(epochs):
        order = torch.randperm(num_examples)
        x, y = data.x_train[order], data.y_train[order]
        for first in range(0, num_examples, batch_size):
            x_batch, y_batch = x[first : first + batch_size], y[first : first + batch_size]
            y_hat, outputs = forward(parameters, x_batch)
            loss_accuracy(y_hat, y_batch)
            gradients = backward(parameters, outputs, y_batch)
            parameters = sgd(parameters, gradients, lr)
        for x_all, y_all, curve in (
            (data.x_train, data.y_train, curves.train),
            (data.x_test, data.y_test, curves.test),
        ):
            loss, accuracy = loss_accuracy(forward(parameters, x_all)[0], y_all)
            curve.append((loss.item(), accuracy.item()))
    return curves


def init_parameters() -> Parameters:
    """Weights and biases from N(0, 0.3²)."""
    return {
        "Wh": torch.randn(NUM_HIDDEN, 2) * 0.3,
        "bh": torch.randn(1, NUM_HIDDEN) * 0.3,
        "Wy": torch.randn(2, NUM_HIDDEN) * 0.3,
        "by": torch.randn(1, 2) * 0.3,
    }


def forward(parameters: Parameters, x: torch.Tensor) -> tuple[torch.Tensor, Parameters]:
    """ŷ and what the backward pass needs."""
    h_tilde = torch.mm(x, parameters["Wh"].t()) + parameters["bh"]
    h = torch.tanh(h_tilde)
    y_tilde = torch.mm(h, parameters["Wy"].t()) + parameters["by"]
    powers = torch.exp(y_tilde)
    y_hat = powers / powers.sum(1, keepdim=True)
    return y_hat, {"X": x, "h": h, "yhat": y_hat}


def loss_accuracy(y_hat: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean cross-entropy, and the share that is right."""
    loss = -(y * torch.log(y_hat)).sum(1).mean()
    accuracy = (y_hat.argmax(1) == y.argmax(1)).float().mean()
    return loss, accuracy


def backward(parameters: Parameters, outputs: Parameters, y: torch.Tensor) -> Parameters:
    """The gradients of the mean loss."""
    size = len(y)
    delta_y = outputs["yhat"] - y
    delta_h = torch.mm(delta_y, parameters["Wy"]) * (1 - outputs["h"] ** 2)
    return {
        "Wh": torch.mm(delta_h.t(), outputs["X"]) / size,
        "bh": delta_h.sum(0, keepdim=True) / size,
        "Wy": torch.mm(delta_y.t(), outputs["h"]) / size,
        "by": delta_y.sum(0, keepdim=True) / size,
    }


def sgd(parameters: Parameters, gradients: Parameters, lr: float) -> Parameters:
    """θ − η g."""
    return {name: parameters[name] - lr * gradients[name] for name in parameters}
