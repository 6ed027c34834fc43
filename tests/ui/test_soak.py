"""The app for half an hour: `pytest -m soak -n 0 tests/ui/test_soak.py`."""

from pathlib import Path

import pytest

from tests.benchmarks.live import WatchedApp

HALF_AN_HOUR_S = 1800.0
WARM_UP_S = 120.0
GROWTH_MIB = 12.0
"""14,400 points more and what the interpreter's heap moves by; a leaked frame a second would be more than ten times that."""


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_memory_is_flat_while_charts_are_live(tmp_path: Path) -> None:
    """Two growing runs of 10,000 points on both charts: after half an hour the app holds what it held after two minutes."""
    watched = WatchedApp(tmp_path / "home")
    try:
        watched.watch(WARM_UP_S)
        before = watched.resident_mib
        watched.watch(HALF_AN_HOUR_S)
        assert watched.resident_mib < before + GROWTH_MIB
    finally:
        watched.app.end()
