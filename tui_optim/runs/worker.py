"""The worker process: keeps torch warm and takes one run after the other, or many as one stack (`together`). With that module
and what it is made of the only place that joins engine and store.

It is the executor of this machine (`runs/executors` says how executors are spoken to); a Slurm job uses it too.
"""

import gc
import json
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO

import torch
from pydantic import ValidationError

from tui_optim.engine.bare_loop import bare_loop, has_bare_loop
from tui_optim.engine.commands import Leave
from tui_optim.engine.data import KeptSplits, Splits
from tui_optim.engine.devices import device_name, device_of, device_uuid
from tui_optim.engine.failures import failure_reason, is_out_of_memory
from tui_optim.engine.loop import train
from tui_optim.engine.warmup import warm_up
from tui_optim.engine.without_compiler import leave_compiler_out
from tui_optim.runs import attempt, without_worker
from tui_optim.runs.accelerators import power_w
from tui_optim.runs.candidates import Terms
from tui_optim.runs.ear import Ear
from tui_optim.runs.energy import EnergyMeter
from tui_optim.runs.executors.pipe import answer, take_over_stdout
from tui_optim.runs.median_watch import MedianWatch, Watches
from tui_optim.runs.recorder import Recorder
from tui_optim.runs.together import take_together
from tui_optim.spec.commands import LIVE, Order, state_after
from tui_optim.spec.errors import DiskFullError, StoreError, UsageError
from tui_optim.spec.events import Event, RunState
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Picture
from tui_optim.spec.run import RunSpec
from tui_optim.store.bare_loops import bare_key, keep_bare_loop, read_bare_loops
from tui_optim.store.files import FileLock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder

POLL_EVERY_S = 0.05
LOCK_WAIT_S = 5.0
KEEP_EVERY_S = 0.5
"""Between two checkpoints at ends of epochs: what is lost when a worker dies is an epoch at most, or so little time."""
PICTURE_EVERY_S = 0.5
"""Between two pictures of a run that trains; a shorter run leaves one at its end."""


def main() -> None:
    """Serve jobs until the input ends or SIGTERM comes."""
    answers = take_over_stdout()
    worker = Worker(Home(Path(sys.argv[1])))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, worker.on_terminate)
    warm_up()
    gc.freeze()
    gc.enable()
    try:
        answer(answers, {"ready": True})
        for line in iter(sys.stdin.readline, ""):
            job = json.loads(line)
            if "prepare" in job:
                worker.prepare(job["prepare"])
            elif "runs" in job:
                worker.take_together(job["runs"], threads=int(job["threads"]), slots=int(job["slots"]), answers=answers)
            else:
                state = worker.take(str(job["run"]), threads=int(job["threads"]))
                if worker.is_leaving:
                    answer(answers, {"leaving": True})
                answer(answers, {"done": job["run"], "state": state, "cause": worker.cause})
            if worker.is_leaving:
                break
    except BrokenPipeError:
        return  # the supervisor is gone and its run has ended


