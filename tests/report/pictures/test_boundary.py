"""The circles network without torch says what the model says."""

import math

import pytest

from tests.small_runs import BLANK, RINGS
from tui_optim.report.pictures.boundary import accuracy, examples, network_of
from tui_optim.spec.pictures import Frame


def frame(weights: tuple[float, ...]) -> Frame:
    """Of epoch 1."""
    return Frame(epoch=1, step=20, weights=weights)


def test_a_grid_has_the_margins_of_its_points() -> None:
    """Row by row, and inside the ring the other sign than outside."""
    network = network_of(frame(RINGS))
    xs, ys = (-1.2, 0.0, 0.7), (1.0, 0.0)
    rows = network.margins(xs, ys)
    assert [[network.margin(x, y) for x in xs] for y in ys] == [pytest.approx(row) for row in rows]
    assert network.margin(0.0, 0.0) < 0 < network.margin(1.2, 0.0)


def test_points_are_right_or_wrong() -> None:
    """A ring of half-planes gets most of both parts right; weights of zero take every point for class 0."""
    network = network_of(frame(RINGS))
    for part in ("train", "test"):
        marked = examples(network, part)
        assert len(marked) == 200
        assert accuracy(marked) > 0.85
    blank = examples(network_of(frame(BLANK)), "train")
    assert [one.is_right for one in blank] == [one.label == 0 for one in blank]


def test_a_diverged_network_says_nothing() -> None:
    """And weights of another model are refused."""
    assert not network_of(frame((math.nan, *RINGS[1:]))).is_finite
    assert not network_of(frame((*RINGS[:-1], math.inf))).is_finite
    assert network_of(frame(RINGS)).is_finite
    with pytest.raises(ValueError, match="51 weights where the network has 52"):
        network_of(frame(RINGS[:-1]))
