"""What holds for every test process."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tui_optim.spec.plugins import FILES_VARIABLE

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
"""An example of a property test may take its time on a busy machine."""
os.environ.setdefault("GOMP_SPINCOUNT", "5000")
"""As in the workers: torch's threads sleep while they wait instead of spinning, or tests side by side starve each other."""
gc.set_threshold(20_000, 20, 100)
"""A test process holds all that the suite imports: a look for garbage at every 700 objects is a seventh of app tests' time."""

LONG = ("test_snapshots.py", "test_sweeps.py", "test_race.py", "test_step_screen.py")
"""Of the app's tests, which come last: a long file that begins at the end leaves the other processes without work."""


@pytest.fixture(autouse=True)
def _no_files_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's file that one test makes known is not known to the next."""
    monkeypatch.setenv(FILES_VARIABLE, "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The app's long files first; all others in their order."""
    items.sort(key=lambda item: not (item.path.parent.name == "ui" and item.path.name in LONG))
