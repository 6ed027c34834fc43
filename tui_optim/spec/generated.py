"""Data that is made by a rule: the same in every run, whatever its seed, and on every machine.

Only `random()` of Python's generator is used, whose numbers for a seed are the same in all versions of Python; normal numbers are
made of them by the transform of Box & Muller (1958).
"""

import math
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Literal

NUMBERS_SEED = 1
NUM_NUMBERS = 100
CIRCLES_SEEDS = {"train": 2, "test": 3}
NUM_CIRCLE_POINTS = 200
"""Of each part, half of them on each ring."""
RADII = (0.5, 1.0)
"""Of the rings of class 0 and class 1."""
CIRCLES_NOISE = 0.15
"""Standard deviation of what is added to both coordinates."""

Points = tuple[tuple[float, float], ...]


@cache
def uniform_numbers() -> tuple[float, ...]:
    """x₁ … x₁₀₀, drawn uniformly from [0, 1)."""
    draw = Random(NUMBERS_SEED).random
    return tuple(draw() for _ in range(NUM_NUMBERS))


@cache
def circle_points(part: Literal["train", "test"]) -> tuple[Points, tuple[int, ...]]:
    """Points around two circles about the origin, at random angles, the classes taking turns; and their classes."""
    random = Random(CIRCLES_SEEDS[part])
    noise = _normal_pairs(random)
    labels = tuple(number % len(RADII) for number in range(NUM_CIRCLE_POINTS))
    points: list[tuple[float, float]] = []
    for label in labels:
        angle = math.tau * random.random()
        a, b = next(noise)
        x, y = RADII[label] * math.cos(angle), RADII[label] * math.sin(angle)
        points.append((x + CIRCLES_NOISE * a, y + CIRCLES_NOISE * b))
    return tuple(points), labels


def _normal_pairs(random: Random) -> Iterator[tuple[float, float]]:
    """Pairs of independent standard normal numbers."""
    while True:
        radius, angle = math.sqrt(-2 * math.log(1 - random.random())), math.tau * random.random()
        yield radius * math.cos(angle), radius * math.sin(angle)
