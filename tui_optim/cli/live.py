"""`evaluate`, `checkpoint`, `xray`, `rate`, `extend` and `kill`: telling a run something while it trains."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.options import Json, RunName, RunNames
from tui_optim.spec.errors import UsageError

if TYPE_CHECKING:
    from tui_optim.spec.commands import Command


def evaluate(runs: RunNames, is_json: Json = False) -> None:
    """Evaluate runs now, as at the end of an epoch; training does not feel it. Example: tui-optim evaluate last"""
    _order("evaluate", runs, is_json=is_json)


def checkpoint(runs: RunNames, is_json: Json = False) -> None:
    """Keep a checkpoint of runs now. Example: tui-optim checkpoint last"""
    _order("checkpoint", runs, is_json=is_json)


def xray(runs: RunNames, is_json: Json = False) -> None:
    """X-ray runs at their next step; `show` has the figures. Training does not feel it. Example: tui-optim xray last"""
    _order("xray", runs, is_json=is_json)


def rate(
    run: RunName,
    factor: Annotated[float, typer.Argument(help="What to multiply the learning rate by, for example 0.5 or 2.")],
    is_json: Json = False,
) -> None:
    """Multiply a run's learning rate from its next bin of steps on, on top of its schedule. Example: tui-optim rate last 0.5"""
    _order("rate", [run], value=factor, is_json=is_json)


def extend(
    run: RunName,
    epochs: Annotated[int, typer.Argument(help="How many epochs more.")],
    is_json: Json = False,
) -> None:
    """Give a run more epochs; one that has finished goes on from its end. Example: tui-optim extend last 5"""
    _order("extend", [run], value=epochs, is_json=is_json)


def kill(runs: RunNames, is_json: Json = False) -> None:
    """End the processes of runs at once; they can be resumed from their last checkpoints. Example: tui-optim kill last"""
    _order("kill", runs, is_json=is_json)


def _order(command: "Command", names: list[str], *, value: float | None = None, is_json: bool) -> None:
    from tui_optim.runs.client import Client
    from tui_optim.spec.commands import Order, about_extension, check_factor
    from tui_optim.spec.stacking import about_command
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home
    from tui_optim.store.sweepnames import names_sweep

    if command == "rate":
        check_factor(value)
    home = open_home()
    client, catalogue = Client(home), Catalogue(home)
    if sweeps := [name for name in names if names_sweep(home, name)]:
        raise UsageError(f"{sweeps[0]!r} is a sweep: {command} is for runs; `tui-optim list runs` has their ids")
    found = [catalogue.find(name) for name in names]
    runs = [run.run_id for run in found]
    for run_id in runs:
        client.order(run_id, Order(command=command, value=value))
    held = f"; {about}" if (about := about_extension(found[0].info.spec)) else ""
    told = {
        "evaluate": "told to evaluate at its next bin of steps",
        "checkpoint": "told to keep a checkpoint",
        "xray": "X-rayed at its next step; `tui-optim show` has the figures",
        "rate": f"told to multiply its rate by {value or 0:g}",
        "extend": f"goes on for {value or 0:g} more epoch{'' if value == 1 else 's'}{held}",
        "kill": "its process is ended",
    }
    body = {"runs": runs, "command": command} | ({} if value is None else {"value": value})
    if is_json:
        print(json.dumps(body))
        return
    for run in found:
        about = about_command(command, run.info.spec, run.info.executor, state=run.status.state)
        print(f"{run.run_id}  {told[command]}{f'; {about}' if about else ''}")
