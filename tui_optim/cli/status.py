"""`status`: what runs, waits and is supervised in a home."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_optim.cli.left_out import tell_unread
from tui_optim.cli.options import Json
from tui_optim.spec.errors import StoreError
from tui_optim.spec.results import encode_number

if TYPE_CHECKING:
    from tui_optim.runs.client import Client
    from tui_optim.store.catalogue import StoredRun
    from tui_optim.store.home import Home

ACTIVE = ("running", "queued", "paused", "interrupted")


def status(
    is_tmux: Annotated[bool, typer.Option("--tmux", help="One short line for a status bar.")] = False,
    is_json: Json = False,
) -> None:
    """What runs, waits and is supervised in this home, and the memory that it takes. Example: tui-optim status --json"""
    from tui_optim.runs.client import Client
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    home = open_home(is_read_only=True)
    client = Client(home)
    _look_after(client)
    catalogue = Catalogue(home)
    runs = catalogue.runs()
    if not is_tmux:
        tell_unread(catalogue.damaged)
    if is_json:
        print(json.dumps(_status_object(home, client, runs), indent=2))
    elif is_tmux:
        _print_short(runs)
    else:
        _print_status(home, client, runs)


def _look_after(client: "Client") -> None:
    """Bring the supervisor back where it has died with work left (a reboot, say), and say what keeps the work up."""
    try:
        if client.bring_back():
            print("tui-optim: the supervisor had ended with work left; a new one goes on with it", file=sys.stderr)
    except StoreError as error:
        print(f"tui-optim: {error}", file=sys.stderr)
    if problem := client.lack_of_space():
        print(f"tui-optim: {problem}", file=sys.stderr)


def _active(runs: "Sequence[StoredRun]") -> "list[StoredRun]":
    return [run for run in runs if run.status.state in ACTIVE]


def _counts(runs: "Sequence[StoredRun]") -> dict[str, int]:
    """How many runs are in each state."""
    return dict(Counter(run.status.state for run in runs))


def _status_object(home: "Home", client: "Client", runs: "Sequence[StoredRun]") -> dict[str, Any]:
    """The answer in JSON."""
    from tui_optim.runs.footprint import footprints
    from tui_optim.store.paces import read_paces

    return {
        "home": str(home.root),
        "supervisor": client.is_supervised(),
        "slots": client.slots(),
        "counts": _counts(runs),
        "active": [
            {
                "run_id": run.run_id,
                "state": run.status.state,
                "epoch": run.status.epoch,
                "epochs": run.status.epochs,
                "eta_s": run.status.eta_s,
                "reason": run.status.reason,
                "engine": run.info.executor.words,
            }
            for run in _active(runs)
        ],
        "processes": [asdict(one) for one in footprints(home)],
        "stacks": [{**asdict(pace), "gain": encode_number(pace.gain)} for pace in read_paces(home).values()],
    }


def _print_short(runs: "Sequence[StoredRun]") -> None:
    """Two running runs and the length of the queue, in a line."""
    from tui_optim.report.cells import plain_text

    running = [run for run in runs if run.status.state == "running"]
    parts = [f"{run.info.spec.preset} {run.status.epoch}/{run.status.epochs}" for run in running[:2]]
    num_queued = _counts(runs).get("queued")
    parts += [f"{num_queued} queued"] if num_queued else []
    print(plain_text(" · ".join(parts)) or "idle")


def _print_status(home: "Home", client: "Client", runs: "Sequence[StoredRun]") -> None:
    from tui_optim.report.cells import plain_text
    from tui_optim.runs.footprint import footprints
    from tui_optim.spec.executors import LOCAL
    from tui_optim.store.paces import read_paces

    print(plain_text(f"home {home.root}"))
    print(f"supervisor {'running' if client.is_supervised() else 'not running'}, {client.slots()} slot(s)")
    for one in footprints(home):
        print(f"  {one.summary}")
    for pace in read_paces(home).values():
        print(f"  {plain_text(pace.summary)}")
    print(", ".join(f"{count} {state}" for state, count in sorted(_counts(runs).items())) or "no runs yet")
    for run in _active(runs):
        eta = f", {run.status.eta_s:.0f} s left" if run.status.eta_s is not None else ""
        engine = "" if run.info.executor == LOCAL else f", {plain_text(run.info.executor.words)}"
        epochs = f"epoch {run.status.epoch} of {run.status.epochs}"
        reason = f": {plain_text(run.status.reason)}" if run.status.reason else ""
        print(f"  {plain_text(run.run_id)}  {run.status.state}, {epochs}{eta}{engine}{reason}")
