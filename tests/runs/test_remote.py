"""What trains on a cluster's node, in this process: bytes in, events and checkpoints out."""

from dataclasses import replace

import pytest

from tests.engine.runs_for_tests import make_run, numbers, sample_source, train_here
from tests.runs.lab import wait_until
from tests.spec.test_plugins import SIGN_SGD
from tui_optim.runs.executors.remote import Training
from tui_optim.runs.executors.task import Failed, Files, Happening, Kept, Task
from tui_optim.spec.events import Ended, EpochEnded, Started
from tui_optim.spec.run import RunSpec


@pytest.fixture(scope="module")
def training() -> Training:
    """A warm one."""
    return Training()


def task(spec: RunSpec, *, checkpoint: bytes | None = None) -> Task:
    """A run whose data files are somewhere else."""
    return Task(spec=spec, threads=1, plugin=None, checkpoint=checkpoint, log="worker.log")


def files() -> Files:
    """The sample, as it travels."""
    return {role: (path.name, path.read_bytes()) for role, path in sample_source().files.items()}


def hear(training: Training) -> list[Happening]:
    """Everything until the run's end."""
    heard: list[Happening] = []

    def has_ended() -> bool:
        heard.extend(training.news(None))
        return bool(heard) and isinstance(heard[-1], Ended | Failed)

    wait_until(has_ended, "the run never ended")
    return heard


def test_it_tells_what_a_run_here_would_tell(training: Training) -> None:
    """Events and their figures are those of the engine in the same process; the latest checkpoint comes with them."""
    spec = make_run(sample_source(), lr=0.05, epochs=2).model_copy(update={"threads": 1})
    ended, listener = train_here(spec)
    training.start(task(spec), files())
    heard = hear(training)

    results = [event.result for event in heard if isinstance(event, EpochEnded)]
    assert [numbers(result) for result in results] == [numbers(result) for result in listener.epochs]
    last = heard[-1]
    assert isinstance(last, Ended)
    assert last.final is not None
    assert ended.final is not None
    assert numbers(last.final) == numbers(ended.final)
    assert any(isinstance(one, Kept) for one in heard)


def test_it_goes_on_from_a_checkpoint(training: Training) -> None:
    """With the checkpoint of the first of two epochs only the second is trained, to the same end."""
    spec = make_run(sample_source(), lr=0.05, epochs=2).model_copy(update={"threads": 1})
    ended, listener = train_here(spec)
    training.start(task(spec, checkpoint=listener.checkpoints[0]), files())
    heard = hear(training)

    (started,) = (event for event in heard if isinstance(event, Started))
    assert started.from_step == started.steps_per_epoch
    last = heard[-1]
    assert isinstance(last, Ended)
    assert last.final is not None
    assert ended.final is not None
    assert numbers(last.final) == numbers(ended.final)


def test_it_stops_when_it_is_told(training: Training) -> None:
    """What somebody wants comes with a question; the run ends at its next bin, with a checkpoint before the last word."""
    training.start(task(make_run(sample_source(), lr=0.05, epochs=200)), files())
    heard: list[Happening] = []

    def has_stopped() -> bool:
        heard.extend(training.news(("stopped", "enough")))
        return bool(heard) and isinstance(heard[-1], Ended)

    wait_until(has_stopped, "it never stopped")
    last = heard[-1]
    assert isinstance(last, Ended)
    assert (last.state, last.reason) == ("stopped", "enough")
    assert any(isinstance(one, Kept) for one in heard)


def test_damaged_files_fail_the_run(training: Training) -> None:
    """Content that is not the published one is never trained on, wherever it was damaged."""
    spec = make_run(sample_source(), lr=0.05, seed=7, holdout=True)
    damaged = files()
    name, content = damaged["train-labels"]
    damaged["train-labels"] = (name, content[:-100])
    training.start(task(spec), damaged)
    (failed,) = hear(training)
    assert isinstance(failed, Failed)
    assert name in failed.reason


def test_a_users_optimizer_that_fails_is_named_by_the_users_file(training: Training) -> None:
    """The sentence has the path on the machine that the run was queued on, not that of the copy here."""
    broken = SIGN_SGD.split("def build")[0] + "def build(model, hyperparameters):\n    return None\n"
    values = {"optimizer": "sign-sgd", "optimizer_origin": "/home/me/own.py", "hyperparameters": {"lr": 0.1}}
    spec = make_run(sample_source()).model_copy(update=values)
    training.start(replace(task(spec), plugin=broken), files())
    (failed,) = hear(training)
    assert isinstance(failed, Failed)
    assert failed.reason.startswith("plugin /home/me/own.py: build returned None; expected")


def test_a_better_checkpoint_outlives_a_later_one(training: Training) -> None:
    """Of checkpoints that nobody has fetched, the best so far and the last are kept."""
    training.keep(b"1", is_best=True)
    training.keep(b"2", is_best=True)
    training.keep(b"3", is_best=False)
    training.keep(b"4", is_best=False)
    assert training.news(None) == [Kept(content=b"2", is_best=True), Kept(content=b"4", is_best=False)]
