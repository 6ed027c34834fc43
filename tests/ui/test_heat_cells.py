"""Cells of a heat map as text, and colours that keep their order."""

import math
from dataclasses import replace

import pytest
from rich.color import Color, ColorSystem

from tests.sweep_factories import make_plan, write_sweep
from tui_optim.report.heatmap import heat_map
from tui_optim.store.home import Home
from tui_optim.ui.look.theme import HEAT, HEAT_TEXT
from tui_optim.ui.sweeping.heat_cells import cell_text, explained, figure, level
from tui_optim.ui.widgets.heat_map import fitted


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("val_loss", 0.48624, "0.4862"),
        ("val_loss", 18.8183, "18.818"),
        ("val_loss", 1099.679, "1099.7"),
        ("val_loss", 9.7e6, "9.7e6"),
        ("val_loss", 0.00012, "1.2e-4"),
        ("val_loss", math.nan, "NaN"),
        ("val_loss", math.inf, "∞"),
        ("val_accuracy", 0.8342, "83.42"),
        ("val_accuracy", 1.0, "100.00"),
    ],
)
def test_a_figure_fits_into_a_cell(metric: str, value: float, text: str) -> None:
    """Seven characters at most, with as many digits as that leaves."""
    assert figure(metric, value) == text
    assert len(text) <= 7


def test_every_state_reads_without_colour(home: Home) -> None:
    """No two states look alike in black and white."""
    outcomes: list[float | str] = [0.5, "queued", "running", "paused", "pruned", "diverged", "stopped", "failed"]
    plan = make_plan(presets=("sgd",), space={"lr": tuple(10.0**-n for n in range(9))})
    cells = heat_map(write_sweep(home, outcomes, plan=plan)).cells[0]
    texts = [cell_text(cell, "val_loss") for cell in reversed(cells)]
    assert texts == ["0.5000★", "·", "▶ 3/5", "‖ 3/5", "✂ ep 3", "↯ ep 3", "□ ep 3", "✗ ep 3", "…"]


def test_a_figure_tells_when_better_points_may_come(home: Home) -> None:
    """Of two points in a cell one is still open."""
    plan = make_plan(presets=("sgd",), space={"lr": (0.01, 0.1), "batch_size": (64, 128), "momentum": (0.0, 0.9)})
    drawn = heat_map(write_sweep(home, [0.5, 0.6, 0.7], plan=plan))
    assert [[cell_text(cell, "val_loss") for cell in line] for line in drawn.cells] == [
        ["0.5000★", "…"],
        ["0.7000…", "…"],
    ]
    assert explained(drawn) == [("★", "best"), ("…", "to come")]


def test_seeds_show_their_share(home: Home) -> None:
    """One of three seeds has finished, the second is at three epochs of five: eight of fifteen."""
    plan = make_plan(presets=("sgd",), seeds=(7, 8, 9), space={"lr": (0.1, 1.0)})
    drawn = heat_map(write_sweep(home, [0.5, "running"], plan=plan))
    assert cell_text(drawn.cells[0][0], "val_loss") == "▶ 53%"


def test_seeds_that_were_given_up_show_where(home: Home) -> None:
    """The epoch that all of them have done, or the first and the last: never their sum."""
    plan = make_plan(presets=("sgd",), seeds=(7, 8), space={"lr": (0.1, 1.0)}, prune="median")
    cell = heat_map(write_sweep(home, ["pruned", "pruned"], plan=plan)).cells[0][0]
    assert cell_text(cell, "val_loss") == "✂ ep 3"
    assert cell_text(replace(cell, ended_after=(1, 3)), "val_loss") == "✂ 1–3"


def test_ranks_are_five_levels(home: Home) -> None:
    """From the best fifth to the worst."""
    plan = make_plan(presets=("sgd",), space={"lr": tuple(float(n) for n in range(1, 11))})
    drawn = heat_map(write_sweep(home, [0.1 * n for n in range(1, 11)], plan=plan))
    assert [level(cell) for cell in drawn.cells[0]] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_colours_fall_from_the_best_to_the_worst() -> None:
    """In luminance, so that they are ordered without hue; text stands out on each; sixteen colours tell five apart."""
    lights = [_luminance(colour) for colour in HEAT]
    assert lights == sorted(lights, reverse=True)
    for colour, text in zip(HEAT, HEAT_TEXT, strict=True):
        darker, lighter = sorted((_luminance(colour), _luminance(text)))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2.1, 1.4.3
    assert len({Color.parse(colour).downgrade(ColorSystem.STANDARD).number for colour in HEAT}) == len(HEAT)


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [value / 255 for value in Color.parse(colour).get_truecolor()]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_name_of_a_row_keeps_both_ends() -> None:
    """Scenarios and rates stand at the end of it."""
    assert fitted("rmsprop quadratic-f1", 16) == "rmsprop …atic-f1"
    assert fitted("rmsprop", 7) == "rmsprop"
    assert [len(fitted("rmsprop quadratic-f1", width)) for width in (1, 2, 3)] == [1, 2, 3]
