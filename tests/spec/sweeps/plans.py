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
        "nesterov": make_preset("nesterov", hyperparameters={"lr": 0.1, "momentum": 0.9}),
        "slow": make_preset("slow", hyperparameters={"lr": 0.1, "momentum": 0.05}),
        "tiny": make_preset("tiny", hyperparameters={"lr": 0.1, "weight_decay": 5e-323}),
    }
    data = {"fashion-mnist": make_source(), "one-function": make_source(dataset="one-function")}
    return resolve_sweep(make_plan(**fields), presets, data=data, device="cpu", threads=1)
