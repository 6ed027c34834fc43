"""The experiments that several explanations share; small enough to be tried at once.

They run on the training data alone, a part of it held out: whoever only tries something has no need of the test set.
"""

from collections.abc import Mapping

from tui_optim.spec.explain.topic import Arm
from tui_optim.spec.hyperparameters import Value


def mlp(
    *presets: str, epochs: int = 3, seeds: tuple[int, ...] = (42,), settings: Mapping[str, Value] | None = None
) -> Arm:
    """On the MLP, whose epochs take the shortest time of the image scenarios."""
    return Arm(
        scenario="mlp-fashion", presets=presets, epochs=epochs, seeds=seeds, settings=settings or {}, holdout=True
    )


def lenet(*presets: str, epochs: int = 3) -> Arm:
    """On LeNet-5."""
    return Arm(scenario="lenet5-fashion", presets=presets, epochs=epochs, seeds=(42,), settings={}, holdout=True)


def points(
    scenario: str,
    *presets: str,
    epochs: int | None = None,
    seeds: tuple[int, ...] = (42,),
    settings: Mapping[str, Value] | None = None,
) -> Arm:
    """On a problem of a few parameters, over the scenario's own length unless another is given: there is nothing to hold out."""
    return Arm(scenario=scenario, presets=presets, epochs=epochs, seeds=seeds, settings=settings or {})
