"""`fork`: go on from a checkpoint of a run, with another optimizer, rate or schedule."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_optim.cli.options import DetachOne, Json, Plain, Plugin, Settings, parse_settings, whole_number

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
    settings: Settings = None,
    is_detached: DetachOne = False,
    is_plain: Plain = False,
    is_json: Json = False,
) -> None:
    from tui_optim.cli.ends import follow_to_end
    from tui_optim.lab import Lab
    from tui_optim.report.cells import plain_text
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
    follow_to_end(lab.home, lab.client, list(forks.ids), is_plain=is_plain, is_json=is_json)


fork.__doc__ = EXAMPLE
