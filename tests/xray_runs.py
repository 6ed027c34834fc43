"""Runs with X-rays in their logs, whose figures are made up."""

import math
from collections.abc import Sequence

from tests.factories import SECONDS_PER_EPOCH, STEPS_PER_EPOCH, make_events, make_result
from tests.ui.stage import NOON, rewrite_log, write_run
from tui_optim.spec.events import Event, XRayed
from tui_optim.spec.xray import LayerXRay, XRay
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home

LAYERS = ("conv1", "conv2", "fc1", "fc2", "fc3")


def make_xray(step: int, *, is_adaptive: bool = True, layers: Sequence[str] = LAYERS) -> XRay:
    """An X-ray after this step: what falls falls exponentially, sharpness rises."""
    share = math.exp(-step / (3 * STEPS_PER_EPOCH))
    return XRay(
        step=step,
        lr=0.05,
        train_time_s=step * SECONDS_PER_EPOCH / STEPS_PER_EPOCH,
        effective_epochs=step / STEPS_PER_EPOCH,
        layers=tuple(
            LayerXRay(
                name=name, grad_norm=(0.1 + share) * 0.5**number, update_ratio=0.004 * (0.2 + share) / (1 + number)
            )
            for number, name in enumerate(layers)
        ),
        effective_rate=(0.01 / (0.2 + share), 0.1 / (0.2 + share), 1.0 / (0.2 + share)) if is_adaptive else None,
        momentum_angle=60.0 + 50.0 * (1 - share),
        noise_scale=20.0 / share,
        sharpness=10.0 + 30.0 * (1 - share),
        seconds=0.01,
    )


def write_xrayed(
    home: Home, preset_id: str = "adam", *, state: str = "finished", epochs: int = 4, layers: Sequence[str] = LAYERS
) -> StoredRun:
    """A run with an X-ray after its first step and three in each epoch."""
    done = epochs if state == "finished" else epochs - 1
    run = write_run(home, preset_id, state="running" if state == "running" else "finished", epochs=epochs, done=done)
    spec = run.info.spec
    steps = [1, *range(STEPS_PER_EPOCH // 2, done * STEPS_PER_EPOCH, STEPS_PER_EPOCH // 3)]
    xrays = [XRayed(xray=make_xray(step, is_adaptive=preset_id == "adam", layers=layers)) for step in steps]
    started, *events = make_events(spec, results=[make_result(spec, epoch) for epoch in range(done + 1)])
    everything: list[Event] = [started, *xrays, *events]
    rewrite_log(run.folder, everything, started_at=NOON)
    return run
