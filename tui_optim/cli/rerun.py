"""`rerun`: start what the verdict of a run suggests."""

import json
import sys

from tui_optim.cli.options import DetachOne, Json, Plain, RunName


def rerun(
    run: RunName,
    is_detached: DetachOne = False,
    is_plain: Plain = False,
    is_json: Json = False,
) -> None:
    """Train a run again with what its verdict suggests, and say what that changes. Example: tui-optim rerun last"""
    from tui_optim.cli.ends import follow_to_end
    from tui_optim.report.cells import plain_text
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
    follow_to_end(home, client, run_ids, is_plain=is_plain, is_json=is_json)
