"""What a log has said so far, each thing with the number of its event, so that a rewind can cut the end off."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, MutableSequence, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from tui_optim.report.smoothing import Average
from tui_optim.spec.results import EpochResult

if TYPE_CHECKING:
    from tui_optim.report.series import Axis

T = TypeVar("T")


class Results(MutableSequence[EpochResult]):
    """Results in 190 bytes each, where an object with its numbers takes 570: an app that is open all day holds many."""

    __slots__ = ("_packed",)

    def __init__(self) -> None:
        """None yet."""
        self._packed: list[bytes] = []

    def __len__(self) -> int:
        return len(self._packed)

    @overload
    def __getitem__(self, index: int) -> EpochResult: ...
    @overload
    def __getitem__(self, index: slice) -> list[EpochResult]: ...
    def __getitem__(self, index: int | slice) -> EpochResult | list[EpochResult]:
        found = self._packed[index]
        return [EpochResult.unpacked(one) for one in found] if isinstance(found, list) else EpochResult.unpacked(found)

    def __iter__(self) -> Iterator[EpochResult]:
        return map(EpochResult.unpacked, self._packed)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("results are added and cut off, never changed")

    def __delitem__(self, index: int | slice) -> None:
        del self._packed[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Results) and self._packed == other._packed

    __hash__ = None  # type: ignore[assignment] # as a list has none

    def insert(self, index: int, value: EpochResult) -> None:
        self._packed.insert(index, value.packed())


class Logged(Generic[T]):
    """Things in the order of the log."""

    __slots__ = ("_seqs", "items")

    def __init__(self, items: MutableSequence[T] | None = None) -> None:
        """Nothing yet; `items` is where it will be held, a list where there is no better place."""
        self.items: MutableSequence[T] = [] if items is None else items
        self._seqs = array("q")

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


class Places:
    """Where points lie: of each the number of its event, and an x for each axis. Arrays, not lists: an app that is open all day
    holds many."""

    __slots__ = ("seqs", "xs")

    def __init__(self, seqs: "array[int]", xs: "dict[Axis, array[float]]") -> None:
        """As many numbers as each axis has xs."""
        self.seqs, self.xs = seqs, xs

    @classmethod
    def none(cls, axes: "Sequence[Axis]") -> "Places":
        """For lines without points."""
        return cls(array("q"), {axis: array("d") for axis in axes})

    def first(self, num: int) -> "Places":
        """A copy of the first so many."""
        return Places(self.seqs[:num], {axis: xs[:num] for axis, xs in self.xs.items()})

    def append(self, seq: int, position: tuple[float, ...]) -> None:
        """Add one; `position` has an x for each axis."""
        self.seqs.append(seq)
        for xs, x in zip(self.xs.values(), position, strict=True):
            xs.append(x)

    def keep(self, num: int) -> None:
        """Drop all but the first so many."""
        del self.seqs[num:]
        for xs in self.xs.values():
            del xs[num:]


class Line:
    """Points in the order of the log. Lines that have their points at the same places share them, for as long as that is so."""

    __slots__ = ("_averages", "_places", "ys")

    def __init__(self, places: Places) -> None:
        """Without points."""
        self._places = places
        self._averages: dict[float, Average] | None = None
        self.ys = array("d")

    @property
    def xs(self) -> "Mapping[Axis, array[float]]":
        """For each axis."""
        if len(self._places.seqs) > len(self.ys):
            self._part()
        return self._places.xs

    def last_x(self, axis: "Axis") -> float | None:
        """That of the last point; None without points."""
        return self._places.xs[axis][len(self.ys) - 1] if self.ys else None

    def append(self, seq: int, position: tuple[float, ...], y: float) -> None:
        """Add a point; `position` has an x for each axis."""
        ahead = self._places.seqs[len(self.ys) :]
        if ahead and (len(ahead) > 1 or ahead[0] != seq):
            self._part()
        if len(self._places.seqs) == len(self.ys):
            self._places.append(seq, position)
        self.ys.append(y)

    def smoothed(self, weight: float) -> Sequence[float]:
        """The ys as an exponential moving average."""
        self._averages = {} if self._averages is None else self._averages
        if weight not in self._averages:
            self._averages[weight] = Average(weight)
        return self._averages[weight].of(self.ys)

    def cut_after(self, seq: int) -> bool:
        """Drop the points after event `seq`; returns whether there were any."""
        keep = bisect_right(self._places.seqs, seq)
        is_cut = keep < len(self.ys)
        self._places.keep(keep)
        del self.ys[keep:]
        if is_cut:
            self._averages = None
        return is_cut

    def _part(self) -> None:
        """Another line has a point that this one lacks: from now on it has places of its own."""
        self._places = self._places.first(len(self.ys))
