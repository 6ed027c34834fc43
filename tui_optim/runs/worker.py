"""The worker process: keeps torch warm and takes one run after the other. The only place that joins engine and store.

It reads jobs as JSON lines from standard input and answers with JSON lines on what was standard output. When its input ends
(the supervisor is gone) it finishes the run at hand and leaves. SIGTERM means: keep a checkpoint, then leave.
"""

import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import IO, Any

import torch

from tui_optim.engine.data import Splits, load_splits
from tui_optim.engine.devices import device_of
from tui_optim.engine.loop import Leave, train
from tui_optim.engine.warmup import warm_up
from tui_optim.runs.recorder import Recorder
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.events import ENDED_STATES, Ended, Rewound, RunState, Started
from tui_optim.spec.run import RunSpec
from tui_optim.store.checkpoints import load_checkpoint
from tui_optim.store.eventlog import read_events
from tui_optim.store.files import FileLock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder

POLL_EVERY_S = 0.05
LOCK_WAIT_S = 5.0
KEEP_EVERY_S = 0.5
"""Between two checkpoints at ends of epochs: what is lost when a worker dies is an epoch at most, or so little time."""


def main() -> None:
    """Serve jobs until the input ends or SIGTERM comes."""
    answers = _take_over_stdout()
    worker = Worker(Home(Path(sys.argv[1])))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, worker.on_terminate)
    warm_up()
    try:
        _answer(answers, {"ready": True})
        for line in iter(sys.stdin.readline, ""):
            job = json.loads(line)
            if "prepare" in job:
                worker.prepare(RunSpec.model_validate_json(job["prepare"]))
            else:
                state = worker.take(str(job["run"]), threads=int(job["threads"]))
                _answer(answers, {"done": job["run"], "state": state})
            if worker.is_leaving:
                break
    except BrokenPipeError:
        return  # the supervisor is gone and its run has ended


class Worker:
    """Holds the loaded data between runs."""

    def __init__(self, home: Home) -> None:
        """Nothing is loaded yet."""
        self.home = home
        self.is_leaving = False
        self._is_busy = False
        self._splits: dict[str, Splits] = {}

    def on_terminate(self, _signal: int, _frame: FrameType | None) -> None:
        """SIGTERM: leave at once when idle, else after a checkpoint at the next bin of steps."""
        self.is_leaving = True
        if not self._is_busy:
            sys.exit(0)

    def prepare(self, spec: RunSpec) -> None:
        """Load the data of a run that may come; what is wrong with it is said when the run comes."""
        try:
            self._load(spec, device_of(spec))
        except UsageError as error:
            print(f"prepare: {error}", file=sys.stderr, flush=True)

    def take(self, run_id: str, *, threads: int) -> RunState:
        """Bring one run to an end; returns the state it ended in. `threads` is for runs that do not set their own."""
        folder = RunFolder(self.home.runs / run_id)
        lock = FileLock(folder.lock)
        deadline = time.monotonic() + LOCK_WAIT_S
        while not lock.acquire():
            if time.monotonic() > deadline:
                return "running"  # another worker has it
            time.sleep(0.02)
        self._is_busy = True
        try:
            return self._take_locked(folder, threads)
        finally:
            self._is_busy = False
            lock.release()

    def _take_locked(self, folder: RunFolder, threads: int) -> RunState:
        status = folder.read_status()
        recorder = Recorder(folder, status, attempt=status.attempt + 1)
        try:
            ended = _end_in_log(folder)
            if ended is not None:
                recorder.emit(ended)  # the log knows the end, the status did not
                return ended.state
            return self._train(folder, recorder, threads)
        except Exception as error:  # noqa: BLE001 - the worker's main
            return _fail(folder, recorder, error)
        finally:
            recorder.close()

    def _train(self, folder: RunFolder, recorder: Recorder, threads: int) -> RunState:
        spec = folder.read_info().spec
        torch.set_num_threads(spec.threads or _threads_before(folder) or threads)
        device = device_of(spec)
        data = self._load(spec, device)
        checkpoint = load_checkpoint(folder.checkpoints)
        kept_seq = checkpoint.seq if checkpoint else 0
        if recorder.log.seq > kept_seq:
            recorder.emit(Rewound(to_seq=kept_seq))
        ended = train(
            spec,
            recorder.emit,
            _Control(folder, recorder, self),
            data=data,
            device=device,
            checkpoint=checkpoint.content if checkpoint else None,
        )
        return ended.state

    def _load(self, spec: RunSpec, device: torch.device) -> Splits:
        """Splits of a run, kept for the next one on the same data; one set at a time stays in memory."""
        scenario = spec.scenario_info
        key = f"{spec.data.model_dump_json()} {scenario.normalise} {scenario.validation_size} {spec.holdout} {device}"
        if key not in self._splits:
            self._splits.clear()
            self._splits[key] = load_splits(spec, device)
        return self._splits[key]


class _Control:
    """The engine's ear and shelf: commands from the control folder and SIGTERM; checkpoints into the run folder."""

    def __init__(self, folder: RunFolder, recorder: Recorder, worker: Worker) -> None:
        self._folder, self._recorder, self._worker = folder, recorder, worker
        self._polled_at = 0.0
        self._kept_at = time.monotonic()

    def poll(self) -> Leave | None:
        if self._worker.is_leaving:
            return Leave("interrupted")
        now = time.monotonic()
        if now - self._polled_at < POLL_EVERY_S:
            return None
        self._polled_at = now
        requests = self._folder.requests()
        for request in requests:
            request.path.unlink(missing_ok=True)
        if not requests:
            return None
        latest = requests[-1]
        return Leave("stopped" if latest.command == "stop" else "paused", latest.reason)

    def wants_checkpoint(self) -> bool:
        return time.monotonic() - self._kept_at >= KEEP_EVERY_S

    def keep(self, checkpoint: bytes, *, is_best: bool) -> None:
        self._recorder.keep(checkpoint, is_best=is_best)
        self._kept_at = time.monotonic()


def _end_in_log(folder: RunFolder) -> Ended | None:
    """The end of a run that finished or diverged although its status does not say so (a crash in between)."""
    for record in reversed(read_events(folder.events)):
        if isinstance(record.event, Ended):
            return record.event if record.event.state in ENDED_STATES - {"stopped", "failed"} else None
    return None


def _threads_before(folder: RunFolder) -> int | None:
    """The threads of the run's first attempt: the last bits of its sums depend on them."""
    return next(
        (record.event.threads for record in read_events(folder.events) if isinstance(record.event, Started)), None
    )


def _fail(folder: RunFolder, recorder: Recorder, error: Exception) -> RunState:
    """Report a failure as the run's result; the traceback goes to the run's own log."""
    if isinstance(error, UsageError) and not isinstance(error, StoreError):
        reason = str(error)
    elif isinstance(error, torch.OutOfMemoryError):
        reason = "out of memory on the device: lower batch_size or free the device"
    else:
        reason = f"{type(error).__name__}: {error}; details in {folder.path / 'worker.log'}"
    with (folder.path / "worker.log").open("a", encoding="utf-8") as log:
        log.write("".join(traceback.format_exception(error)))
    recorder.emit(Ended(state="failed", reason=reason))
    return "failed"


def _take_over_stdout() -> IO[str]:
    """Keep standard output for answers alone; whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _answer(stream: IO[str], body: dict[str, Any]) -> None:
    stream.write(json.dumps(body) + "\n")
    stream.flush()


if __name__ == "__main__":
    main()
