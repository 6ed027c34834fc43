"""X-rays as values: the log keeps them, wishes are read, and the bound is where steps on a quadratic begin to grow."""

import math

import pytest
import torch

from tests.factories import make_preset, make_spec
from tests.xray_runs import make_xray
from tui_optim.spec.errors import UsageError
from tui_optim.spec.event_lines import decode_record, encode_record
from tui_optim.spec.events import Record, XRayed
from tui_optim.spec.executors import LOCAL
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.spec.stability import about_bound, bound_name, stability_bound
from tui_optim.spec.stacking import stack_key
from tui_optim.spec.xray import LayerXRay, XRay, parse_xray, usual_interval

STRANGE = XRay(
    step=3,
    lr=0.1,
    train_time_s=0.5,
    effective_epochs=0.1,
    layers=(LayerXRay(name="fc1", grad_norm=math.inf), LayerXRay(name="fc2", grad_norm=1.0, update_ratio=math.inf)),
    noise_scale=math.inf,
    sharpness=-1.5,
)


@pytest.mark.parametrize("xray", [make_xray(7), make_xray(7, is_adaptive=False), STRANGE])
def test_an_xray_survives_the_log(xray: XRay) -> None:
    """With what is missing, and with numbers that are not finite."""
    record = Record(seq=5, time=1.0, event=XRayed(xray=xray))
    assert decode_record(encode_record(record)) == record


@pytest.mark.parametrize(("text", "wish"), [("auto", "auto"), (" 200 ", 200), ("off", 0), ("0", 0), ("AUTO", "auto")])
def test_a_wish_is_read(text: str, wish: object) -> None:
    """As typed in the app and on the command line."""
    assert parse_xray(text) == wish


@pytest.mark.parametrize("text", ["", "often", "-3", "1.5", "10000000001"])
def test_anything_else_is_refused(text: str) -> None:
    """With what is expected."""
    with pytest.raises(UsageError, match="expected auto, off, or the steps"):
        parse_xray(text)


def test_auto_is_counted_in_steps() -> None:
    """Twenty over a small run; on a large model so many gradients apart that they cost little, whatever the batch size."""
    assert usual_interval(num_steps=3000, batch_size=10, num_parameters=52) == 150
    assert usual_interval(num_steps=9380, batch_size=64, num_parameters=44_426) == 750
    assert usual_interval(num_steps=938_000, batch_size=64, num_parameters=44_426) == 46_900
    assert usual_interval(num_steps=3, batch_size=60_000, num_parameters=44_426) == 1


def test_a_run_keeps_it_and_its_command_repeats_it() -> None:
    """Resolved to a number; such a run is in no stack, and its numbers are those of a run without."""
    plain = make_spec("circles")
    spec = resolve_run("circles", make_preset(), data=plain.data, epochs=10, xray="auto", device="cpu")
    assert spec.xray == 10
    assert "--xray 10" in spec.command
    assert "--xray" not in plain.command
    assert stack_key(plain, LOCAL) is not None
    assert stack_key(spec, LOCAL) is None


def spec_of(optimizer: str, values: dict[str, Value]) -> RunSpec:
    preset = Preset(id="p", name="p", family="basic", optimizer=optimizer, advice="", hyperparameters=values)
    return make_spec("mlp-fashion", preset)


@pytest.mark.parametrize(
    ("optimizer", "values", "name"),
    [
        ("sgd", {"lr": 0.1}, "2/η"),
        ("sgd", {"lr": 0.1, "momentum": 0.9}, "(2+2β)/η"),
        ("sgd", {"lr": 0.1, "momentum": 0.9, "nesterov": True}, "(2+2β)/(η(1+2β))"),
        ("sgd", {"lr": 0.1, "momentum": 0.9, "dampening": 0.9}, "(2+2β)/(η(1−τ))"),
        ("momentum-ema", {"lr": 0.1, "beta": 0.9}, "(2+2β)/(η(1−β))"),
    ],
)
def test_above_the_bound_steps_on_a_quadratic_grow(optimizer: str, values: dict[str, Value], name: str) -> None:
    """A percent below it θ goes to 0, a percent above it away from there: by the optimizer itself, on ½ h θ²."""
    spec = spec_of(optimizer, values)
    bound = stability_bound(spec, 0.1)
    assert bound is not None
    assert bound_name(spec) == name
    assert abs(after(optimizer, values, h=0.99 * bound)) < 1e-3
    assert abs(after(optimizer, values, h=1.01 * bound)) > 1e3


def after(optimizer: str, values: dict[str, Value], *, h: float, num_steps: int = 20_000) -> float:
    """θ after many steps from 1, or as soon as it is far away."""
    theta = torch.ones(1, dtype=torch.float64, requires_grad=True)
    arguments = {name: value for name, value in values.items() if name != "beta"}
    is_mean = optimizer == "momentum-ema"  # torch's dampened momentum is that mean, but for its first step
    momentum = {"momentum": values["beta"], "dampening": values["beta"]} if is_mean else {}
    sgd = torch.optim.SGD([theta], **arguments, **momentum)  # type: ignore[arg-type]
    for _ in range(num_steps):
        theta.grad = h * theta.detach()
        sgd.step()
        if not 1e-6 < abs(theta.item()) < 1e6:
            break
    return theta.item()


def test_a_method_that_scales_its_gradient_has_no_bound() -> None:
    """And that is said, by its name."""
    spec = spec_of("adam", {"lr": 0.1})
    assert stability_bound(spec, 0.1) is None
    assert about_bound(spec) == "2/η is the bound of gradient descent, not of Adam"
    assert stability_bound(spec_of("sgd", {"lr": 0.1}), 0.0) is None
