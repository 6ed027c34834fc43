"""How a stack begins: each seed's draws as its run alone makes them, or the checkpoints of earlier attempts."""

from collections.abc import Sequence

import torch
from torch.nn.utils import parameters_to_vector

from tui_optim.engine.checkpoint import from_bytes, undamaged
from tui_optim.engine.data import PRECISIONS, Splits
from tui_optim.engine.draws import open_loader
from tui_optim.engine.film import Camera
from tui_optim.engine.hand_written import Stackable
from tui_optim.engine.learning_rate import LearningRate
from tui_optim.engine.models import MODELS
from tui_optim.engine.optimizers import build_method
from tui_optim.engine.stack.checkpoints import restore
from tui_optim.engine.stack.layout import Layout
from tui_optim.engine.stack.member import Member, Row
from tui_optim.engine.stack.orders import Orders, Stream
from tui_optim.engine.stack.rules import RULES
from tui_optim.engine.stack.setting import Setting
from tui_optim.engine.stack.stack import Stack


def begin(members: Sequence[Member], data: Splits, device: torch.device) -> Stack:
    """Draw what each seed's run alone draws, or take up where the checkpoints are. Raises DataError."""
    runs = [member.run for member in members]
    scenario = runs[0].scenario_info
    seeds = list(dict.fromkeys(run.seed for run in runs))
    starts: dict[int, torch.Tensor] = {}
    streams: list[Stream] = []
    for seed in seeds:
        torch.manual_seed(seed)
        open_loader()
        model = MODELS[scenario.model]().to(device, PRECISIONS[scenario.precision])
        starts[seed] = parameters_to_vector(model.parameters()).detach()
        streams.append(Stream.after_start(seed, torch.get_rng_state(), len(data.train)))
    assert isinstance(model, Stackable)
    setting = Setting.of(runs[0], data, device, model)
    methods = [build_method(run, model) for run in runs]
    layout = Layout(tuple(parameter.shape for parameter in model.parameters()), len(runs))
    parameters = layout.vector(torch.stack([starts[run.seed] for run in runs]))
    stream_of = [seeds.index(run.seed) for run in runs]
    stack = Stack(
        setting,
        rows=[
            Row(member, method, LearningRate(member.run, method, setting.length, num_train=len(data.train)))
            for member, method in zip(members, methods, strict=True)
        ],
        parameters=parameters,
        layout=layout,
        rule=RULES[runs[0].optimizer]([run.hyperparameters for run in runs], parameters, layout),
        orders=Orders(streams, stream_of, has_replacement=setting.has_replacement),
        bin_work=setting.bin_work,
    )
    if scenario.picture == "boundary":
        for row, weights in zip(stack.rows, layout.rows(parameters).tolist(), strict=True):
            row.camera = Camera()
            row.camera.take(0, 0, weights)
    states = [from_bytes(member.checkpoint) for member in members if member.checkpoint is not None]
    if states:
        with undamaged():
            restore(stack, states)
    else:
        stack.untrained = parameters.clone()
    stack.rule.set_rates([row.rate.current for row in stack.rows])
    return stack
