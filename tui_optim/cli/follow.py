"""Following runs on the command line until they end: a live table on a terminal, plain lines in a pipe."""

import sys
import time

from rich.console import Console
from rich.live import Live

from tui_optim.cli.live_table import live_table
from tui_optim.cli.watch import POLL_EVERY_S, Watch, end_on_sigterm
from tui_optim.report.cells import loss_text, plain_text
from tui_optim.report.columns import GAP
from tui_optim.runs.client import Client
from tui_optim.spec.commands import words
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.events import ENDED_STATES, CommandSeen, Ended, EpochEnded, Evaluated, Notice, Record, Started
from tui_optim.spec.results import EpochResult
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.eventlog import EventReader
from tui_optim.store.home import Home


def follow(home: Home, client: Client, run_ids: list[str], *, is_plain: bool, is_quiet: bool) -> list[StoredRun]:
    """Wait until all runs have ended or are paused; ctrl+c and SIGTERM stop them first.

    A hang-up (SIGHUP) ends this command alone: the runs go on.

    Raises:
        KeyboardInterrupt: after the runs have been told to stop.
    """
    end_on_sigterm()
    catalogue = Catalogue(home)
    console = Console(stderr=True)
    try:
        if is_plain or not console.is_terminal:
            return _follow_plain(catalogue, client, run_ids, is_quiet=is_quiet)
        return _follow_live(catalogue, client, run_ids, console)
    except KeyboardInterrupt:
        _stop_all(catalogue, client, run_ids)
        raise


def _follow_plain(catalogue: Catalogue, client: Client, run_ids: list[str], *, is_quiet: bool) -> list[StoredRun]:
    watch = Watch(client)
    readers = {run_id: EventReader(catalogue.home.runs / run_id / "events.jsonl") for run_id in run_ids}
    while True:
        watch.look()
        runs = _selected(catalogue, run_ids)
        for run_id, reader in readers.items():
            for record in _told(reader.poll()):
                line = _line(record)
                if line and not is_quiet:
                    print(plain_text(f"{run_id}  {line}"), flush=True)
        if _all_ended(runs):
            return runs
        time.sleep(POLL_EVERY_S)


def _told(records: list[Record]) -> list[Record]:
    """Of epochs that ended between two looks only the last: a problem of two parameters has thousands of them a second."""
    last = max((record.seq for record in records if isinstance(record.event, EpochEnded)), default=0)
    return [record for record in records if not isinstance(record.event, EpochEnded) or record.seq == last]


def _follow_live(catalogue: Catalogue, client: Client, run_ids: list[str], console: Console) -> list[StoredRun]:
    watch = Watch(client)
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        while True:
            watch.look()
            runs = _selected(catalogue, run_ids)
            live.update(live_table(runs))
            if _all_ended(runs):
                return runs
            time.sleep(POLL_EVERY_S)


def _line(record: Record) -> str:
    """A line about an event for people; empty for those that only charts need."""
    match record.event:
        case Started() as event:
            return (
                f"started on {event.device} ({event.device_name}), {event.threads} threads, "
                f"{event.num_train} training examples, attempt {event.attempt}"
            )
        case EpochEnded() as event:
            return f"epoch {event.result.epoch}: {_figures(event.result)}"
        case CommandSeen(command="branch") as event:
            return f"branches off at step {event.step:,}: what comes before is its parent's"
        case CommandSeen() as event:
            return f"{words(event.command, event.value)} on your command at step {event.step:,}"
        case Evaluated() as event:
            return f"evaluated after {event.result.effective_epochs:.2f} epochs: {_figures(event.result)}"
        case Notice() as event:
            return event.text
        case Ended() as event:
            final = f": {_figures(event.final)}" if event.final else ""
            return f"{event.state}{final}{': ' + event.reason if event.reason else ''}"
        case _:
            return ""


def _figures(result: EpochResult) -> str:
    parts = [
        (f"{split} loss {loss_text(loss)}" if loss is not None else "")
        + (f", accuracy {accuracy:.2%}" if accuracy is not None else "")
        for split, loss, accuracy in (
            ("train", result.train_loss, result.train_accuracy),
            ("val", result.val_loss, result.val_accuracy),
            ("test", result.test_loss, result.test_accuracy),
        )
    ]
    parts += [f"{GAP.title} {result.gap:.3e}"] if result.gap is not None else []
    return "; ".join(part for part in parts if part) + f" ({result.train_time_s:.1f} s)"


def _selected(catalogue: Catalogue, run_ids: list[str]) -> list[StoredRun]:
    try:
        return [catalogue.read(run_id) for run_id in run_ids]
    except StoreError as error:
        raise UsageError(f"the folder of a run that is followed is gone or damaged: {error}") from error


def _all_ended(runs: list[StoredRun]) -> bool:
    return all(run.status.state in ENDED_STATES or run.status.state == "paused" for run in runs)


def _stop_all(catalogue: Catalogue, client: Client, run_ids: list[str]) -> None:
    for run in _selected(catalogue, run_ids):
        if run.status.state in ("queued", "running"):
            client.stop(run.run_id)
    print("stopping; `tui-optim resume RUN` goes on from the last checkpoint", file=sys.stderr)
