"""The layers of a model: the modules that have parameters of their own."""

from torch import nn


def layer_of(parameter: str) -> str:
    """The layer that a parameter belongs to, by their names; its own where it belongs to the model itself."""
    return parameter.rpartition(".")[0] or parameter


def layers_of(model: nn.Module) -> dict[str, list[int]]:
    """By the name of a layer the numbers of its parameters, in the order of the model."""
    layers: dict[str, list[int]] = {}
    for number, (name, _) in enumerate(model.named_parameters()):
        layers.setdefault(layer_of(name), []).append(number)
    return layers
