"""Plans for tests: sweeps of two presets that are in no library."""

from typing import Any

from tests.factories import make_preset, make_source
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.sweep import SweepSpec, resolve_sweep


def make_plan(**fields: Any) -> SweepPlan:
    """A grid of two rates for SGD on the MLP, unless the fields say otherwise."""
    defaults = {"scenarios": ("mlp-fashion",), "presets": ("sgd",), "epochs": 3}
    space = {} if fields.get("search") == "rate" else {"lr": (0.01, 0.1)}
    return SweepPlan.model_validate({**defaults, "space": space, **fields})


def make_sweep(**fields: Any) -> SweepSpec:
    """A plan, resolved with data that need not exist."""
    presets = {
        "sgd": make_preset("sgd", hyperparameters={"lr": 0.1}),
        "adam": make_preset("adam", optimizer="adam", hyperparameters={"lr": 0.001}),
    }
    return resolve_sweep(make_plan(**fields), presets, data={"fashion-mnist": make_source()}, device="cpu", threads=1)
