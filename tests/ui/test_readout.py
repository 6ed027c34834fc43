"""What is read off at the cursor."""

import math

import pytest

from tui_optim.ui.charting.readout import Column, Readout, columns_at, rows_of, value_at, value_text
from tui_optim.ui.charting.series import RAW, ChartSeries

LINE = ChartSeries(xs=[1.0, 2.0, 4.0], ys=[0.5, 0.25, 0.125], slot=0, marker="●")


@pytest.mark.parametrize(
    ("x", "value"), [(0.9, None), (1.0, 0.5), (1.6, 0.25), (3.1, 0.125), (4.1, None), (4.0 + 1e-12, 0.125)]
)
def test_a_value_is_one_that_was_measured(x: float, value: float | None) -> None:
    """That of the nearest point, none where the line has not begun or is over."""
    assert value_at(LINE, x) == value


def test_a_smoothed_curve_has_both_values() -> None:
    """As measured, and as drawn, side by side for each setting."""
    raw = ChartSeries(xs=LINE.xs, ys=[0.9, 0.2, 0.1], slot=RAW, is_behind=True)
    other = ChartSeries(xs=[1.0, 2.0], ys=[7.0, math.nan], slot=3)
    assert columns_at(2.0, "loss", [raw, LINE, other], [("solid", "train"), ("dotted", "test")]) == [
        Column(head="loss train", texts={0: "0.2"}),
        Column(head="EMA", texts={0: "0.25", 3: "nan"}),
    ]


def test_single_runs_of_a_setting_are_a_range() -> None:
    """From the lowest to the highest."""
    lines = [ChartSeries(xs=[0.0, 1.0], ys=[y, y], slot=2) for y in (0.3, 0.1, 0.2)]
    assert columns_at(1.0, "lr", lines, [("solid", None)]) == [Column(head="rate", texts={2: "0.1…0.3"})]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12345678, "0.1235"),
        (92.5, "92.5"),
        (1e-7, "1.00e-7"),
        (48213.4, "48213"),
        (1.5e9, "1.50e9"),
        (-math.inf, "-inf"),
    ],
)
def test_values_are_short(value: float, text: str) -> None:
    """Four digits, with an exponent only where there is no other way."""
    assert value_text(value) == text


def test_what_has_no_room_is_counted() -> None:
    """Columns at the end of the head, settings in the last row."""
    readout = Readout(
        place="┊ 3 epochs", columns=tuple(Column(head=f"loss {i}", texts={0: "0.1234"}) for i in range(6))
    )
    names = [(slot, "●", f"a-preset-with-a-name-{slot}") for slot in range(8)]
    rows = rows_of(readout, names, width=50, height=4)
    assert rows[0][1].endswith("+3")
    assert rows[1][0] == 0
    assert rows[1][1].split()[-3:] == ["0.1234"] * 3
    assert rows[-1] == (-1, "+6 more")
    assert all(len(text) <= 50 for _, text in rows)
