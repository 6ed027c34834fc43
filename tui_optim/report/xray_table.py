"""The X-rays of a run as tables, JSON objects and rows of figures, and what they have cost."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tui_optim.report.cells import Cell, Column, Table
from tui_optim.report.series import RunSeries
from tui_optim.report.xray import xray_panels
from tui_optim.spec.results import encode_number
from tui_optim.spec.run import RunSpec
from tui_optim.spec.stability import bound_name, stability_bound
from tui_optim.spec.xray import XRay


def xray_seconds(series: RunSeries) -> float:
    """What all X-rays of a run took."""
    return sum(xray.seconds for xray in series.xrays)


def xray_cost(series: RunSeries) -> str:
    """That in words, with its share of the training time; '' without an X-ray."""
    if not series.xrays:
        return ""
    seconds, count = xray_seconds(series), len(series.xrays)
    trained_s = max(series.xrays[-1].train_time_s, series.epochs[-1].train_time_s if series.epochs else 0.0)
    share = f"{100 * seconds / trained_s:.1f} % of training time, " if trained_s > 0.0 else ""
    return f"X-ray: {share}{count} in {seconds:.2g} s"


def xray_table(spec: RunSpec, series: RunSeries) -> Table | None:
    """A row for each X-ray, the figures that the run has; None without an X-ray."""
    xrays = series.xrays
    if not xrays:
        return None
    fields = [(column, value) for column, value in _COLUMNS if any(value(spec, one) is not None for one in xrays)]
    return Table(
        title="X-rays",
        columns=tuple(column for column, _ in fields),
        rows=tuple(tuple(value(spec, one) for _, value in fields) for one in xrays),
        notes=(
            xray_cost(series),
            *([f"bound: {name}"] if (name := bound_name(spec)) else []),
            *(panel.note for panel in xray_panels(spec, xrays) if panel.note),
        ),
    )


def layer_table(series: RunSeries) -> Table | None:
    """A row for each layer in the latest X-ray; None without one."""
    if not series.xrays:
        return None
    latest = series.xrays[-1]
    return Table(
        title=f"Layers after step {latest.step:,}",
        columns=_LAYER_COLUMNS,
        rows=tuple((one.name, one.grad_norm, one.update_ratio) for one in latest.layers),
    )


def xray_objects(spec: RunSpec, xrays: Sequence[XRay]) -> list[dict[str, Any]]:
    """As JSON objects: what the log has, and the bound of that step's rate."""
    names = ("effective_rate", "momentum_angle", "noise_scale", "sharpness")
    missing: dict[str, Any] = dict.fromkeys(names)
    return [
        {
            **missing,
            **xray.to_log(),
            "grad_norm": encode_number(xray.grad_norm),
            "stability_bound": encode_number(stability_bound(spec, xray.lr)),
        }
        for xray in xrays
    ]


def xray_figures(spec: RunSpec, xray: XRay) -> Iterator[tuple[str, float]]:
    """(measure, value) of all that an X-ray has; those of layers end in their names."""
    rates = dict(zip(("p05", "p50", "p95"), xray.effective_rate or (), strict=False))
    named = {
        "grad_norm": xray.grad_norm,
        **{f"effective_rate_{name}": rate for name, rate in rates.items()},
        "momentum_angle": xray.momentum_angle,
        "noise_scale": xray.noise_scale,
        "sharpness": xray.sharpness,
        "stability_bound": stability_bound(spec, xray.lr),
        **{f"grad_norm/{layer.name}": layer.grad_norm for layer in xray.layers},
        **{f"update_ratio/{layer.name}": layer.update_ratio for layer in xray.layers},
    }
    yield from ((name, value) for name, value in named.items() if value is not None)


def _number(key: str, title: str, *, decimals: int | None = None) -> Column:
    return Column(key=key, title=title, kind="number", decimals=decimals)


def _ratio(xray: XRay, choose: Callable[[list[float]], float]) -> Cell:
    found = [layer.update_ratio for layer in xray.layers if layer.update_ratio is not None]
    return choose(found) if found else None


_COLUMNS: tuple[tuple[Column, Callable[[RunSpec, XRay], Cell]], ...] = (
    (_number("step", "step", decimals=0), lambda _, xray: xray.step),
    (_number("lr", "lr"), lambda _, xray: xray.lr),
    (_number("grad_norm", "‖∇‖"), lambda _, xray: _short(xray.grad_norm)),
    (_number("update_ratio_min", "update ÷ weight from"), lambda _, xray: _short(_ratio(xray, min))),
    (_number("update_ratio_max", "to"), lambda _, xray: _short(_ratio(xray, max))),
    (_number("sharpness", "sharpness"), lambda _, xray: _short(xray.sharpness)),
    (_number("stability_bound", "bound"), lambda spec, xray: _short(stability_bound(spec, xray.lr))),
    (_number("noise_scale", "noise scale"), lambda _, xray: _short(xray.noise_scale)),
    (_number("effective_rate_p05", "rate 5 %"), lambda _, xray: _short((xray.effective_rate or (None,) * 3)[0])),
    (_number("effective_rate_p50", "50 %"), lambda _, xray: _short((xray.effective_rate or (None,) * 3)[1])),
    (_number("effective_rate_p95", "95 %"), lambda _, xray: _short((xray.effective_rate or (None,) * 3)[2])),
    (_number("momentum_angle", "angle °"), lambda _, xray: _short(xray.momentum_angle)),
)
_LAYER_COLUMNS = (
    Column(key="layer", title="layer"),
    _number("grad_norm", "‖∇‖"),
    _number("update_ratio", "update ÷ weight"),
)


def _short(value: Cell) -> Cell:
    """Four significant digits are enough to read."""
    return float(f"{value:.4g}") if isinstance(value, float) else value
