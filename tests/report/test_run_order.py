"""Sorting runs by a field."""

import math
from dataclasses import replace

import pytest

from tests.factories import make_preset, make_result, make_run, make_spec
from tui_optim.report.run_fields import run_fields
from tui_optim.report.run_order import order_runs, parse_order
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An empty home."""
    return open_home(tmp_path_factory.mktemp("home"))


def with_accuracy(home: Home, seed: int, accuracy: float | None) -> StoredRun:
    """A run that ended with this, or has not begun."""
    spec = make_spec(seed=seed)
    if accuracy is None:
        return make_run(home, spec, state="queued", results=[])
    return make_run(home, spec, results=[replace(make_result(spec, 1), test_accuracy=accuracy)])


def seeds(runs: list[StoredRun], order: str) -> list[int]:
    """The seeds of the runs in an order."""
    return [run.info.spec.seed for run in order_runs(runs, parse_order(order, run_fields(runs)))]


def test_runs_without_a_value_come_last_from_either_end(home: Home) -> None:
    """A queued run has none, and NaN is none."""
    runs = [with_accuracy(home, seed, value) for seed, value in enumerate([None, 0.5, math.nan, 0.9, 0.7])]
    assert seeds(runs, "test_accuracy") == [1, 4, 3, 0, 2]
    assert seeds(runs, "-test_accuracy") == [3, 4, 1, 0, 2]


def test_equal_values_stay_in_their_order(home: Home) -> None:
    """From both ends."""
    runs = [with_accuracy(home, seed, 0.5) for seed in (3, 1, 2)]
    assert seeds(runs, "test_accuracy") == seeds(runs, "-test_accuracy") == [3, 1, 2]


def test_numbers_come_before_words(home: Home) -> None:
    """A batch size may be 'full'."""
    full = make_preset().model_copy(update={"batch_size": "full"})
    runs = [make_run(home, make_spec(preset=full, seed=1), state="queued"), with_accuracy(home, 2, None)]
    assert seeds(runs, "batch_size") == [2, 1]


def test_an_unknown_field_is_refused_with_the_nearest() -> None:
    """And an empty one with an example."""
    with pytest.raises(UsageError, match="did you mean 'test_accuracy'"):
        parse_order("-test_acuracy", run_fields())
    with pytest.raises(UsageError, match="--sort -test_accuracy"):
        parse_order("-", run_fields())
