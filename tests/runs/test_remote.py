"""What trains on a cluster's node, in this process: bytes in, events and checkpoints out."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.runs_for_tests import branch_at, make_run, numbers, sample_source, train_here
from tests.runs.lab import wait_until
from tests.spec.test_plugins import SIGN_SGD
from tui_optim.runs.executors.held_run import HeldRun
from tui_optim.runs.executors.remote import Training
from tui_optim.runs.executors.task import Failed, Files, Happening, Task
from tui_optim.runs.median_watch import Watches
from tui_optim.spec.commands import Order
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Evaluated, Started
from tui_optim.spec.forking import fork_run
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Film, Predictions
from tui_optim.spec.run import RunSpec
from tui_optim.store.files import FileLock
from tui_optim.store.home import open_home
from tui_optim.store.new_runs import create_run
from tui_optim.store.pictures import read_film, read_predictions


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
    spec = make_run(sample_source(), scenario="mlp-fashion", lr=0.05, epochs=2).model_copy(update={"threads": 1})
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
    """With the checkpoint of the first of two epochs only the second is trained, to the same end; so does an unchanged fork."""
    spec = make_run(sample_source(), scenario="mlp-fashion", lr=0.05, epochs=2).model_copy(update={"threads": 1})
    ended, listener = train_here(spec)
    checkpoint = listener.checkpoints[0]
    for run in (spec, fork_run(branch_at(spec, checkpoint))):
        training.start(task(run, checkpoint=checkpoint), files())
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


def test_it_tells_pictures_and_of_each_kind_the_latest(training: Training, tmp_path: Path) -> None:
    """A film before the last word, and what was told comes into the run folder of whoever asks."""
    run = make_run(generated_source("circles"), scenario="circles", optimizer="sgd-by-hand", batch_size=10, lr=0.1)
    training.start(task(run), {})
    heard = hear(training)
    films = [one for one in heard if isinstance(one, Film)]
    assert films[-1].frames[-1].epoch == 1
    training.show(films[0])
    training.show(films[-1])
    assert training.news(None) == [films[-1]]
    assert training.wants_picture()

    training.start(task(make_run(sample_source(), lr=0.05)), files())
    (predictions,) = (one for one in hear(training) if isinstance(one, Predictions))
    home = open_home(tmp_path)
    folder = create_run(home, run, versions={})
    held = HeldRun(folder, FileLock(folder.lock), threads=1, watches=Watches(home))
    held.begin()
    pictures: list[Happening] = [*films, predictions]
    for picture in pictures:
        assert held.record(picture, where="there") is None
    held.close()
    film = read_film(folder)
    assert film is not None
    assert film.frames[-1].weights == films[-1].frames[-1].weights
    assert read_predictions(folder) == replace(predictions, indices=())


def test_a_better_checkpoint_outlives_a_later_one(training: Training) -> None:
    """Of checkpoints that nobody has fetched, those that stay, the best so far and the last are kept."""
    told = [
        Kept(content=b"1", step=1, epoch=0, is_best=True),
        Kept(content=b"2", step=2, epoch=0, stays=True),
        Kept(content=b"3", step=3, epoch=1, is_best=True),
        Kept(content=b"4", step=4, epoch=1),
        Kept(content=b"5", step=5, epoch=1),
    ]
    for kept in told:
        training.keep(kept)
    assert training.news(None) == [told[1], told[2], told[4]]


def test_orders_reach_a_run_elsewhere_and_come_back_as_events(training: Training) -> None:
    """Told to halve its rate and to evaluate, it does both; a later attempt is told what it has to do again."""
    spec = make_run(sample_source(), scenario="mlp-fashion", lr=0.05, epochs=3).model_copy(update={"threads": 1})
    training.start(task(spec), files())
    orders = (Order(command="rate", value=0.5), Order(command="evaluate"))
    heard = training.news(None, orders)
    heard += hear(training)
    commands = tuple(event for event in heard if isinstance(event, CommandSeen))

    training.start(replace(task(spec), commands=commands), files())
    again = hear(training)

    assert [one.command for one in commands] == ["rate", "evaluate"]
    assert sum(isinstance(event, Evaluated) for event in heard) == 1
    last, repeated = heard[-1], again[-1]
    assert isinstance(last, Ended)
    assert isinstance(repeated, Ended)
    assert last.final is not None
    assert repeated.final is not None
    assert numbers(last.final) == numbers(repeated.final)
    assert last.final.lr == 0.025
