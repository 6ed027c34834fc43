"""Zoom, pan, cursor and typed limits as plain rules, without a screen."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_optim.spec.errors import UsageError
from tui_optim.ui.charting.series import ChartSeries
from tui_optim.ui.charting.view import ChartView, extent_of, has_line_in, view_words

ALL = (0.0, 10.0)


def test_zooming_in_keeps_the_newest_points() -> None:
    """Where the end of the curves is in sight, it stays there: half, then a quarter of what there was."""
    once = ChartView().zoomed(0.5, ALL)
    assert once.x == (5.0, 10.0)
    assert once.zoomed(0.5, ALL).x == (7.5, 10.0)


def test_zooming_goes_around_the_cursor() -> None:
    """What is read off stays where it is on the screen."""
    view = ChartView(cursor=2.0).zoomed(0.5, ALL)
    assert view.x == (1.0, 6.0)


def test_zooming_out_again_follows_the_data() -> None:
    """The whole is no window: a curve that grows is seen to its end."""
    assert ChartView(x=(2.0, 7.0)).zoomed(2.0, ALL).x is None
    assert ChartView(x=(7.0, 8.0)).zoomed(2.0, ALL).x == (6.5, 8.5)


def test_a_window_stays_while_the_run_goes_on() -> None:
    """New points move nothing; reset follows them again."""
    view = ChartView().zoomed(0.5, ALL)
    assert view.window((0.0, 20.0)) == (5.0, 10.0)
    assert view.reset().window((0.0, 20.0)) == (0.0, 20.0)


def test_panning_ends_where_the_curves_do() -> None:
    """A quarter at a time; no further than to the first and the last point."""
    view = ChartView(x=(5.0, 9.0))
    assert view.panned(-0.25, ALL).x == (4.0, 8.0)
    assert view.panned(0.5, ALL).x == (6.0, 10.0)
    assert ChartView().panned(0.25, ALL) == ChartView()


def test_the_cursor_takes_the_window_along() -> None:
    """It enters from the end that it moves away from, stays within the curves, and is never out of sight."""
    view = ChartView().with_cursor(-0.01, ALL)
    assert view.cursor == 10.0
    assert view.with_cursor(-0.1, ALL).cursor == pytest.approx(9.0)
    assert view.with_cursor(0.1, ALL).cursor == 10.0
    pulled = ChartView(x=(4.0, 6.0), cursor=4.1).with_cursor(-0.1, ALL)
    assert pulled.cursor == pytest.approx(3.9)
    assert pulled.x == pytest.approx((3.9, 5.9))


def test_on_a_log_axis_a_step_is_a_factor() -> None:
    """Half of four decades are two, and what is not above 0 is left out."""
    view = ChartView(is_log_x=True)
    assert view.zoomed(0.5, (0.01, 100.0)).x == pytest.approx((1.0, 100.0))
    assert ChartView(is_log_x=True, x=(0.0, 5.0)).window((0.01, 100.0)) == (0.01, 5.0)


def test_another_axis_shows_the_same_part() -> None:
    """Epochs turned to steps: window and cursor keep their shares of the way."""
    view = ChartView(x=(5.0, 10.0), cursor=8.0).on_other_axis(ALL, (0.0, 1000.0))
    assert (view.x, view.cursor) == ((500.0, 1000.0), 800.0)


def test_limits_are_typed_one_by_one() -> None:
    """Each is optional; x is for both charts, y for the one; auto takes them away again."""
    view = ChartView().with_limits("x=0..10 y=0.1..1", "loss")
    assert (view.x, view.y_of("loss"), view.y_of("accuracy")) == ((0.0, 10.0), (0.1, 1.0), None)
    assert view.limits_text("loss") == "x=0..10 y=0.1..1"
    assert view.with_limits("y=auto", "loss").limits_text("loss") == "x=0..10"
    assert view.with_limits("auto", "loss") == ChartView()
    assert view.with_limits("", "loss") == ChartView()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x=10..0", "x: 10..0 has no width; the lower end comes first, as in 0.1..1"),
        ("y=1", "y: a range looks like 0.1..1, not '1'"),
        ("x=nan..3", "x: a range looks like 0.1..1, not 'nan..3'"),
        ("z=0..1", "'z=0..1' is no limit: for example x=0..10 y=0.1..1; auto follows the data again"),
        ("0..1", "'0..1' is no limit: for example x=0..10 y=0.1..1; auto follows the data again"),
        ("y=0..1", "y is on a logarithmic axis: its limits lie above 0; ⟪chart.log:y⟫ makes it linear"),
    ],
)
def test_what_is_no_limit_gets_a_sentence(text: str, sentence: str) -> None:
    """It says what is wrong and how it is written."""
    with pytest.raises(UsageError) as refused:
        ChartView(is_log_y=True).with_limits(text, "loss")
    assert str(refused.value) == sentence


def test_x_goes_to_the_last_point_of_all_lines() -> None:
    """From 0; on a logarithmic axis from the first point above it."""
    lines = [ChartSeries(xs=xs, ys=xs, slot=0) for xs in ([0.0, 0.5, 3.0], [1.0, 7.0], [])]
    assert extent_of(lines, is_log=False) == (0.0, 7.0)
    assert extent_of(lines, is_log=True) == (0.5, 7.0)
    assert extent_of([], is_log=False) == (0.0, 1.0)


def test_the_cursor_stays_on_the_data_and_in_sight() -> None:
    """Of runs that end earlier it is taken to their end; limits that leave it out take it away."""
    view = ChartView(cursor=20.0)
    assert view.on_data((0.0, 30.0)) == view
    assert view.on_data((0.0, 10.0)).cursor == 10.0
    assert view.with_limits("x=0..25", "loss").cursor == 20.0
    assert view.with_limits("x=0..10", "loss").cursor is None


def test_limits_beyond_all_points_are_told() -> None:
    """A frame without a line would look like a run that has nothing to show."""
    line = ChartSeries(xs=[0.0, 1.0, 2.0], ys=[3.0, 2.0, 1.0], slot=0)
    one = ChartSeries(xs=[7.0], ys=[math.nan], slot=1)
    typed = ("", True), ("x=1.2..1.5", True), ("x=5..9", False), ("x=0..0.9 y=0..1.5", False), ("y=2.2..2.4", True)
    for text, is_seen in typed:
        view = ChartView().with_limits(text, "loss")
        assert has_line_in(view, "loss", [line, one]) == is_seen, text
    assert view_words(view, "loss", is_smooth=False, num_outside=2, is_empty=True)[0] == (
        "nothing here",
        "nothing here",
    )


def test_what_is_unusual_is_said() -> None:
    """Each in full, and short for narrow charts."""
    view = ChartView(smoothing=0.9, x=(2.0, 5.0))
    assert view_words(view, "loss", is_smooth=True, num_outside=3) == [
        ("EMA 0.9", "EMA .9"),
        ("zoom 2–5", "zoom"),
        ("3 outside", "↕3"),
    ]
    assert view_words(ChartView(smoothing=0.9), "lr", is_smooth=False, num_outside=0) == []


steps = st.sampled_from(["in", "out", "left", "right", "back", "on", "leap", "reset"])


@given(st.lists(steps, max_size=60), st.booleans(), st.floats(0.002, 1e9))
def test_whatever_is_pressed_the_window_has_a_width_within_the_curves(
    keys: list[str], is_log: bool, last: float
) -> None:
    """And the cursor stands in it."""
    extent = (0.001, last) if is_log else (0.0, last)
    view = ChartView(is_log_x=is_log)
    for key in keys:
        match key:
            case "in" | "out":
                view = view.zoomed(0.5 if key == "in" else 2.0, extent)
            case "left" | "right":
                view = view.panned(-0.25 if key == "left" else 0.25, extent)
            case "reset":
                view = view.reset()
            case _:
                view = view.with_cursor({"back": -0.01, "on": 0.01, "leap": -0.1}[key], extent)
        low, high = view.window(extent)
        slack = 1e-6 * last
        assert extent[0] - slack <= low < high <= last + slack
        assert view.cursor is None or extent[0] - slack <= view.cursor <= last + slack
