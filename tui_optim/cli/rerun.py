"""`rerun`: start what the verdict of a run suggests; and verdicts told where runs have ended."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.options import Json

if TYPE_CHECKING:
    from tui_optim.store.catalogue import StoredRun

RunName = Annotated[str, typer.Argument(help="Id of a run, a part of it, or 'last' for the newest.")]


def rerun(
    run: RunName,
    is_detached: Annotated[bool, typer.Option("--detach", help="Queue the run, print its id and leave.")] = False,
    is_plain: Annotated[bool, typer.Option("--plain", help="Plain lines even on a terminal.")] = False,
    is_json: Json = False,
) -> None:
    """Train a run again with what its verdict suggests, and say what that changes. Example: tui-optim rerun last"""
    from tui_optim.cli.follow import follow
    from tui_optim.report.cells import plain_text
    from tui_optim.report.runobject import runs_object
    from tui_optim.report.series import load_results
    from tui_optim.report.verdict import suggested_run, suggestion_text, verdict_of
    from tui_optim.runs.client import Client
    from tui_optim.spec.errors import UsageError
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home
    from tui_optim.store.sweepnames import names_sweep

    home = open_home()
    if names_sweep(home, run, takes_scenarios=False):
        raise UsageError(f"{run!r} is a sweep: rerun is for runs; `tui-optim list runs` has their ids")
    stored, client = Catalogue(home).find(run), Client(home)
    verdict = verdict_of(stored, load_results(stored.folder))
    spec = suggested_run(stored, verdict)
    assert verdict is not None
    run_ids = client.submit([spec], executor=stored.info.executor)
    text = suggestion_text(stored.info.spec, verdict)
    print(plain_text(f"{run_ids[0]}: {stored.run_id} again, with {text}"), file=sys.stderr if is_json else sys.stdout)
    if is_detached:
        if is_json:
            print(json.dumps({"queued": run_ids, "changes": verdict.to_json()["changes"]}))
        return
    runs = follow(home, client, run_ids, is_plain=is_plain or is_json, is_quiet=is_json)
    if is_json:
        print(json.dumps(runs_object(runs), indent=2))
    tell_verdicts(runs)
    raise typer.Exit(0 if all(one.status.state == "finished" for one in runs) else 1)


def tell_verdicts(runs: "Sequence[StoredRun]") -> None:
    """Why runs diverged, and what may be tried, a line for each of them."""
    from tui_optim.report.cells import plain_text
    from tui_optim.report.series import load_results
    from tui_optim.report.verdict import suggestion_text, verdict_of

    for run in runs:
        verdict = verdict_of(run, load_results(run.folder)) if run.status.state == "diverged" else None
        if verdict is not None:
            spec = run.info.spec
            again = f" tui-optim rerun {run.run_id}: {suggestion_text(spec, verdict)}" if verdict.has_suggestion else ""
            print(plain_text(f"tui-optim: {run.run_id}: {verdict.sentence}{again}"), file=sys.stderr)
