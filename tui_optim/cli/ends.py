"""The ends of runs that a command has started: it waits for them, says what came of them and leaves."""

import json
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from tui_optim.cli.follow import follow
from tui_optim.report.cells import plain_text
from tui_optim.report.runobject import runs_object
from tui_optim.report.series import load_results
from tui_optim.report.verdict import suggestion_text, verdict_of
from tui_optim.runs.client import Client
from tui_optim.spec.events import AT_THEIR_END
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home


def follow_to_end(
    home: Home, client: Client, run_ids: list[str], *, is_plain: bool, is_json: bool, is_compared: bool = False
) -> NoReturn:
    """Follow runs until they end, print their results, and leave: with 0 where all of them have finished, else with 1."""
    runs = follow(home, client, run_ids, is_plain=is_plain or is_json, is_quiet=is_json)
    if is_json:
        print(json.dumps(runs_object(runs), indent=2))
    elif is_compared and any(stored.status.state in AT_THEIR_END for stored in runs):
        _print_comparison(runs)
    _tell_verdicts(runs)
    raise typer.Exit(0 if all(stored.status.state == "finished" for stored in runs) else 1)


def _print_comparison(runs: Sequence[StoredRun]) -> None:
    from tui_optim.cli.comparisons import comparison_of
    from tui_optim.report.formats import markdown_text

    print(markdown_text(comparison_of(runs)), end="")


def _tell_verdicts(runs: Sequence[StoredRun]) -> None:
    """Why runs diverged, and what may be tried, a line for each of them."""
    for run in runs:
        verdict = verdict_of(run, load_results(run.folder)) if run.status.state == "diverged" else None
        if verdict is not None:
            spec = run.info.spec
            again = f" tui-optim rerun {run.run_id}: {suggestion_text(spec, verdict)}" if verdict.has_suggestion else ""
            print(plain_text(f"tui-optim: {run.run_id}: {verdict.sentence}{again}"), file=sys.stderr)
