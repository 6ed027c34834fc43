"""`clean`: what the home takes on disk, and away with the checkpoints that nothing needs."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from tui_optim.cli.asking import Sure, ask
from tui_optim.cli.opening import has_terminal
from tui_optim.cli.options import Json
from tui_optim.spec.errors import UsageError


def clean(
    is_dry: Annotated[
        bool, typer.Option("--dry-run", help="Say what takes room and what would go, and leave.")
    ] = False,
    keeps_best: Annotated[
        bool, typer.Option("--keep-best", help="Leave the checkpoint of each run's lowest validation loss.")
    ] = False,
    is_sure: Sure = False,
    is_json: Json = False,
) -> None:
    """Say what takes room, and remove the checkpoints of runs at their end. Example: tui-optim clean --dry-run

    Runs that can go on keep theirs, and logs and results stay; runs at their end can then no longer be extended or forked.
    """
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.cells import plain_text
    from tui_optim.report.disk_table import cleaned_words, disk_table, loses, size_text
    from tui_optim.runs.cleaning import clean as remove
    from tui_optim.runs.cleaning import cleaning
    from tui_optim.store.disk import disk_use
    from tui_optim.store.home import open_home

    home = open_home(is_read_only=is_dry)
    use, removable = disk_use(home), cleaning(home, keeps_best=keeps_best)
    body = {"home": str(home.root), "bytes": asdict(use), "removable": asdict(removable), "removed": None}
    if not is_json:
        print(plain_text(f"home {home.root}"))
        print_table(disk_table(use, removable))
    if is_dry or not removable.num_files:
        if is_json:
            print(json.dumps(body, indent=2))
        return
    words = f"{cleaned_words(removable)} ({size_text(removable.freed_bytes)})"
    if not is_sure and not has_terminal():
        raise UsageError(f"clean asks before it removes {words}: in a script say --yes")
    question = f"Remove {words}? {loses(keeps_best=keeps_best)} [y/N] "
    if not is_sure and ask(question).lower() not in ("y", "yes"):
        print("tui-optim: nothing was removed", file=sys.stderr)
        return
    removed = remove(home, keeps_best=keeps_best)
    if is_json:
        print(json.dumps({**body, "removed": asdict(removed)}, indent=2))
    else:
        print(f"removed {cleaned_words(removed)}: {size_text(removed.freed_bytes)}")
