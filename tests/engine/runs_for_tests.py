"""Runs on the sample data, and a control that stops or kills where a test says."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

import tui_optim
from tui_optim.engine.checkpoint import from_bytes
from tui_optim.engine.commands import Leave
from tui_optim.engine.data import KeptSplits, Splits, load_splits
from tui_optim.engine.loop import train
from tui_optim.spec.branch import Branch
from tui_optim.spec.datasets import DATASETS, FILE_NAMES, DataSource
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Event, Progress, RunState
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Picture
from tui_optim.spec.presets import Preset
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec, resolve_run

CPU = torch.device("cpu")
_KEPT = KeptSplits()


def sample_source() -> DataSource:
    """The packaged sample, whatever else the machine has."""
    folder = Path(tui_optim.__file__).parent / "sample" / DATASETS["fashion-mnist"].folder
    files = {role: folder / f"{name}.gz" for role, name in FILE_NAMES.items()}
    return DataSource(dataset="fashion-mnist", kind="sample", origin="sample", folder=folder, files=files)


def make_run(
    source: DataSource,
    *,
    scenario: str = "lenet5-fashion",
    optimizer: str = "sgd",
    schedule: dict[str, Value] | None = None,
    batch_size: Any = 64,
    seed: int = 42,
    epochs: int = 1,
    holdout: bool = False,
    penalty: dict[str, Value] | None = None,
    **hyperparameters: Value,
) -> RunSpec:
    """A run of a throw-away preset."""
    preset = Preset(
        id="test",
        name="test",
        family="basic",
        optimizer=optimizer,
        advice="",
        batch_size=batch_size,
        hyperparameters=hyperparameters,
        schedule=schedule or {"kind": "constant"},
    )
    overrides = {f"penalty.{name}": value for name, value in (penalty or {}).items()}
    return resolve_run(scenario, preset, data=source, seed=seed, epochs=epochs, holdout=holdout, overrides=overrides)


class Heard:
    """Collects events, checkpoints (of each epoch, or of the last alone) and pictures."""

    def __init__(self, *, wants_checkpoints: bool = True) -> None:
        self.events: list[Event] = []
        self.checkpoints: list[bytes] = []
        self.pictures: list[Picture] = []
        self.num_best = 0
        self.staying: list[int] = []
        """Steps of the checkpoints that stay."""
        self._wants_checkpoints = wants_checkpoints

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def wants_checkpoint(self) -> bool:
        return self._wants_checkpoints

    def keep(self, kept: Kept) -> None:
        self.checkpoints.append(kept.content)
        self.num_best += kept.is_best
        self.staying += [kept.step] if kept.stays else []

    def wants_picture(self) -> bool:
        return True

    def show(self, picture: Picture) -> None:
        self.pictures.append(picture)

    @property
    def epochs(self) -> list[EpochResult]:
        return [event.result for event in self.events if isinstance(event, EpochEnded)]

    @property
    def progress(self) -> list[Progress]:
        return [event for event in self.events if isinstance(event, Progress)]


class Listener(Heard):
    """Asks for a state after a number of polls."""

    def __init__(self, *, wanted: RunState | None = None, after_polls: int = 0, wants_checkpoints: bool = True) -> None:
        super().__init__(wants_checkpoints=wants_checkpoints)
        self._wanted, self._after_polls, self._num_polls = wanted, after_polls, 0

    def poll(self) -> Leave | None:
        self._num_polls += 1
        is_time = self._wanted is not None and self._num_polls >= self._after_polls
        return Leave(self._wanted) if self._wanted is not None and is_time else None


def branch_at(run: RunSpec, checkpoint: bytes) -> Branch:
    """Where a fork would leave a run with this checkpoint."""
    state = from_bytes(checkpoint)
    return Branch(
        run_id="parent",
        spec=run,
        step=state["counters"][-1],
        epoch=state["num_epochs"],
        effective_epochs=float(state["num_epochs"]),
        sha256=hashlib.sha256(checkpoint).hexdigest(),
    )


def splits_of(run: RunSpec) -> Splits:
    """The data of a run; as in a warm worker the package's data are not read again where the run before had the same."""
    return _KEPT.of(run, CPU) if run.own_scenario is None else load_splits(run, CPU)


def train_here(
    run: RunSpec,
    *,
    data: Splits | None = None,
    listener: Listener | None = None,
    checkpoint: bytes | None = None,
    commands: Sequence[CommandSeen] = (),
) -> tuple[Ended, Listener]:
    """Train on the CPU of this process, with the run's own number of threads (sums depend on it in their last bits)."""
    torch.set_num_threads(run.threads or torch.get_num_threads())
    heard = listener or Listener()
    splits = data or splits_of(run)
    ended = train(run, heard.emit, heard, data=splits, device=CPU, checkpoint=checkpoint, commands=commands)
    return ended, heard


def numbers(result: EpochResult) -> tuple[Any, ...]:
    """The figures that must repeat to the last bit; times and memory may differ."""
    return (
        result.epoch,
        result.step,
        result.lr,
        result.train_loss,
        result.train_accuracy,
        result.val_loss,
        result.val_accuracy,
        result.test_loss,
        result.test_accuracy,
        result.handout_loss,
        result.penalty,
        result.sparsity,
        result.cost,
    )
