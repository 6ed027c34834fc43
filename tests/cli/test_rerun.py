"""`show` and `rerun` on a run that died: why, and the suggested run, queued; what has none is refused with a sentence."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_run
from tests.ui.stage import write_death
from tui_optim.runs.client import Client
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.home import open_home


def test_a_death_is_told_and_mended(call: Caller, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence with its figures, the same in JSON, and the run that is queued with what it changes."""
    monkeypatch.setattr(Client, "ensure_supervisor", lambda _: False)
    opened = open_home(home)
    run = write_death(opened)
    shown = call("show", "last").out
    assert "why: The learning rate is too large: at 0.05" in shown
    assert "  last finite rate: 0.05\n" in shown
    assert f"tui-optim rerun {run.run_id}: lr=0.005 instead of 0.05 (its beginning was tried and lived)" in shown
    told = json.loads(call("show", "last", "--json").out)["runs"][0]["verdict"]
    assert (told["cause"], told["changes"], told["was_tried"]) == ("rate", {"lr": 0.005}, True)
    answer = call("rerun", run.run_id, "--detach")
    assert answer.code == 0
    assert f"{run.run_id} again, with lr=0.005 instead of 0.05" in answer.out
    queued = Catalogue(opened).runs()[-1]
    assert (queued.status.state, queued.info.spec.hyperparameters["lr"]) == ("queued", 0.005)


def test_a_healthy_run_is_not_run_again(call: Caller, home: Path) -> None:
    """Nothing is started; the sentence says why."""
    run = make_run(open_home(home))
    answer = call("rerun", "last")
    assert answer.code == 2
    assert (
        f"{run.run_id} is finished, and its figures are those of a healthy run; no other run is suggested" in answer.err
    )
    assert call("rerun", "nonsense").code == 2
    assert json.loads(call("show", "last", "--json").out)["runs"][0]["verdict"] is None
