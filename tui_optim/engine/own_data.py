"""The data of a user's scenario: whatever `load_data` does wrong is a sentence that names its file."""

import hashlib
import random
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy
import torch

from tui_optim.engine.blame import blamed
from tui_optim.spec.errors import shown
from tui_optim.spec.own_scenario import unchanged_scenario
from tui_optim.spec.plugin_file import complaint
from tui_optim.spec.scenarios import Scenario

Pair = tuple[torch.Tensor, torch.Tensor]
"""Inputs and targets, shapes [n, …]."""


def load_own(scenario: Scenario, *, dtype: torch.dtype, seed: int) -> list[Pair]:
    """The training examples and, where there are some, the test examples that a scenario's `load_data` returns, on the CPU.

    Its draws from the global generators of torch, NumPy and Python start from `seed`: they are the same in every process.

    Raises:
        UsageError: the file has changed, `load_data` fails, or returns something else than `examples` announces.
    """
    own = unchanged_scenario(scenario)
    assert own.load_data is not None
    state, numpy_state = random.getstate(), numpy.random.get_state()
    with blamed(scenario), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        random.seed(seed)
        numpy.random.seed(seed % 2**32)
        try:
            returned = own.load_data()
        finally:
            random.setstate(state)
            numpy.random.set_state(numpy_state)
    return _checked_data(scenario, returned, dtype)


def digest_of(pairs: Sequence[Pair]) -> str:
    """First 16 hex digits of the SHA-256 of a user's data."""
    digest = hashlib.sha256()
    for tensor in chain.from_iterable(pairs):
        digest.update(f"{tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()[:16]


def _checked_data(scenario: Scenario, returned: Any, dtype: torch.dtype) -> list[Pair]:
    assert scenario.examples is not None
    sizes = {"train": scenario.examples.num_train}
    if scenario.examples.num_test:
        sizes["test"] = scenario.examples.num_test
    names = "inputs, targets" + (", test_inputs, test_targets" if len(sizes) > 1 else "")
    if not isinstance(returned, tuple | list) or len(returned) != 2 * len(sizes):
        what = f"{len(returned)} values" if isinstance(returned, tuple | list) else shown(returned)
        raise complaint(scenario.origin, f"load_data returned {what}; expected {2 * len(sizes)} tensors: {names}")
    for name, tensor in zip(names.split(", "), returned, strict=True):
        if problem := _problem_of_tensor(tensor):
            raise complaint(scenario.origin, f"load_data: {name} {problem}")
    pairs: list[Pair] = []
    for (part, size), inputs, targets in zip(sizes.items(), returned[::2], returned[1::2], strict=True):
        if (len(inputs), len(targets)) != (size, size):
            counts = f"{len(inputs):,} inputs and {len(targets):,} targets"
            raise complaint(
                scenario.origin, f"load_data returned {counts} to {part}; examples has num_{part} = {size:,}"
            )
        if problem := _problem_of_targets(scenario.examples.classes, targets):
            raise complaint(scenario.origin, f"load_data: targets to {part}: {problem}")
        pairs.append((_own_copy(inputs, dtype), _own_copy(targets, dtype)))
    shapes = [list(inputs.shape) for inputs, _ in pairs]
    if any(shape[1:] != shapes[0][1:] for shape in shapes):
        raise complaint(
            scenario.origin,
            f"load_data returned inputs of shapes {shapes[0]} and {shapes[1]}: expected examples of one shape",
        )
    return pairs


def _problem_of_tensor(tensor: Any) -> str:
    if not isinstance(tensor, torch.Tensor):
        return f"= {shown(tensor)}: expected a tensor"
    if tensor.ndim == 0 or tensor.layout != torch.strided or tensor.is_complex():
        return "is no dense tensor of real numbers with a row for each example"
    if tensor.is_floating_point() and not (finite := tensor.isfinite()).all():
        row = int((~finite).reshape(len(tensor), -1).any(1).nonzero()[0])
        return f"has a number that is not finite (row {row})"
    return ""


def _problem_of_targets(classes: tuple[str, ...], targets: torch.Tensor) -> str:
    if not classes:
        return ""
    if targets.ndim != 1 or targets.is_floating_point() or targets.dtype == torch.bool:
        return f"{targets.dtype} of shape {list(targets.shape)}; expected whole numbers of shape [n], a class each"
    wrong = ((targets < 0) | (targets >= len(classes))).nonzero()
    if len(wrong):
        row = int(wrong[0])
        return f"label {int(targets[row])} (row {row}); {len(classes)} classes are numbered 0 to {len(classes) - 1}"
    return ""


def _own_copy(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """On the CPU, without history; whole numbers as int64, others as `dtype`."""
    return tensor.detach().to("cpu", dtype if tensor.is_floating_point() else torch.int64, copy=True).contiguous()
