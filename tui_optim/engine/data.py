"""Data as tensors on the device. No DataLoader: a batch is a slice of gathered rows."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

from tui_optim.engine.own_data import digest_of, load_own
from tui_optim.spec.datasets import ROLES, DataSource, read_verified
from tui_optim.spec.generated import circle_points, uniform_numbers
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import Precision

Part = Literal["train", "test"]
PRECISIONS: dict[Precision, torch.dtype] = {"float32": torch.float32, "float64": torch.float64}
SPLIT_SEED = 0
"""Seed of the fixed random split into training and validation examples; the same for all runs."""


@dataclass(frozen=True, slots=True)
class Split:
    """Examples with their labels."""

    inputs: torch.Tensor
    """Of the scenario's precision, shape [n, 1, 28, 28] for images."""
    labels: torch.Tensor
    """int64, shape [n], zeros where there are no classes; in a user's scenario without classes what is to be predicted."""

    def __len__(self) -> int:
        """Number of examples."""
        return len(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """What a run may see. `test` is None while something is being chosen."""

    train: Split
    val: Split | None
    test: Split | None
    split_hash: str
    """First 16 hex digits of the SHA-256 of the validation indices (int64, little endian); '' without validation."""
    num_classes: int
    digest: str = ""
    """Of the data itself where a user's file loads it."""
    val_indices: torch.Tensor | None = None
    """Where the validation examples stand in the full training set, shape [n], int64, on the CPU."""


class KeptSplits:
    """The splits of the latest run, kept for the next one on the same data: one set at a time stays in memory."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._by_key: dict[str, Splits] = {}

    def of(self, run: RunSpec, device: torch.device, *, load: Callable[[], Splits] | None = None) -> Splits:
        """The splits of a run; `load` reads them where its files are not where the run says. Raises DataError."""
        scenario = run.scenario_info
        kind = f"{scenario.precision} {scenario.normalise} {scenario.sha256 if scenario.examples else ''}"
        key = f"{run.data.model_dump_json()} {kind} {scenario.validation_size} {run.holdout} {device}"
        if key not in self._by_key:
            self._by_key.clear()
            self._by_key[key] = load() if load else load_splits(run, device)
        return self._by_key[key]


def load_splits(run: RunSpec, device: torch.device) -> Splits:
    """Read and verify, or generate, the data of a run, and split it.

    Raises:
        DataError: a file is missing, damaged, or not the published content.
        UsageError: a user's scenario does not load what it announces.
    """
    scenario = run.scenario_info
    own = load_own(scenario, dtype=PRECISIONS[scenario.precision], seed=SPLIT_SEED) if scenario.examples else []
    whole = Split(*own[0]) if own else _split_of(run, "train")
    test = (Split(*own[1]) if own else _split_of(run, "test")) if scenario.has_test and not run.holdout else None
    train, val, held = _hold_out(whole, scenario.num_validation(len(whole), is_holdout=run.holdout))
    return Splits(
        train=_to(train, device),
        val=_to(val, device) if val else None,
        test=_to(test, device) if test else None,
        split_hash=_hash_of(held) if held is not None else "",
        num_classes=len(scenario.data_set.classes),
        digest=digest_of(own) if own else "",
        val_indices=held,
    )


def _split_of(run: RunSpec, part: Part) -> Split:
    if run.data.origin == "generated":
        return RULES[run.data.dataset](part, PRECISIONS[run.scenario_info.precision])
    return _read_split(run.data, part, run.scenario_info.normalise)


def _numbers(part: Part, dtype: torch.dtype) -> Split:
    del part
    return _without_classes(torch.tensor(uniform_numbers(), dtype=dtype)[:, None])


def _one_function(part: Part, dtype: torch.dtype) -> Split:
    del part
    return _without_classes(torch.zeros(1, 2, dtype=dtype))


def _circles(part: Part, dtype: torch.dtype) -> Split:
    points, labels = circle_points(part)
    return Split(torch.tensor(points, dtype=dtype), torch.tensor(labels))


def _without_classes(inputs: torch.Tensor) -> Split:
    return Split(inputs, torch.zeros(len(inputs), dtype=torch.int64))


RULES: dict[str, Callable[[Part, torch.dtype], Split]] = {
    "uniform-numbers": _numbers,
    "one-function": _one_function,
    "circles": _circles,
}
"""Makers of generated data; a test keeps them and `spec.datasets.GENERATED` equal."""


def _read_split(source: DataSource, part: Part, normalise: tuple[float, float] | None) -> Split:
    images, labels = (read_verified(source, role) for role in ROLES[part])
    pixels = torch.frombuffer(bytearray(images.content), dtype=torch.uint8, offset=images.offset)
    inputs = pixels.view(images.shape[0], 1, *images.shape[1:]).float().div(255)
    if normalise is not None:
        mean, standard_deviation = normalise
        inputs = inputs.sub_(mean).div_(standard_deviation)
    classes = torch.frombuffer(bytearray(labels.content), dtype=torch.uint8, offset=labels.offset)
    return Split(inputs, classes.long())


def _hold_out(whole: Split, num_val: int) -> tuple[Split, Split | None, torch.Tensor | None]:
    """Training and validation examples, and where the latter stood."""
    if num_val == 0:
        return whole, None, None
    order = torch.randperm(len(whole), generator=torch.Generator().manual_seed(SPLIT_SEED))
    kept, held = order[num_val:].sort().values, order[:num_val].sort().values
    return Split(whole.inputs[kept], whole.labels[kept]), Split(whole.inputs[held], whole.labels[held]), held


def _hash_of(indices: torch.Tensor) -> str:
    return hashlib.sha256(indices.numpy().astype("<i8").tobytes()).hexdigest()[:16]


def _to(split: Split, device: torch.device) -> Split:
    return Split(split.inputs.to(device), split.labels.to(device))
