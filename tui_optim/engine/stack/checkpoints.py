"""Checkpoints of a stack's members: each is what its run alone would keep, so that it goes on in a stack or alone."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import torch

from tui_optim.engine.checkpoint import to_bytes
from tui_optim.engine.stack.stack import Stack
from tui_optim.spec.kept import Kept
from tui_optim.spec.results import EpochResult


def checkpoint(stack: Stack, index: int) -> Kept:
    """Everything that decides the rest of a member's run."""
    row, stream, setting = stack.rows[index], stack.orders.of(index), stack.setting
    values = stack.layout.pieces(stack.parameters, index)
    content = to_bytes(
        {
            "model": {**setting.model.state_dict(), **dict(zip(_names(stack), values, strict=True))},
            "method": stack.rule.export(index, row.method.state_dict()),
            "rate": row.rate.state_dict(),
            "batches": stream.state_dict(setting.batch_size),
            "random": stream.generator.get_state(),
            "counters": list(astuple(stack.counters)),
            "train_time_s": row.train_time_s,
            "elapsed_s": stack.elapsed_s(row),
            "num_epochs": stack.num_epochs,
            "best": row.best.to_json() if row.best else None,
            "means": [row.loss_sum, stack.num_seen, row.num_correct],
            "camera": row.camera.state_dict() if row.camera else None,
        }
    )
    return Kept(content=content, step=stack.num_steps, epoch=stack.num_epochs)


def restore(stack: Stack, states: Sequence[dict[str, Any]]) -> None:
    """Take all members to where their checkpoints are, which stand at the same place."""
    names = _names(stack)
    rows = [torch.cat([state["model"][name].reshape(-1) for name in names]) for state in states]
    stack.parameters.copy_(stack.layout.vector(torch.stack(rows)))
    first = states[0]
    stack.counters.restore(first["counters"])
    stack.num_epochs, stack.num_seen = first["num_epochs"], first["means"][1]
    stack.rule.load([state["method"] for state in states], num_steps=stack.num_steps)
    for index, (row, state) in enumerate(zip(stack.rows, states, strict=True)):
        row.method.load_state_dict(state["method"])
        row.rate.load_state_dict(state["rate"], row.method)
        stack.orders.of(index).load_state_dict(state["batches"], state["random"])
        row.loss_sum, row.num_correct = state["means"][0], state["means"][2]
        row.train_time_s, row.elapsed_before_s = state["train_time_s"], state["elapsed_s"]
        row.best = EpochResult.from_json(state["best"]) if state["best"] else None
        if row.camera is not None and state.get("camera"):
            row.camera.load_state_dict(state["camera"])


def _names(stack: Stack) -> list[str]:
    return [name for name, _ in stack.setting.model.named_parameters()]
