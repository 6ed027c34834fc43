"""What a Slurm job does: it works on the run folder as a worker does. And the ticket that says which job may.

Submitted jobs outlive the bridge. Where a run has been submitted again since, or taken out of the queue, the old job finds
another ticket in the folder, or none, when its turn comes, and leaves at once.
"""

import json
import signal
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tui_optim.spec.json_text import DAMAGE, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.safe_stream import printing_safely
from tui_optim.store.files import not_written, replace_file
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A submission of a run."""

    secret: str
    job_id: str = ""
    """'' until Slurm has said it."""


def slurm_folder(folder: RunFolder) -> Path:
    """Where submitit keeps what a run's jobs print, and the ticket is."""
    return folder.path / "slurm"


def write_ticket(folder: RunFolder, ticket: Ticket) -> None:
    """Make this submission the one that counts. Raises StoreError."""
    body = {"secret": ticket.secret, "job_id": ticket.job_id}
    replace_file(slurm_folder(folder) / "ticket.json", json.dumps(body).encode())


def read_ticket(folder: RunFolder) -> Ticket | None:
    """The submission that counts; None where there is none."""
    try:
        body = parse_json(read_regular(slurm_folder(folder) / "ticket.json", limit_bytes=64 * 1024))
        return Ticket(secret=str(body["secret"]), job_id=str(body["job_id"]))
    except (OSError, *DAMAGE):
        return None


def remove_ticket(folder: RunFolder) -> None:
    """No submission counts any more. Raises StoreError."""
    try:
        (slurm_folder(folder) / "ticket.json").unlink(missing_ok=True)
    except OSError as error:
        raise not_written(slurm_folder(folder), error) from error


def work(home: str, run_id: str, threads: int, secret: str) -> str:
    """The job: bring the run to an end, or to a checkpoint when Slurm preempts the job or its time is up."""
    from tui_optim.runs.worker import Worker  # in the job alone: the bridge needs no torch

    opened = Home(Path(home))
    ticket = read_ticket(RunFolder(opened.runs / run_id))
    if ticket is None or ticket.secret != secret:
        return "this job has been replaced by another"
    worker = Worker(opened)
    on_terminate = signal.getsignal(signal.SIGTERM)

    def leave(number: int, frame: FrameType | None) -> None:
        if callable(on_terminate) and number == signal.SIGTERM:
            on_terminate(number, frame)
        worker.on_terminate(number, frame)

    signal.signal(signal.SIGTERM, leave)  # Slurm preempts
    signal.signal(signal.SIGUSR2, leave)  # submitit: the job's time is nearly up
    try:
        with printing_safely():  # submitit keeps it in a file
            return worker.take(run_id, threads=threads)
    finally:
        signal.signal(signal.SIGTERM, on_terminate)
