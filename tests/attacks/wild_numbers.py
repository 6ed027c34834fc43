"""Stored runs whose figures are NaN, infinite, denormal, or as large as a float can be."""

import math
from dataclasses import replace
from itertools import cycle
from typing import Any

from tests.factories import EXPLODED, make_events, make_preset, make_result, make_run, make_spec
from tui_optim.spec.event_lines import encode_record
from tui_optim.spec.events import Ended, EpochEnded, Event, Examined, Progress, Record, RunState, XRayed
from tui_optim.spec.evidence import Evidence
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.xray import LayerXRay, XRay
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home

WILD = (math.nan, math.inf, -math.inf, 1e-310, 1e308, -1e308, 0.0)
EPOCHS = 4
SCENARIOS = ("lenet5-fashion", "lenet5-fashion-l2", "circles", "quadratic-f1")
_LOSSES = ("train_loss", "val_loss", "test_loss", "handout_loss", "gap", "penalty")


def wild_result(spec: RunSpec, epoch: int, figure: float) -> EpochResult:
    """Every loss that the run has is this figure."""
    result = make_result(spec, epoch)
    changes: dict[str, Any] = {name: figure for name in _LOSSES if getattr(result, name) is not None}
    return replace(result, **changes)


def wild_xray(step: int, figure: float) -> XRay:
    """Every figure that may be anything is this one."""
    return XRay(
        step=step,
        lr=0.1,
        train_time_s=float(step),
        effective_epochs=step / 10,
        layers=(
            LayerXRay(name="fc1", grad_norm=figure, update_ratio=figure),
            LayerXRay(name="fc2", grad_norm=0.5, update_ratio=0.001),
        ),
        effective_rate=(figure, 0.1, figure),
        momentum_angle=figure,
        noise_scale=figure,
        sharpness=figure,
    )


def wild_evidence(figure: float) -> Evidence:
    """What was found at a death, in this figure."""
    return replace(
        EXPLODED,
        first_loss=figure,
        first_weight_norm=figure,
        last_loss=figure,
        last_lr=figure,
        last_grad_norm=figure,
        last_weight_norm=figure,
        largest_output=figure,
        input_rms=figure,
        largest_input=figure,
        typical_input=figure,
        trials=tuple(replace(one, last_loss=figure) for one in EXPLODED.trials),
    )


def write_wild(
    home: Home,
    figures: tuple[float, ...],
    *,
    scenario: str = "lenet5-fashion",
    seed: int = 42,
    lr: float = 0.05,
    state: RunState = "finished",
) -> StoredRun:
    """A run whose losses and norms are these figures in turn."""
    preset = make_preset("sgd", hyperparameters={"lr": lr})
    spec = make_spec(scenario, preset, seed=seed, epochs=EPOCHS)
    turn = cycle(figures)
    results = [wild_result(spec, epoch, next(turn)) for epoch in range(EPOCHS + 1)]
    run = make_run(home, spec, state=state, results=results, final=results[-1], best=results[-1])
    ended = None if state == "running" else Ended(state=state, final=results[-1], best=results[-1])
    events: list[Event] = []
    for event in make_events(spec, ended, results=results):
        if isinstance(event, Progress):
            figure = next(turn)
            point = (figure, -figure) if spec.scenario_info.quadratic else None
            event = replace(event, loss=figure, grad_norm=figure, point=point)
        if isinstance(event, Ended) and state == "diverged":
            events.append(Examined(evidence=wild_evidence(figures[-1])))
        events.append(event)
        if isinstance(event, EpochEnded) and event.result.step:
            events.append(XRayed(xray=wild_xray(event.result.step, next(turn))))
    records = [Record(seq=seq, time=1.7e9 + seq, event=event) for seq, event in enumerate(events, start=1)]
    run.folder.events.write_text("".join(f"{encode_record(one)}\n" for one in records), encoding="utf-8")
    return run
