"""The bridge to Slurm: submits a job for each run and looks after it. Home, data and program are on a shared file system.

Jobs write the run folders themselves, hold the runs' locks and hear the user's commands there; while a job waits for its turn
the bridge obeys in its stead. Jobs outlive the bridge: another one finds them by their tickets.
"""

import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import submitit

from tui_optim.runs import attempt, queue, without_worker
from tui_optim.runs.executors.bridge import MAX_CAPACITY, Done, serve
from tui_optim.runs.executors.slurm_job import (
    Ticket,
    read_ticket,
    remove_ticket,
    slurm_folder,
    work,
    write_ticket,
)
from tui_optim.spec.commands import LIVE
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import ENDED_STATES, RunState
from tui_optim.spec.executors import SLURM_PARAMETERS
from tui_optim.spec.hyperparameters import Value
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder, RunInfo

ASK_EVERY_S = 30.0
"""How often sacct is asked about jobs that have said nothing."""
LAG_S = 20.0
"""What a job writes last may be seen that much later on a network file system."""


@dataclass(slots=True, eq=False)
class Submitted:
    """A run with its job."""

    folder: RunFolder
    threads: int
    parameters: dict[str, Value]
    job: Any = None
    """submitit's job; None until it has been submitted."""
    ended_at: float | None = None
    """Since when the job has ended without a word in the run folder."""

    @property
    def is_on_cluster(self) -> bool:
        """False for submitit's stand-ins on this machine."""
        return self.parameters["cluster"] == "slurm"


class SlurmBridge:
    """Runs of one home on one cluster."""

    def __init__(self, home: Home, _address: str) -> None:
        """Nothing is submitted yet."""
        self.home = home
        self._runs: list[Submitted] = []
        self._done: list[Done] = []
        self._asked_at = time.monotonic()

    @property
    def capacity(self) -> int:
        """Jobs may wait in Slurm's queue: that is what it is for."""
        return MAX_CAPACITY

    @property
    def num_runs(self) -> int:
        """Runs taken and not let go of."""
        return len(self._runs) + len(self._done)

    def take(self, run_id: str, *, threads: int) -> None:
        """Accept a run: its job is submitted at the next look, unless one waits with it already."""
        folder = RunFolder(self.home.runs / run_id)
        try:
            info = folder.read_info()
        except StoreError as error:
            self._done.append(Done(run_id=run_id, state="interrupted", cause=str(error)))
            return
        run = Submitted(folder, attempt.threads_of(folder, info.spec, usual=threads), settled(info))
        run.job = waiting_job(folder) if run.is_on_cluster else None
        self._runs.append(run)

    def look(self) -> Iterator[Done]:
        """Submit, obey commands to jobs that wait, and see which jobs have ended."""
        asks = time.monotonic() - self._asked_at > ASK_EVERY_S
        for run in list(self._runs):
            try:
                done = self._look_at(run, asks=asks and run.job is not None)
            except StoreError as error:
                print(error, file=sys.stderr, flush=True)
                continue  # it may pass
            if asks and run.job is not None:  # one question is about all jobs
                asks, self._asked_at = False, time.monotonic()
            if done is not None:
                self._runs.remove(run)
                self._done.append(done)
        done_now, self._done = self._done, []
        yield from done_now

    def leave(self) -> None:
        """Jobs go on without us, and those that wait keep their place in Slurm's queue."""
        self._runs = []

    def close(self) -> None:
        """There is nothing to let go of."""

    def _look_at(self, run: Submitted, *, asks: bool) -> Done | None:
        """Bring a run forward; returns how it has been let go of, None while it goes on."""
        if state := self._obey(run):
            return Done(run_id=run.folder.run_id, state=state)
        if run.job is None:
            return self._submit(run) if self._may_submit(run) else None
        if not run.job.done(force_check=asks):
            return None
        status = run.folder.read_status()
        has_left_in_order = status.state == "interrupted" and status.owner is None
        if status.state in ENDED_STATES or status.state == "paused" or has_left_in_order:
            return Done(run_id=run.folder.run_id, state=status.state)
        if run.folder.run_id in queue.waiting(self.home):  # paused or stopped, and resumed before we have looked
            return Done(run_id=run.folder.run_id, state="queued")
        run.ended_at = run.ended_at or time.monotonic()
        if run.is_on_cluster and time.monotonic() - run.ended_at < LAG_S:
            return None
        cause = f"Slurm job {run.job.job_id} ended ({run.job.state}); its output is in {slurm_folder(run.folder)}"
        return Done(run_id=run.folder.run_id, state="interrupted", cause=cause)

    def _obey(self, run: Submitted) -> RunState | None:
        """Carry out commands while no job has begun with the run; returns its new state."""
        requests = run.folder.requests()
        if not requests:
            return None
        state: RunState | None = None
        with held_lock(run.folder.lock) as is_ours:
            if is_ours and run.folder.read_status().state == "queued":  # else a job has it, and hears for itself
                if not all(request.command in LIVE for request in requests):
                    remove_ticket(run.folder)
                for request in requests:
                    state = without_worker.obey(run.folder, request) or state
        if state and run.job is not None:
            run.job.cancel(check=False)
        return state

    def _may_submit(self, run: Submitted) -> bool:
        """Slurm has its own idea of how many jobs run; the stand-ins share this machine with the workers."""
        num_here = sum(other.job is not None and not other.is_on_cluster for other in self._runs)
        return run.is_on_cluster or num_here < queue.read_slots(self.home)

    def _submit(self, run: Submitted) -> Done | None:
        ticket = Ticket(secret=secrets.token_hex(8))
        run_id = run.folder.run_id
        try:
            slurm_folder(run.folder).mkdir(mode=0o700, exist_ok=True)
            write_ticket(run.folder, ticket)
            run.job = executor_for(run).submit(work, str(self.home.root), run_id, run.threads, ticket.secret)
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: what sbatch answers
            without_worker.fail(run.folder, f"Slurm refused the job: {' '.join(str(error).split())}")
            return Done(run_id=run_id, state="failed")
        write_ticket(run.folder, replace(ticket, job_id=str(run.job.job_id)))
        without_worker.note(run.folder, f"submitted as job {run.job.job_id} ({run.parameters['cluster']})")
        return None


