"""`fork` and what is told of forks: lineage in lists, tables and files, the command that repeats one, and refusals."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import keep_checkpoint, make_result, make_run, make_spec, write_log
from tui_optim.report.comparison import setting_key
from tui_optim.runs.client import Client
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Started
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.checkpoints import load_checkpoint
from tui_optim.store.eventlog import read_events
from tui_optim.store.home import open_home
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status, write_status


@pytest.fixture
def parent(home: Path, monkeypatch: pytest.MonkeyPatch) -> StoredRun:
    """Three epochs of the sample, with checkpoints of the second, which is the best, and of the last."""
    monkeypatch.setattr(Client, "ensure_supervisor", lambda _: False)
    run = make_run(open_home(home), make_spec(epochs=3, kind="sample"))
    for epoch in (1, 2, 3):
        keep_checkpoint(run, epoch, is_best=epoch == 2)
    return run


def finish(fork: StoredRun) -> None:
    """Let a fork come to its end as a worker would."""
    spec = fork.info.spec
    final = make_result(spec, spec.epochs, test_accuracy=0.9)
    write_log(fork.folder, [EpochEnded(result=final), Ended(state="finished", final=final)])
    write_status(fork.folder.status, Status(state="finished", epoch=spec.epochs, epochs=spec.epochs, final=final))


def test_a_fork_is_told_wherever_its_parent_would_be(call: Caller, home: Path, parent: StoredRun) -> None:
    """Queued with its parent's history and checkpoint; named in `show`, lists, comparison and files; whole without its parent."""
    answer = call("fork", "last", "adam", "--at", "best", "--set", "lr=0.002", "--epochs", "4", "--detach", "--json")
    told = json.loads(answer.out)
    assert (told["parent"], told["branch_step"]) == (parent.run_id, 20)
    fork = Catalogue(open_home(home)).read(told["queued"][0])
    branch, spec = fork.info.spec.parent, fork.info.spec
    assert branch is not None
    assert (branch.step, branch.epoch, branch.effective_epochs) == (20, 2, 2.0)
    assert (spec.optimizer, spec.seed, spec.data, fork.status.state) == ("adam", 42, parent.info.spec.data, "queued")
    assert (fork.status.epoch, fork.status.epochs, fork.status.step) == (2, 4, 20)
    events = [one.event for one in read_events(fork.folder.events)]
    assert [one.result.epoch for one in events if isinstance(one, EpochEnded)] == [0, 1, 2]
    assert isinstance(events[0], Started)
    assert events[-1] == CommandSeen(command="branch", step=20)
    kept = load_checkpoint(fork.folder.checkpoints)
    assert kept is not None
    assert (kept.content, kept.step) == (f"{parent.run_id} at epoch 2".encode(), 20)

    finish(fork)
    assert f"fork: {fork.run_id} from step 20 on: finished" in call("show", parent.run_id).out
    shown = call("show", fork.run_id).out
    assert f"forked from: {parent.run_id} at step 20, epoch 2 (sgd-baseline)" in shown
    command = f"tui-optim fork {parent.run_id} adam --at step=20 --epochs 4 --set lr=0.002"
    assert f"repeat with: {command}" in shown
    rows = json.loads(call("list", "runs", "--json").out)["runs"]
    assert [(row["parent"], row["branch_step"]) for row in rows] == [("", 0), (parent.run_id, 20)]
    (compared,) = [
        one for one in call("compare", "--format", "markdown").out.splitlines() if "adam" in one and "|" in one
    ]
    assert "adam ← sgd-baseline@2" in compared
    exported = list(csv.DictReader(io.StringIO(call("export", fork.run_id, "--format", "csv").out)))
    assert (exported[0]["parent"], exported[0]["branch_step"]) == (parent.run_id, "20")
    assert float(exported[0]["effective_epochs"]) == 4.0
    assert json.loads(call("show", fork.run_id, "--json").out)["runs"][0]["parent"]["run_id"] == parent.run_id

    assert call("delete", parent.run_id, "--yes").code == 0
    shown = call("show", fork.run_id).out
    assert "deleted since" in shown
    assert "cannot be repeated, for its parent is deleted" in shown
    again = call("fork", fork.run_id, "--at", "branch", "--epochs", "3", "--detach")
    assert again.code == 2
    assert "no checkpoint" in again.err  # what it began with, and the best one from before, are its parent's
    assert load_checkpoint(RunFolder(home / "runs" / fork.run_id).checkpoints) is not None


def test_an_unchanged_fork_is_its_parent_from_there_on_and_no_other_seed_of_it(
    call: Caller, home: Path, parent: StoredRun
) -> None:
    """It has the parent's values, whatever has become of its preset, and as many epochs again where the parent is at its end."""
    forked = call("fork", parent.run_id, "--detach").out.strip()
    spec = Catalogue(open_home(home)).read(forked).info.spec
    assert spec.model_copy(update={"parent": None, "epochs": 3}) == parent.info.spec
    assert spec.epochs == 6
    assert setting_key(spec) != setting_key(parent.info.spec.model_copy(update={"epochs": 6}))
    assert (parent.folder.checkpoints / "step-000030.pt").exists()


def test_what_cannot_be_forked_is_refused_with_a_sentence(call: Caller, home: Path, parent: StoredRun) -> None:
    """Nothing is queued; exit code 2."""
    bare = make_run(open_home(home), make_spec(seed=7))
    refusals = [
        (("fork", bare.run_id), f"{bare.run_id} is at its end and has no checkpoint"),
        (
            ("fork", parent.run_id, "--at", "7"),
            "has kept no checkpoint '7'; it has last (epoch 3, step 30), best (epoch 2",
        ),
        (("fork", parent.run_id, "--at", "step=x"), "last, best, an epoch or step=N"),
        (("fork", parent.run_id, "--epochs", "3"), "epochs = 3: 3 are over where this fork begins"),
        (("fork", parent.run_id, "adma"), "did you mean 'adam'"),
        (("fork", parent.run_id, "newton"), "newton"),
        (("fork", parent.run_id, "--set", "lrr=1"), "--set lrr: no such key here"),
        (("fork", "nonsense"), "unknown run 'nonsense'"),
    ]
    for words, sentence in refusals:
        answer = call(*words, "--detach")
        assert (answer.code, sentence in answer.err) == (2, True), (words, answer.err)
    last = parent.folder.checkpoints / "last.pt"
    last.write_bytes(last.read_bytes() + b"!")
    assert "damaged checkpoint" in call("fork", parent.run_id, "--detach").err
    assert len(Catalogue(open_home(home)).runs()) == 2
