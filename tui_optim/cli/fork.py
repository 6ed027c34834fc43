"""`fork`: go on from a checkpoint of a run, with another optimizer, rate or schedule."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_optim.cli.options import Json, Plugin, parse_settings, whole_number

EXAMPLE = """Go on from a checkpoint of a run as another run, with another preset, rate or schedule, or as it was.

Example: tui-optim fork last adam --at best --set lr=0.001 --epochs 20

The parent is not touched, and may be deleted. Scenario, data, seed, device and threads are its own.
"""


def fork(
    run: Annotated[str, typer.Argument(help="Id of the parent, a part of it, or 'last' for the newest run.")],
    preset: Annotated[str | None, typer.Argument(help="Preset id; the parent's own values without one.")] = None,
    preset_file: Annotated[Path | None, typer.Option(help="A preset in a file of its own.")] = None,
    plugin: Plugin = None,
    at: Annotated[
        str,
        typer.Option(help="Where it begins: last, best, an epoch, or step=N; `tui-optim show RUN` lists what is kept."),
    ] = "last",
    epochs: Annotated[
        int | None,
        typer.Option(
            parser=whole_number,
            metavar="N",
            help="Epochs in all, the parent's included; by default the parent's, or as many again where that is at its end.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="key=value over the preset: lr, batch_size, schedule.kind, …; repeatable."),
    ] = None,
    is_detached: Annotated[bool, typer.Option("--detach", help="Queue the run, print its id and leave.")] = False,
    is_plain: Annotated[bool, typer.Option("--plain", help="Plain lines even on a terminal.")] = False,
    is_json: Json = False,
) -> None:
    from tui_optim.cli.follow import follow
    from tui_optim.cli.rerun import tell_verdicts
    from tui_optim.lab import Lab
    from tui_optim.report.cells import plain_text
    from tui_optim.report.runobject import runs_object
    from tui_optim.spec.errors import UsageError

    if preset is not None and preset_file is not None:
        raise UsageError("a fork has one preset: name it, or give its file with --preset-file")
    lab = Lab(plugins=plugin or [])
    forks = lab.fork(
        run,
        preset_file or preset,
        at=at,
        epochs=epochs,
        settings=parse_settings(settings or []),
        is_waiting=False,
    )
    branch = forks[0].info.spec.parent
    assert branch is not None, "a fork has a parent"
    if is_detached:
        body = {"queued": list(forks.ids), "parent": branch.run_id, "branch_step": branch.step}
        print(json.dumps(body) if is_json else forks.ids[0])
        return
    text = f"{forks.ids[0]} goes on from {branch.run_id} at step {branch.step:,} (epoch {branch.effective_epochs:.4g})"
    print(plain_text(text), file=sys.stderr if is_json else sys.stdout)
    runs = follow(lab.home, lab.client, list(forks.ids), is_plain=is_plain or is_json, is_quiet=is_json)
    if is_json:
        print(json.dumps(runs_object(runs), indent=2))
    tell_verdicts(runs)
    raise typer.Exit(0 if all(one.status.state == "finished" for one in runs) else 1)


fork.__doc__ = EXAMPLE