def settled(info: RunInfo) -> dict[str, Value]:
    """All parameters of a run's job: the user's, else their defaults; a GPU where the run asks for one and nothing else does."""
    given = info.executor.parameters
    values = {parameter.name: parameter.default for parameter in SLURM_PARAMETERS} | given
    if info.spec.device == "cuda" and not {"gres", "gpus_per_node"} & set(given):
        values["gpus_per_node"] = 1
    return values


def executor_for(run: Submitted) -> Any:
    """submitit's executor for a run, with its resources."""
    values = run.parameters
    executor = submitit.AutoExecutor(folder=slurm_folder(run.folder), cluster=str(values["cluster"]))
    words = ("partition", "account", "qos", "constraint", "nodelist", "exclude", "gres")
    executor.update_parameters(
        name=f"tui-optim-{run.folder.run_id}",
        timeout_min=values["time"],
        mem_gb=values["mem_gb"],
        cpus_per_task=run.threads,
        gpus_per_node=values["gpus_per_node"] or None,
        slurm_additional_parameters={"no_requeue": True},  # the supervisor submits again, and counts
        **{f"slurm_{word}": values[word] for word in words if values[word]},
    )
    return executor


def waiting_job(folder: RunFolder) -> Any:
    """The job that an earlier bridge has submitted for this run, where Slurm still has it; else None."""
    ticket = read_ticket(folder)
    if ticket is None or not ticket.job_id:
        return None
    job: Any = submitit.SlurmJob(folder=slurm_folder(folder), job_id=ticket.job_id)
    return None if job.done(force_check=True) or job.state == "UNKNOWN" else job


if __name__ == "__main__":
    serve(SlurmBridge)
