"""Data as tensors on the device. No DataLoader: a batch is a slice of gathered rows."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import torch

from tui_optim.spec.datasets import DATASETS, DataSource, FileRole, read_verified
from tui_optim.spec.run import RunSpec

SPLIT_SEED = 0
"""Seed of the fixed random split into training and validation examples; the same for all runs."""


@dataclass(frozen=True, slots=True)
class Split:
    """Examples with their labels."""

    inputs: torch.Tensor
    """float32, shape [n, 1, 28, 28]."""
    labels: torch.Tensor
    """int64, shape [n]."""

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


class KeptSplits:
    """The splits of the latest run, kept for the next one on the same data: one set at a time stays in memory."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._by_key: dict[str, Splits] = {}

    def of(self, run: RunSpec, device: torch.device, *, load: Callable[[], Splits] | None = None) -> Splits:
        """The splits of a run; `load` reads them where its files are not where the run says. Raises DataError."""
        scenario = run.scenario_info
        key = f"{run.data.model_dump_json()} {scenario.normalise} {scenario.validation_size} {run.holdout} {device}"
        if key not in self._by_key:
            self._by_key.clear()
            self._by_key[key] = load() if load else load_splits(run, device)
        return self._by_key[key]


def load_splits(run: RunSpec, device: torch.device) -> Splits:
    """Read, verify and split the data of a run.

    Raises:
        DataError: a file is missing, damaged, or not the published content.
    """
    scenario = run.scenario_info
    whole = _read_split(run.data, "train", scenario.normalise)
    test = None if run.holdout else _read_split(run.data, "test", scenario.normalise)
    train, val, split_hash = _hold_out(whole, scenario.num_validation(len(whole), is_holdout=run.holdout))
    return Splits(
        train=_to(train, device),
        val=_to(val, device) if val else None,
        test=_to(test, device) if test else None,
        split_hash=split_hash,
        num_classes=len(DATASETS[run.data.dataset].classes),
    )


def _read_split(source: DataSource, part: str, normalise: tuple[float, float] | None) -> Split:
    images_role: FileRole = "train-images" if part == "train" else "test-images"
    labels_role: FileRole = "train-labels" if part == "train" else "test-labels"
    images, labels = read_verified(source, images_role), read_verified(source, labels_role)
    pixels = torch.frombuffer(bytearray(images.content), dtype=torch.uint8, offset=images.offset)
    inputs = pixels.view(images.shape[0], 1, *images.shape[1:]).float().div(255)
    if normalise is not None:
        mean, standard_deviation = normalise
        inputs = inputs.sub_(mean).div_(standard_deviation)
    classes = torch.frombuffer(bytearray(labels.content), dtype=torch.uint8, offset=labels.offset)
    return Split(inputs, classes.long())


def _hold_out(whole: Split, num_val: int) -> tuple[Split, Split | None, str]:
    if num_val == 0:
        return whole, None, ""
    order = torch.randperm(len(whole), generator=torch.Generator().manual_seed(SPLIT_SEED))
    kept, held = order[num_val:].sort().values, order[:num_val].sort().values
    digest = hashlib.sha256(held.numpy().astype("<i8").tobytes()).hexdigest()[:16]
    return Split(whole.inputs[kept], whole.labels[kept]), Split(whole.inputs[held], whole.labels[held]), digest


def _to(split: Split, device: torch.device) -> Split:
    return Split(split.inputs.to(device), split.labels.to(device))
