"""The points of a curve as lists, to compare with."""

from tui_optim.report.series import Axis, Quantity, RunSeries, Split


def points(series: RunSeries, quantity: Quantity, split: Split, axis: Axis) -> tuple[list[float], list[float]]:
    """xs and ys."""
    xs, ys = series.curve(quantity, split, axis)
    return list(xs), list(ys)
