"""What a log has said so far, each thing with the number of its event, so that a rewind can cut the end off."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from tui_optim.report.smoothing import Average

if TYPE_CHECKING:
    from tui_optim.report.series import Axis

T = TypeVar("T")


class Logged(Generic[T]):
    """Things in the order of the log."""

    __slots__ = ("_seqs", "items")

    def __init__(self) -> None:
        """Nothing yet."""
        self.items: list[T] = []
        self._seqs: list[int] = []

    def append(self, seq: int, item: T) -> None:
        """Add what event `seq` has said."""
        self.items.append(item)
        self._seqs.append(seq)

    def cut_after(self, seq: int) -> bool:
        """Drop what was said after event `seq`; returns whether there was anything."""
        keep = bisect_right(self._seqs, seq)
        is_cut = keep < len(self._seqs)
        del self.items[keep:], self._seqs[keep:]
        return is_cut


class Line:
    """Points in the order of the log; one list of xs for each axis."""

    __slots__ = ("_averages", "_seqs", "xs", "ys")

    def __init__(self, axes: "Sequence[Axis]") -> None:
        """Without points."""
        self._averages: dict[float, Average] = {}
        self._seqs: list[int] = []
        self.xs: dict[Axis, list[float]] = {axis: [] for axis in axes}
        self.ys: list[float] = []

    def append(self, seq: int, position: tuple[float, ...], y: float) -> None:
        """Add a point; `position` has an x for each axis."""
        self._seqs.append(seq)
        for xs, x in zip(self.xs.values(), position, strict=True):
            xs.append(x)
        self.ys.append(y)

    def smoothed(self, weight: float) -> list[float]:
        """The ys as an exponential moving average."""
        if weight not in self._averages:
            self._averages[weight] = Average(weight)
        return self._averages[weight].of(self.ys)

    def cut_after(self, seq: int) -> bool:
        """Drop the points after event `seq`; returns whether there were any."""
        keep = bisect_right(self._seqs, seq)
        is_cut = keep < len(self._seqs)
        del self._seqs[keep:], self.ys[keep:]
        for xs in self.xs.values():
            del xs[keep:]
        if is_cut:
            self._averages.clear()
        return is_cut
