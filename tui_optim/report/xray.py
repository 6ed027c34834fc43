"""The X-rays of a run as panels of lines over its steps: what the screen and the figure draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tui_optim.spec.optimizers import all_optimizers
from tui_optim.spec.run import RunSpec
from tui_optim.spec.stability import AS_GRADIENT_DESCENT, about_bound, bound_name, stability_bound
from tui_optim.spec.xray import LayerXRay, XRay

RULE = 1e-3
"""About so large a step, relative to the weights, is the rule of thumb (CS231n, "Neural Networks Part 3")."""
MAX_LAYERS = 7
"""More lines cannot be told apart in one panel, with the rule among them."""
RATE_NAMES = ("5 %", "median", "95 %")
_ONE_RATE = AS_GRADIENT_DESCENT | {"sgd", "momentum-ema", "sam"}


@dataclass(frozen=True, slots=True, kw_only=True)
class XRayLine:
    """A line of a panel, through the X-rays that have the figure."""

    name: str
    xs: tuple[float, ...]
    """Steps."""
    ys: tuple[float, ...]
    is_rule: bool = False
    """Whether it is what the others are held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XRayPanel:
    """One of the quantities over the steps."""

    id: str
    title: str
    lines: tuple[XRayLine, ...]
    """Empty where the run has none of it."""
    is_log: bool = True
    note: str = ""
    """A sentence: what is missing, or what the rule means."""


def xray_panels(spec: RunSpec, xrays: Sequence[XRay]) -> tuple[XRayPanel, ...]:
    """All panels of a run, in the order in which they are turned."""
    return tuple(make(spec, xrays) for make in _PANELS)


def layers_shown(xrays: Sequence[XRay]) -> tuple[str, ...]:
    """The names of the layers that have a line: all, or as many at equal distances from the first to the last."""
    names = [layer.name for layer in xrays[-1].layers] if xrays else []
    if len(names) <= MAX_LAYERS:
        return tuple(names)
    return tuple(names[round(i * (len(names) - 1) / (MAX_LAYERS - 1))] for i in range(MAX_LAYERS))


def _line(
    name: str, xrays: Sequence[XRay], value: Callable[[XRay], float | None], *, is_rule: bool = False
) -> XRayLine:
    """Through the X-rays that have the value."""
    points = [(float(one.step), y) for one in xrays if (y := value(one)) is not None]
    return XRayLine(name=name, xs=tuple(x for x, _ in points), ys=tuple(y for _, y in points), is_rule=is_rule)


def _has(xrays: Sequence[XRay], name: str) -> bool:
    return any(getattr(one, name) is not None for one in xrays)


def _of_layers(xrays: Sequence[XRay], value: Callable[[LayerXRay], float | None]) -> list[XRayLine]:
    def of(name: str, xray: XRay) -> float | None:
        return next((value(layer) for layer in xray.layers if layer.name == name), None)

    return [_line(name, xrays, partial(of, name)) for name in layers_shown(xrays)]


def _left_out(xrays: Sequence[XRay]) -> str:
    num_layers = len(xrays[-1].layers) if xrays else 0
    return f"{MAX_LAYERS} of {num_layers} layers are drawn" if num_layers > MAX_LAYERS else ""


def _gradients(spec: RunSpec, xrays: Sequence[XRay]) -> XRayPanel:
    del spec
    lines = _of_layers(xrays, lambda layer: layer.grad_norm)
    return XRayPanel(id="gradients", title="Gradient norm", lines=tuple(lines), note=_left_out(xrays))


def _updates(spec: RunSpec, xrays: Sequence[XRay]) -> XRayPanel:
    del spec
    lines = _of_layers(xrays, lambda layer: layer.update_ratio)
    rule = [_line(f"{RULE:g}", xrays, lambda _: RULE, is_rule=True)] if lines else []
    return XRayPanel(id="updates", title="Update ÷ weight", lines=(*lines, *rule), note=_left_out(xrays))


def _sharpness(spec: RunSpec, xrays: Sequence[XRay]) -> XRayPanel:
    title = "Sharpness"
    if not _has(xrays, "sharpness"):
        note = "The loss has no second derivative here." if xrays else ""
        return XRayPanel(id="sharpness", title=title, lines=(), note=note)
    name = bound_name(spec)
    rule = [_line(name, xrays, lambda xray: stability_bound(spec, xray.lr), is_rule=True)] if name else []
    lines = (_line("λ_max", xrays, lambda xray: xray.sharpness), *rule)
    return XRayPanel(id="sharpness", title=title, lines=lines, note=about_bound(spec))


def _noise(spec: RunSpec, xrays: Sequence[XRay]) -> XRayPanel:
    title = "Gradient noise scale"
    if not _has(xrays, "noise_scale"):
        note = "One example has no noise." if xrays else ""
        return XRayPanel(id="noise", title=title, lines=(), note=note)
    batch = spec.batch_size
    rule = [_line(f"batch {batch}", xrays, lambda _: float(batch), is_rule=True)] if batch != "full" else []
    num_lost = sum(one.noise_scale == float("inf") for one in xrays)
    lost = f"noise hides the gradient in {num_lost} of {len(xrays)}: gaps" if num_lost else ""
    return XRayPanel(
        id="noise",
        title=title,
        lines=(_line("tr Σ / |G|²", xrays, lambda xray: xray.noise_scale), *rule),
        note=lost,
    )


def _rates(spec: RunSpec, xrays: Sequence[XRay]) -> XRayPanel:
    title = "Effective rate"
    if not _has(xrays, "effective_rate"):
        why = "has one rate for all weights" if spec.optimizer in _ONE_RATE else "keeps none that can be read"
        note = f"{_optimizer_name(spec)} {why}." if xrays else ""
        return XRayPanel(id="rates", title=title, lines=(), note=note)

    def quantile(number: int) -> Callable[[XRay], float | None]:
        return lambda xray: xray.effective_rate[number] if xray.effective_rate else None

    lines = (_line(name, xrays, quantile(number)) for number, name in enumerate(RATE_NAMES))
    return XRayPanel(id="rates", title=title, lines=tuple(lines))


def _angles(spec: RunSpec, xrays: Sequence[XRay]) -> XRayPanel:
    title = "Momentum–gradient angle"
    if not _has(xrays, "momentum_angle"):
        note = f"{_optimizer_name(spec)} keeps no momentum that can be read." if xrays else ""
        return XRayPanel(id="angle", title=title, lines=(), note=note)
    rule = _line("90°", xrays, lambda _: 90.0, is_rule=True)
    lines = (_line("degrees", xrays, lambda xray: xray.momentum_angle), rule)
    return XRayPanel(id="angle", title=title, lines=lines, is_log=False)


def _optimizer_name(spec: RunSpec) -> str:
    known = all_optimizers().get(spec.optimizer)
    return known.name if known else spec.optimizer


_PANELS: tuple[Callable[[RunSpec, Sequence[XRay]], XRayPanel], ...] = (
    _gradients,
    _updates,
    _sharpness,
    _noise,
    _rates,
    _angles,
)
