"""Quadratic objectives with a known minimum: what they are at any point, without torch.

F(θ) = mean over examples of ‖A θ − bᵢ‖² = F* + ½ (θ − θ*)ᵀ H (θ − θ*),   H = 2 AᵀA
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin, sqrt, tau


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadratic:
    """A quadratic in one or two parameters."""

    factor: tuple[tuple[float, ...], ...]
    """A, row by row."""
    start: tuple[float, ...]
    """Where every run begins, whatever its seed."""
    minimiser: tuple[float, ...]
    """θ*."""
    minimum: float
    """F*."""
    names: tuple[str, ...]
    """What the parameters are called."""

    @property
    def hessian(self) -> tuple[tuple[float, ...], ...]:
        """H, row by row."""
        size = range(len(self.start))
        return tuple(tuple(2 * sum(row[i] * row[j] for row in self.factor) for j in size) for i in size)

    @property
    def eigenvalues(self) -> tuple[float, ...]:
        """Those of H, the largest first."""
        hessian = self.hessian
        if len(hessian) == 1:
            return hessian[0]
        (a, b), (_, d) = hessian
        middle, half = (a + d) / 2, hypot((a - d) / 2, b)
        return middle + half, middle - half

    @property
    def condition_number(self) -> float:
        """Largest ÷ smallest eigenvalue."""
        return self.eigenvalues[0] / self.eigenvalues[-1]

    @property
    def turn(self) -> float:
        """Angle of the first eigenvector of a quadratic in two parameters, in (−π/2, π/2]."""
        (a, b), (_, d) = self.hessian
        return atan2(2 * b, a - d) / 2 if b or a >= d else pi / 2

    def along_eigenvectors(self, point: Sequence[float]) -> tuple[float, ...]:
        """Where a point is from θ*, in the eigenvectors' coordinates; the steepest comes first."""
        away = [x - best for x, best in zip(point, self.minimiser, strict=True)]
        if len(away) == 1:
            return tuple(away)
        (x, y), c, s = away, cos(self.turn), sin(self.turn)
        return c * x + s * y, c * y - s * x

    def level_line(self, gap: float, *, num_points: int) -> list[tuple[float, float]]:
        """Points around the ellipse F − F* = `gap` > 0 of a quadratic in two parameters; the last is the first again.

        In the eigenvectors' coordinates gap = ½ (λ₁ u² + λ₂ v²).
        """
        large, small = (sqrt(2 * gap / eigenvalue) for eigenvalue in self.eigenvalues)
        c, s = cos(self.turn), sin(self.turn)
        (x, y), points = self.minimiser, []
        for number in range(num_points):
            u, v = large * cos(tau * number / num_points), small * sin(tau * number / num_points)
            points.append((x + c * u - s * v, y + s * u + c * v))
        return [*points, points[0]]

    def value(self, point: Sequence[float]) -> float:
        """F at a point."""
        return self.minimum + self.gap(point)

    def gap(self, point: Sequence[float]) -> float:
        """F − F* at a point, without the rounding of a difference: ‖A (θ − θ*)‖². Not finite where the point is not."""
        away = [x - best for x, best in zip(point, self.minimiser, strict=True)]
        residuals = [sum(a * x for a, x in zip(row, away, strict=True)) for row in self.factor]
        return sum(residual * residual for residual in residuals)
