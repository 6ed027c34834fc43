"""`stop`, `pause`, `resume` and `status`."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.left_out import tell_unread
from tui_optim.cli.options import Json
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.results import encode_number

if TYPE_CHECKING:
    from tui_optim.runs.client import Client
    from tui_optim.store.sweepfolder import SweepCommand

RunNames = Annotated[
    list[str],
    typer.Argument(help="Id of a run or sweep, a part of it, or 'last' (run) and 'sweep' (sweep) for the newest."),
]


def stop(runs: RunNames, is_json: Json = False) -> None:
    """End runs or sweeps at their next step; what they have is kept. Example: tui-optim stop last"""
    _tell("stop", runs, is_json=is_json)


def pause(runs: RunNames, is_json: Json = False) -> None:
    """Keep a checkpoint and free the worker; a sweep pauses its trials. Example: tui-optim pause last"""
    _tell("pause", runs, is_json=is_json)


def resume(
    runs: RunNames,
    is_failed_only: Annotated[
        bool, typer.Option("--failed", help="Of a sweep: try its failed and stopped trials again.")
    ] = False,
    is_json: Json = False,
) -> None:
    """Queue paused, stopped, interrupted or failed runs again, or go on with a sweep. Example: tui-optim resume last"""
    _tell("requeue" if is_failed_only else "resume", runs, is_json=is_json)


def status(
    is_tmux: Annotated[bool, typer.Option("--tmux", help="One short line for a status bar.")] = False,
    is_json: Json = False,
) -> None:
    """What runs, waits and is supervised in this home, and the memory that it takes. Example: tui-optim status --json"""
    from tui_optim.report.cells import plain_text
    from tui_optim.runs.client import Client
    from tui_optim.runs.footprint import footprints
    from tui_optim.spec.executors import LOCAL
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home
    from tui_optim.store.paces import read_paces

    home = open_home(is_read_only=True)
    client = Client(home)
    _look_after(client)
    catalogue = Catalogue(home)
    runs = catalogue.runs()
    active = [run for run in runs if run.status.state in ("running", "queued", "paused", "interrupted")]
    counts: dict[str, int] = {}
    for run in runs:
        counts[run.status.state] = counts.get(run.status.state, 0) + 1
    if not is_tmux:
        tell_unread(catalogue.damaged)
    if is_json:
        body = {
            "home": str(home.root),
            "supervisor": client.is_supervised(),
            "slots": client.slots(),
            "counts": counts,
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
                for run in active
            ],
            "processes": [asdict(one) for one in footprints(home)],
            "stacks": [{**asdict(pace), "gain": encode_number(pace.gain)} for pace in read_paces(home).values()],
        }
        print(json.dumps(body, indent=2))
        return
    if is_tmux:
        running = [run for run in active if run.status.state == "running"]
        parts = [f"{run.info.spec.preset} {run.status.epoch}/{run.status.epochs}" for run in running[:2]]
        parts += [f"{counts['queued']} queued"] if counts.get("queued") else []
        print(plain_text(" · ".join(parts)) or "idle")
        return
    print(plain_text(f"home {home.root}"))
    print(f"supervisor {'running' if client.is_supervised() else 'not running'}, {client.slots()} slot(s)")
    for one in footprints(home):
        print(f"  {one.role} {one.pid}: {one.own_mib:.0f} MiB of its own, {one.resident_mib:.0f} MiB with shared pages")
    for pace in read_paces(home).values():
        print(f"  {plain_text(pace.summary)}")
    print(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no runs yet")
    for run in active:
        eta = f", {run.status.eta_s:.0f} s left" if run.status.eta_s is not None else ""
        engine = "" if run.info.executor == LOCAL else f", {plain_text(run.info.executor.words)}"
        epochs = f"epoch {run.status.epoch} of {run.status.epochs}"
        reason = f": {plain_text(run.status.reason)}" if run.status.reason else ""
        print(f"  {plain_text(run.run_id)}  {run.status.state}, {epochs}{eta}{engine}{reason}")


def _look_after(client: "Client") -> None:
    """Bring the supervisor back where it has died with work left (a reboot, say), and say what keeps the work up."""
    try:
        if client.bring_back():
            print("tui-optim: the supervisor had ended with work left; a new one goes on with it", file=sys.stderr)
    except StoreError as error:
        print(f"tui-optim: {error}", file=sys.stderr)
    if problem := client.lack_of_space():
        print(f"tui-optim: {problem}", file=sys.stderr)


def _tell(command: "SweepCommand", names: list[str], *, is_json: bool) -> None:
    from tui_optim.runs.client import Client
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home
    from tui_optim.store.sweepnames import find_sweep, names_sweep

    home = open_home()
    client, catalogue = Client(home), Catalogue(home)
    of_sweeps = [name for name in names if names_sweep(home, name, takes_scenarios=False)]
    sweeps = [find_sweep(home, name).sweep_id for name in of_sweeps]
    runs = [catalogue.find(name).run_id for name in names if name not in of_sweeps]
    if runs and command == "requeue":
        raise UsageError(f"--failed is for sweeps: {runs[0]} is a run; leave it out")
    act = {"stop": client.stop, "pause": client.pause, "resume": client.resume}
    ids: list[str] = []
    problems: list[str] = []
    for one in (*sweeps, *runs):
        try:
            if one in sweeps:
                client.tell_sweep(one, command)
            else:
                act[command](one)
        except UsageError as problem:  # the others are told all the same
            problems.append(str(problem))
        else:
            ids.append(one)
    sent = {
        "stop": "told to stop",
        "pause": "told to pause",
        "resume": "goes on",
        "requeue": "tries failed trials again",
    }
    if is_json:
        print(json.dumps({"runs": ids, "command": command}))
    for one in () if is_json else ids:
        print(f"{one}  {sent[command]}")
    if problems:
        raise UsageError("; ".join(problems))
