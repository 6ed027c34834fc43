"""Bands of settings, computed again only when one of their runs has news."""

from collections.abc import Hashable
from typing import NamedTuple

from tui_optim.report.bands import Band, BandKind, Seeds, make_band, separation
from tui_optim.report.series import Axis, Quantity, Split

MAX_KEPT = 256
"""Bands; more than the charts show at once."""


class _Kept(NamedTuple):
    stamp: Hashable
    band: Band


class BandCache:
    """Remembers what it computed last. Used on the UI thread only."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._bands: dict[Hashable, _Kept] = {}
        self._partings: dict[tuple[int, int], tuple[Band, Band, float | None]] = {}

    def band(
        self,
        seeds: Seeds,
        quantity: Quantity,
        split: Split,
        axis: Axis,
        kind: BandKind,
        *,
        smoothing: float = 0.0,
    ) -> Band:
        """The band of a setting as its runs are now: the very same object while they have no news."""
        key = (tuple(run.run_id for run in seeds.runs), quantity, split, axis, kind, smoothing)
        stamp = tuple((run.status.state, one.revision) for run, one in zip(seeds.runs, seeds.series, strict=True))
        kept = self._bands.pop(key, None)
        if kept is None or kept.stamp != stamp:
            kept = _Kept(stamp, make_band(seeds, quantity, split, axis, kind=kind, smoothing=smoothing))
        self._bands[key] = kept
        if len(self._bands) > MAX_KEPT:
            del self._bands[next(iter(self._bands))]
        return kept.band

    def parting(self, a: Band, b: Band) -> float | None:
        """The x from which on two bands of this cache no longer overlap."""
        key = (id(a), id(b))
        kept = self._partings.get(key)
        if kept is None or kept[0] is not a or kept[1] is not b:
            if len(self._partings) >= MAX_KEPT:
                self._partings.clear()
            kept = self._partings[key] = (a, b, separation(a, b))
        return kept[2]
