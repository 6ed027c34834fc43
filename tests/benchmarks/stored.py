"""A home as months of use leave it: many runs of many kinds, some of them alive; written by the store's own functions."""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tests.factories import STEPS_PER_EPOCH, VERSIONS, make_result, make_started
from tui_optim.spec.datasets import DATASETS, FILE_NAMES, DataSource, generated_source
from tui_optim.spec.errors import UsageError
from tui_optim.spec.event_lines import encode_record
from tui_optim.spec.events import Ended, EpochEnded, Event, Progress, Record, RunState
from tui_optim.spec.optimizers import find_optimizer
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.home import Home
from tui_optim.store.library import load_library
from tui_optim.store.liveness import current_identity
from tui_optim.store.new_runs import create_run
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status, write_status

EPOCHS = 10
BINS_PER_EPOCH = 3
ENDINGS: Sequence[RunState] = (*("finished",) * 15, "stopped", "diverged", "failed", "paused")
"""States of the runs of the past, in turn."""
FLUSH_EVERY_S = 0.2
STATUS_EVERY_S = 1.0


def fill_home(home: Home, *, num_runs: int, num_live: int = 0) -> list[RunFolder]:
    """Write that many runs, none of a sweep, so that all are listed; returns those that are left running, for `LiveRuns`."""
    live: list[RunFolder] = []
    for number, spec in enumerate(itertools.islice(_specs(), num_runs)):
        is_live = number >= num_runs - num_live
        run_id = f"260101-{number:06d}-{spec.preset}-s{spec.seed}-{number:04x}"
        folder = create_run(home, spec, versions=VERSIONS, run_id=run_id)
        state: RunState = "running" if is_live else ENDINGS[number % len(ENDINGS)]
        _write_past(folder, spec, state, num_epochs=EPOCHS if state == "finished" else EPOCHS // 2)
        live += [folder] if is_live else []
    return live


class LiveRuns:
    """Goes on writing logs and statuses at a worker's pace, from a thread of this process, whose identity they carry."""

    def __init__(self, folders: Sequence[RunFolder]) -> None:
        self._folders = folders
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._is_over = threading.Event()

    def __enter__(self) -> "LiveRuns":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _write(self) -> None:
        step, status_at = EPOCHS // 2 * STEPS_PER_EPOCH, 0.0
        for seq in itertools.count(1_000):
            if self._is_over.wait(FLUSH_EVERY_S):
                return
            step += 1
            is_due = time.monotonic() - status_at >= STATUS_EVERY_S
            status_at = time.monotonic() if is_due else status_at
            for folder in self._folders:
                _append(folder, [Record(seq=seq, time=time.time(), event=_progress(step))])
                if is_due:
                    status = replace(folder.read_status(), step=step, effective_epochs=step / STEPS_PER_EPOCH)
                    write_status(folder.status, status)


def _specs() -> Iterator[RunSpec]:
    """Every suitable preset on every scenario, for one seed after the other; some with a value of the user's own."""
    presets = [
        preset for preset in load_library().presets.values() if not find_optimizer(preset.optimizer).is_full_batch
    ]
    for seed in itertools.count(1):
        for scenario, preset in itertools.product(SCENARIOS.values(), presets):
            overrides = {"batch_size": 128} if seed % 4 == 0 else None
            source = _source(scenario.dataset)
            with suppress(UsageError):  # what does not suit a scenario, or has too small batches for it
                yield resolve_run(scenario.id, preset, data=source, seed=seed, epochs=EPOCHS, overrides=overrides)


def _source(dataset: str) -> DataSource:
    if dataset not in DATASETS:
        return generated_source(dataset)
    folder = Path("/home/somebody/.cache/tui-optim") / DATASETS[dataset].folder
    files = {role: folder / f"{name}.gz" for role, name in FILE_NAMES.items()}
    return DataSource(dataset=dataset, kind="full", origin="cache", folder=folder, files=files)


def _write_past(folder: RunFolder, spec: RunSpec, state: RunState, *, num_epochs: int) -> None:
    results = [make_result(spec, epoch, test_accuracy=0.9 - 0.5 / (epoch + 1)) for epoch in range(num_epochs + 1)]
    final = results[-1] if state in ("finished", "diverged") else None
    events: list[Event] = [make_started(spec), *_epochs(results)]
    events += [] if state == "running" else [Ended(state=state, final=final)]
    began = time.time() - len(events)
    _append(folder, [Record(seq=seq, time=began + seq, event=event) for seq, event in enumerate(events, start=1)])
    status = Status(
        state=state,
        epoch=num_epochs,
        epochs=spec.epochs,
        step=results[-1].step,
        effective_epochs=results[-1].effective_epochs,
        loss=0.4,
        attempt=1,
        device="cpu: Test CPU",
        latest=results[-1],
        final=final,
        owner=current_identity() if state == "running" else None,
    )
    write_status(folder.status, status)


def _epochs(results: Sequence[EpochResult]) -> Iterator[Event]:
    for result in results:
        if result.epoch:
            first = result.step - STEPS_PER_EPOCH
            yield from (
                replace(_progress(first + (number + 1) * STEPS_PER_EPOCH // BINS_PER_EPOCH), gap=result.gap)
                for number in range(BINS_PER_EPOCH)
            )
        yield EpochEnded(result=result)


def _progress(step: int) -> Progress:
    epochs = step / STEPS_PER_EPOCH
    return Progress(
        step=step,
        epoch=int(epochs) + 1,
        loss=2.3 / (1 + epochs),
        lr=0.05,
        train_time_s=0.1 * step,
        effective_epochs=epochs,
    )


def _append(folder: RunFolder, records: Sequence[Record]) -> None:
    """Without the syncs to the disk that a worker's writer makes: a thousand logs would take minutes."""
    with folder.events.open("a", encoding="utf-8") as log:
        log.write("".join(f"{encode_record(record)}\n" for record in records))
