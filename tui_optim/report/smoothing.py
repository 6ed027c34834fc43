"""The exponential moving average of a curve, computed once for each point."""

import math
from collections.abc import Sequence

SMOOTHINGS = (0.0, 0.5, 0.9, 0.97, 0.99)
"""The weights that a user turns through; 0 smooths nothing."""


class Average:
    """m ← w m + (1 − w) y, shown as m ÷ (1 − wᵏ) after k values, so that the start is not pulled towards 0.

    That is TensorBoard's formula (`resmoothDataset` in tensorboard/components/vz_line_chart2/line-chart.ts); its division is
    the bias correction of Kingma and Ba 2015, "Adam", section 3. A value that is not finite stays as it is, a gap, and does
    not count.
    """

    __slots__ = ("_factor", "_mean", "_values", "weight")

    def __init__(self, weight: float) -> None:
        """`weight` w of what came before: 0 ≤ w < 1."""
        self.weight = weight
        self._mean = 0.0
        self._factor = 1.0
        """wᵏ."""
        self._values: list[float] = []

    def of(self, ys: Sequence[float]) -> list[float]:
        """The average of a curve that has only grown at its end since the last call: what is new is computed, no more."""
        weight, mean, factor, values = self.weight, self._mean, self._factor, self._values
        for index in range(len(values), len(ys)):
            y = ys[index]
            if math.isfinite(y):
                mean = weight * mean + (1.0 - weight) * y
                factor *= weight
                y = mean / (1.0 - factor)
            values.append(y)
        self._mean, self._factor = mean, factor
        return values
