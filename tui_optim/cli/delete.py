"""`delete`: runs go for good, once their name has been typed."""

import json
from typing import Annotated

import typer

from tui_optim.cli.asking import Sure, ask
from tui_optim.cli.opening import has_terminal
from tui_optim.cli.options import Json
from tui_optim.spec.errors import UsageError


def delete(
    runs: Annotated[list[str], typer.Argument(help="Ids of runs, parts that only one run has, names, or 'last'.")],
    is_sure: Sure = False,
    is_json: Json = False,
) -> None:
    """Delete runs with their logs, results and checkpoints, for good. Example: tui-optim delete last"""
    from tui_optim.report.cells import plain_text
    from tui_optim.report.run_names import deletion_phrase, is_phrase
    from tui_optim.runs.client import Client
    from tui_optim.runs.deletion import why_not
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    home = open_home()
    catalogue = Catalogue(home)
    found = list({run.run_id: run for run in map(catalogue.find, runs)}.values())
    for run in found:
        if refusal := why_not(home, run.run_id):
            raise UsageError(refusal)
    ids = [run.run_id for run in found]
    if not is_sure:
        phrase = plain_text(deletion_phrase(found))
        if not has_terminal():
            raise UsageError(f"delete asks before it deletes {', '.join(ids[:4])}: in a script say --yes")
        print("\n".join(ids))
        if not is_phrase(ask(f"Logs, results and checkpoints go for good. Type {phrase} to delete: "), found):
            raise UsageError(f"that is not {phrase!r}: nothing is deleted")
    Client(home).delete(ids)
    print(json.dumps({"deleted": ids}) if is_json else "\n".join(f"{run_id}  deleted" for run_id in ids))
