"""Runs for tests: specifications in memory, and real run folders as a worker would have left them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from tui_optim.report.series import RunSeries
from tui_optim.spec.datasets import DataKind, DataSource, data_set
from tui_optim.spec.events import Ended, EpochEnded, Event, Progress, Record, RunState, Started
from tui_optim.spec.evidence import Evidence, Trial
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.presets import Preset
from tui_optim.spec.results import Cost, EpochResult
from tui_optim.spec.run import DeviceRequest, RunSpec, resolve_run
from tui_optim.spec.scenarios import find_scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.checkpoints import Checkpoint, save_checkpoint
from tui_optim.store.eventlog import EventWriter, read_events
from tui_optim.store.home import Home
from tui_optim.store.new_runs import create_run
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status, write_status

VERSIONS = {"tui-optim": "0.1.0", "python": "3.11.7"}
STEPS_PER_EPOCH = 10
SECONDS_PER_EPOCH = 2.0
EXPLODED = Evidence(
    step=17,
    place="layer",
    layer="fc2",
    first_loss=2.3,
    first_weight_norm=3.0,
    last_loss=1e30,
    last_lr=0.05,
    last_grad_norm=4e29,
    last_weight_norm=1e9,
    input_rms=0.45,
    trials=(Trial(cause="rate", changes={"lr": 0.005}, steps=44, last_loss=0.5, has_lived=True),),
)
"""What was found at the death of a run of rate 0.05 that lives with a tenth of it."""


def make_source(kind: DataKind = "full", *, dataset: str = "fashion-mnist") -> DataSource:
    """A source whose files need not exist."""
    return DataSource(dataset=dataset, kind=kind, origin="data-dir", folder=Path("/data"), files={})


def make_preset(
    preset_id: str = "sgd-baseline", *, optimizer: str = "sgd", hyperparameters: dict[str, Value] | None = None
) -> Preset:
    """A preset that is in no library."""
    return Preset(
        id=preset_id,
        name=preset_id,
        family="basic",
        optimizer=optimizer,
        advice="for tests",
        hyperparameters={"lr": 0.001} if hyperparameters is None else hyperparameters,
    )


def make_spec(
    scenario: str = "lenet5-fashion",
    preset: Preset | None = None,
    *,
    seed: int = 42,
    epochs: int = 2,
    kind: DataKind = "full",
    overrides: dict[str, Value] | None = None,
    holdout: bool = False,
    device: DeviceRequest = "cpu",
    threads: int | None = 2,
) -> RunSpec:
    """A resolved run."""
    source = make_source(kind, dataset=find_scenario(scenario).dataset)
    return resolve_run(
        scenario,
        preset or make_preset(),
        data=source,
        seed=seed,
        epochs=epochs,
        overrides=overrides,
        holdout=holdout,
        device=device,
        threads=threads,
    )


def make_started(spec: RunSpec, *, from_step: int = 0, attempt: int = 1) -> Started:
    """The first event of an attempt."""
    num_train, num_test = data_set(spec.data.dataset).num_examples[spec.data.kind]
    num_val = num_train // 6 if spec.holdout or spec.scenario_info.validation_size else 0
    return Started(
        attempt=attempt,
        device="cpu",
        device_name="Test CPU",
        threads=2,
        num_train=num_train - num_val,
        num_val=num_val,
        num_test=0 if spec.holdout else num_test,
        steps_per_epoch=STEPS_PER_EPOCH,
        split_hash="0123456789abcdef" if num_val else "",
        versions={"torch": "2.14.1"},
        from_step=from_step,
    )


def make_result(spec: RunSpec, epoch: int, *, test_accuracy: float = 0.8, test_loss: float = 0.5) -> EpochResult:
    """A result with figures on the splits that the run has."""
    scenario = spec.scenario_info
    has_val, has_test = spec.holdout or scenario.validation_size > 0, scenario.has_test and not spec.holdout
    num_train = make_started(spec).num_train
    return EpochResult(
        epoch=epoch,
        step=epoch * STEPS_PER_EPOCH,
        elapsed_s=epoch * (SECONDS_PER_EPOCH + 0.5),
        train_time_s=epoch * SECONDS_PER_EPOCH,
        lr=0.001,
        train_loss=0.45 if epoch or scenario.quadratic else None,
        train_accuracy=0.85 if epoch and scenario.has_accuracy else None,
        val_loss=0.48 if has_val else None,
        val_accuracy=0.82 if has_val else None,
        test_loss=test_loss if has_test else None,
        test_accuracy=test_accuracy if has_test else None,
        handout_loss=test_loss / 64 if scenario.has_handout_loss and not spec.holdout else None,
        gap=0.5**epoch if scenario.quadratic else None,
        penalty=0.0123 if scenario.is_regularised else None,
        sparsity=0.25 if scenario.is_regularised else None,
        effective_epochs=float(epoch),
        cost=Cost(examples_forward_backward=epoch * num_train, optimizer_steps=epoch * STEPS_PER_EPOCH),
    )


def make_progress(step: int, *, loss: float = 1.0) -> Progress:
    """A bin that ends with this step."""
    return Progress(
        step=step,
        epoch=(step - 1) // STEPS_PER_EPOCH + 1,
        loss=loss,
        lr=0.001,
        train_time_s=step * SECONDS_PER_EPOCH / STEPS_PER_EPOCH,
        effective_epochs=step / STEPS_PER_EPOCH,
    )


def make_events(
    spec: RunSpec, ended: Ended | None = None, *, results: Sequence[EpochResult] | None = None
) -> list[Event]:
    """The events of an uninterrupted run: two bins per epoch, the untrained model after the first bin.

    Where the minimum is known the start comes first.
    A run that diverged before its last epoch ends with the bin in which it did.
    """
    shown = [make_result(spec, epoch) for epoch in range(spec.epochs + 1)] if results is None else results
    events: list[Event] = [make_started(spec)]
    for result in shown:
        bins = [make_progress(result.step - STEPS_PER_EPOCH // 2), make_progress(result.step)] if result.epoch else []
        events += [*(replace(one, gap=result.gap) for one in bins), EpochEnded(result=result)]
    if len(shown) > 1 and shown[0].epoch == 0 and spec.scenario_info.quadratic is None:
        events[1], events[2] = events[2], events[1]
    if ended is not None and ended.state == "diverged" and shown and shown[-1].epoch < spec.epochs:
        events.append(make_progress(shown[-1].step + STEPS_PER_EPOCH // 2, loss=math.nan))
    return [*events, *([ended] if ended else [])]


def make_records(events: Iterable[Event]) -> list[Record]:
    """Events numbered from 1, a second apart."""
    return [Record(seq=seq, time=float(seq), event=event) for seq, event in enumerate(events, start=1)]


def make_series(events: Iterable[Event]) -> RunSeries:
    """What a log with these events gives the charts."""
    series = RunSeries()
    series.absorb(make_records(events))
    return series


def make_run(
    home: Home,
    spec: RunSpec | None = None,
    *,
    state: RunState = "finished",
    results: Sequence[EpochResult] | None = None,
    final: EpochResult | None = None,
    best: EpochResult | None = None,
    reason: str = "",
    sweep: str = "",
) -> StoredRun:
    """Write a run folder with log and status. By default all epochs are done; a finished or diverged run has a final result.

    A 'running' run has no owner, so that it is not taken for interrupted.
    """
    spec = spec or make_spec()
    shown = [make_result(spec, epoch) for epoch in range(spec.epochs + 1)] if results is None else list(results)
    if state in ("finished", "diverged") and final is None and shown:  # the engine evaluates what diverged, too
        final = replace(shown[-1], train_loss=0.44)
    is_going = state in ("queued", "running")
    ended = None if is_going else Ended(state=state, reason=reason, final=final, best=best)
    folder = create_run(home, spec, versions=VERSIONS, sweep=sweep)
    if state != "queued":
        write_log(folder, make_events(spec, ended, results=shown))
    latest = shown[-1] if shown and state != "queued" else None
    status = Status(
        state=state,
        epoch=latest.epoch if latest else 0,
        epochs=spec.epochs,
        step=latest.step if latest else 0,
        effective_epochs=latest.effective_epochs if latest else 0.0,
        device="" if state == "queued" else "cpu",
        reason=reason,
        latest=latest,
        final=final,
        best=best,
    )
    write_status(folder.status, status)
    return StoredRun(info=folder.read_info(), status=folder.read_status(), folder=folder)


def keep_checkpoint(run: StoredRun, epoch: int, *, is_best: bool = False, stays: bool = False) -> None:
    """Keep a state of a run at the end of an epoch, as its worker does; no engine could read it."""
    records = [one for one in read_events(run.folder.events) if isinstance(one.event, EpochEnded)]
    seq = next(one.seq for one in records if isinstance(one.event, EpochEnded) and one.event.result.epoch == epoch)
    content = f"{run.run_id} at epoch {epoch}".encode()
    checkpoint = Checkpoint(seq=seq, content=content, step=epoch * STEPS_PER_EPOCH, epoch=epoch)
    save_checkpoint(run.folder.checkpoints, checkpoint, is_best=is_best, stays=stays)


def write_log(folder: RunFolder, events: Iterable[Event]) -> None:
    """Append events to a run's log as a worker does."""
    writer = EventWriter(folder.events)
    for event in events:
        writer.append(event)
    writer.close()
