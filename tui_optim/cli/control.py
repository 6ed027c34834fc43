"""`stop`, `pause` and `resume`: runs and sweeps are told."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.options import Json
from tui_optim.spec.errors import UsageError

if TYPE_CHECKING:
    from tui_optim.store.sweepfolder import SweepCommand

RunsOrSweeps = Annotated[
    list[str],
    typer.Argument(help="Id of a run or sweep, a part of it, or 'last' (run) and 'sweep' (sweep) for the newest."),
]


def stop(runs: RunsOrSweeps, is_json: Json = False) -> None:
    """End runs or sweeps at their next step; what they have is kept. Example: tui-optim stop last"""
    _tell("stop", runs, is_json=is_json)


def pause(runs: RunsOrSweeps, is_json: Json = False) -> None:
    """Keep a checkpoint and free the worker; a sweep pauses its trials. Example: tui-optim pause last"""
    _tell("pause", runs, is_json=is_json)


def resume(
    runs: RunsOrSweeps,
    is_failed_only: Annotated[
        bool, typer.Option("--failed", help="Of a sweep: try its failed and stopped trials again.")
    ] = False,
    is_json: Json = False,
) -> None:
    """Queue paused, stopped, interrupted or failed runs again, or go on with a sweep. Example: tui-optim resume last"""
    _tell("requeue" if is_failed_only else "resume", runs, is_json=is_json)


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