class Worker:
    """Holds the loaded data between runs."""

    def __init__(self, home: Home) -> None:
        """No data are loaded yet, and torch's compiler never is."""
        leave_compiler_out()
        self.home = home
        self.is_leaving = False
        self.cause = ""
        """Why it leaves, where it was not asked to; or why a run has failed, which could not be written down."""
        self._is_busy = False
        self._splits = KeptSplits()

    def on_terminate(self, _signal: int, _frame: FrameType | None) -> None:
        """SIGTERM: leave at once when idle, else after a checkpoint at the next bin of steps."""
        self.is_leaving = True
        if not self._is_busy:
            sys.exit(0)

    def prepare(self, wish: str) -> None:
        """Load the data of a run that may come, but run no code of the user's; what is wrong is said when the run comes.

        `wish` is the JSON of its specification, from a file that an app of another version may have left.
        """
        try:
            spec = RunSpec.model_validate_json(wish)
            if spec.own_scenario is None:
                self._splits.of(spec, device_of(spec))
        except (UsageError, ValidationError, MemoryError, RuntimeError) as error:
            if not (isinstance(error, UsageError | ValidationError) or is_out_of_memory(error)):
                raise
            print(f"prepare: {error}", file=sys.stderr, flush=True)

    def take(self, run_id: str, *, threads: int) -> RunState:
        """Bring one run to an end; returns the state it ended in. `threads` is for runs that do not set their own."""
        folder = RunFolder(self.home.runs / run_id)
        if not folder.path.exists():
            return "stopped"  # somebody has removed it
        lock = FileLock(folder.lock)
        self._is_busy, self.cause = True, ""
        try:
            if not lock.acquire(wait_s=LOCK_WAIT_S):
                return "running"  # another worker has it
            return attempt.settle(folder, self._take_locked(folder, threads))
        except StoreError as problem:
            return self._give_up(folder, problem)
        finally:
            self._is_busy = False
            lock.release()

    def _give_up(self, folder: RunFolder, problem: StoreError) -> RunState:
        """A folder that cannot even be told why: of one that has been removed nothing is left to do; else the supervisor says it
        as soon as it can. Unless all that is wanted is space the process leaves, which the run's status then shows by itself."""
        if not folder.path.exists():
            return "stopped"
        print(f"{folder.run_id}: {problem}", file=sys.stderr, flush=True)
        self.cause = str(problem)
        if isinstance(problem, DiskFullError):
            return "failed"
        self.is_leaving = True
        return "interrupted"

    def take_together(self, run_ids: Sequence[str], *, threads: int, slots: int, answers: IO[str]) -> None:
        """Bring runs that are alike to their ends as one stack of models, where that is the faster way."""
        turn = threading.Lock()

        def tell(run_id: str, state: str, cause: str) -> None:
            with turn:
                if self.is_leaving:
                    answer(answers, {"leaving": True})
                body = {"done": run_id, "state": "queued" if state == "alone" else state, "cause": cause}
                answer(answers, {**body, "alone": True} if state == "alone" else body)

        self._is_busy = True
        try:
            terms = Terms(threads, slots, self._splits, tell, lambda: self.is_leaving)
            take_together(self.home, run_ids, terms)
        finally:
            self._is_busy = False

    def _take_locked(self, folder: RunFolder, threads: int) -> RunState:
        status = folder.read_status()
        recorder = Recorder(folder, status, attempt=status.attempt + 1)
        try:
            ended = attempt.end_in_log(folder)
            if ended is not None:
                recorder.emit(ended)  # the log knows the end, the status did not
                return ended.state
            recorder.begin()
            return self._train(folder, recorder, threads)
        except Exception as error:  # noqa: BLE001 - the worker's main
            reason = failure_reason(error, log=attempt.worker_log(folder))
            return attempt.fail(recorder, reason, trace="".join(traceback.format_exception(error)))
        finally:
            recorder.close()

    def _train(self, folder: RunFolder, recorder: Recorder, threads: int) -> RunState:
        info = folder.read_info()
        spec = info.spec
        torch.set_num_threads(attempt.threads_of(folder, spec, usual=threads))
        device = device_of(spec)
        data = self._splits.of(spec, device)
        checkpoint = attempt.rewind(recorder)
        commands = without_worker.commands_of(folder)
        ear = Ear(folder, every_s=POLL_EVERY_S, done=commands)
        control = _Control(ear, recorder, self, Watches(self.home).of(info, folder))
        recorder.know(commands, epochs=spec.epochs)
        self._measure_limit(spec, data, device)
        with EnergyMeter(partial(power_w, uuid) if (uuid := device_uuid(device)) else lambda: None) as meter:
            recorder.count_energy(meter)
            return train(
                spec, control.emit, control, data=data, device=device, checkpoint=checkpoint, commands=commands
            ).state

    def _measure_limit(self, spec: RunSpec, data: Splits, device: torch.device) -> None:
        """Time the bare loop of such runs, where this home does not know it yet."""
        key = bare_key(spec, device=f"{device.type}: {device_name(device)}", threads=torch.get_num_threads())
        if has_bare_loop(spec) and key not in read_bare_loops(self.home):
            with suppress(RuntimeError, MemoryError):  # no memory, say: if the run lacks it too, the run says so
                keep_bare_loop(self.home, key, bare_loop(spec, data, device))


class _Control:
    """The engine's ear and shelf: commands from the control folder and SIGTERM; checkpoints into the run folder."""

    def __init__(self, ear: Ear, recorder: Recorder, worker: Worker, watch: MedianWatch | None) -> None:
        self._ear, self._recorder, self._worker, self._watch = ear, recorder, worker, watch
        self._kept_at = time.monotonic()
        self._shown_at = time.monotonic()

    def emit(self, event: Event) -> None:
        if self._watch is not None:
            self._watch.hear(event)
        self._recorder.emit(event)

    def poll(self) -> Leave | Order | None:
        if self._worker.is_leaving:
            return Leave("interrupted")
        if self._watch is not None and (reason := self._watch.verdict()):
            return Leave("stopped", reason)
        request = self._ear.take()
        if request is None:
            return None
        order = request.order
        if order.command in LIVE:
            return order
        return Leave(state_after(order.command), order.reason)

    def wants_checkpoint(self) -> bool:
        return time.monotonic() - self._kept_at >= KEEP_EVERY_S

    def keep(self, kept: Kept) -> None:
        self._recorder.keep(kept)
        self._kept_at = time.monotonic()

    def wants_picture(self) -> bool:
        return time.monotonic() - self._shown_at >= PICTURE_EVERY_S

    def show(self, picture: Picture) -> None:
        self._recorder.show(picture)
        self._shown_at = time.monotonic()
