"""The circles network as plain numbers: what it says of any point of the plane, without torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tui_optim.spec.errors import StoreError
from tui_optim.spec.generated import circle_points
from tui_optim.spec.pictures import Film, Frame
from tui_optim.store.pictures import read_film
from tui_optim.store.runfolder import RunFolder

NUM_HIDDEN, NUM_INPUTS, NUM_CLASSES = 10, 2, 2
REACH = 1.6
"""The plane is shown this far from the origin, in the direction in which there is less room; the outer ring has radius 1."""

Part = Literal["train", "test"]


@dataclass(frozen=True, slots=True)
class Network:
    """The difference of class scores, m(x, y) = Σ vₖ tanh(aₖ x + bₖ y + cₖ) + d: class 1 where it is positive."""

    hidden: tuple[tuple[float, float, float, float], ...]
    """(a, b, c, v) of each hidden unit."""
    offset: float
    """d."""

    @property
    def is_finite(self) -> bool:
        """Whether it says anything: the weights of a diverged run do not."""
        return math.isfinite(self.offset) and all(math.isfinite(one) for unit in self.hidden for one in unit)

    def margin(self, x: float, y: float) -> float:
        """m at a point."""
        return self.offset + sum(v * math.tanh(a * x + b * y + c) for a, b, c, v in self.hidden)

    def margins(self, xs: Sequence[float], ys: Sequence[float]) -> list[list[float]]:
        """m on a grid, a row for each y."""
        tanh = math.tanh
        columns = [[a * x for x in xs] for a, _, _, _ in self.hidden]
        rows: list[list[float]] = []
        for y in ys:
            row = [self.offset] * len(xs)
            for (_, b, c, v), column in zip(self.hidden, columns, strict=True):
                shift = b * y + c
                row = [m + v * tanh(u + shift) for m, u in zip(row, column, strict=True)]
            rows.append(row)
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """An example on the plane."""

    x: float
    y: float
    label: int
    is_right: bool


def network_of(frame: Frame) -> Network:
    """From the parameters in the model's order: W_h [10, 2], b_h [10], W_y [2, 10], b_y [2].

    Raises:
        ValueError: a frame of another model.
    """
    weights = frame.weights
    first, biases = NUM_HIDDEN * NUM_INPUTS, NUM_HIDDEN * (NUM_INPUTS + 1)
    second = biases + NUM_CLASSES * NUM_HIDDEN
    if len(weights) != second + NUM_CLASSES:
        raise ValueError(f"{len(weights)} weights where the network has {second + NUM_CLASSES}")
    hidden = tuple(
        (
            weights[2 * k],
            weights[2 * k + 1],
            weights[first + k],
            weights[biases + NUM_HIDDEN + k] - weights[biases + k],
        )
        for k in range(NUM_HIDDEN)
    )
    return Network(hidden=hidden, offset=weights[second + 1] - weights[second])


def film_of(folder: RunFolder) -> Film | None:
    """The film of a circles run; None where there is none yet. Raises StoreError where it is damaged, or of another model."""
    film = read_film(folder)
    try:
        for frame in film.frames if film else ():
            network_of(frame)
    except ValueError as error:
        raise StoreError(f"{folder.film}: damaged ({error})") from error
    return film


def examples(network: Network, part: Part) -> list[Marked]:
    """The points of a part of the data, and whether the network gets them right."""
    points, labels = circle_points(part)
    return [
        Marked(x=x, y=y, label=label, is_right=int(network.margin(x, y) > 0) == label)
        for (x, y), label in zip(points, labels, strict=True)
    ]


def accuracy(marked: Sequence[Marked]) -> float:
    """Fraction that is right."""
    return sum(one.is_right for one in marked) / len(marked)
