"""A lab per test module: workers take seconds to load torch, and staying warm is what they are for."""

from collections.abc import Iterator

import pytest

from tests.runs.lab import Lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A home whose processes are gone after the module."""
    made = Lab(tmp_path_factory.mktemp("home"))
    yield made
    made.close()
