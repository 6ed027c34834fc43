"""Recording runs whose epochs come a thousand a second."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_preset, make_result, make_spec, make_started
from tui_optim.runs import recorder as recorder_module
from tui_optim.runs.attempt import rewind
from tui_optim.runs.recorder import Recorder
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.events import Ended, EpochEnded, Notice, Rewound
from tui_optim.spec.pictures import Picture
from tui_optim.spec.run import resolve_run
from tui_optim.store.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from tui_optim.store.eventlog import read_events
from tui_optim.store.home import Home, open_home
from tui_optim.store.new_runs import create_run
from tui_optim.store.pictures import read_film, write_picture
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status, write_status


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def test_the_status_follows_epochs_without_haste(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 500 epochs in no time the log has all, the status file few, and at the end the last."""
    spec = make_spec("quadratic-f1", epochs=500)
    folder = create_run(home, spec, versions={})
    written: list[int] = []

    def counted(path: Path, status: Status) -> None:
        written.append(status.epoch)
        write_status(path, status)

    monkeypatch.setattr(recorder_module, "write_status", counted)
    recorder = Recorder(folder, folder.read_status(), attempt=1)
    recorder.emit(make_started(spec))
    began = time.monotonic()
    for epoch in range(501):
        recorder.emit(EpochEnded(result=make_result(spec, epoch)))
    took_s = time.monotonic() - began
    recorder.emit(Ended(state="finished", final=make_result(spec, 500)))
    recorder.close()

    assert len(written) <= 2 + 1 + took_s / recorder_module.EPOCH_STATUS_EVERY_S
    assert folder.read_status().epoch == 500
    assert sum(isinstance(record.event, EpochEnded) for record in read_events(folder.events)) == 501


def test_an_attempt_that_begins_at_the_end_says_how_far_the_run_has_come(home: Home) -> None:
    """Its worker died after the last epoch, of which the status did not know yet: the end is all that comes after."""
    spec = make_spec("quadratic-f1", epochs=500)
    folder = create_run(home, spec, versions={})
    write_status(folder.status, replace(folder.read_status(), epoch=320, step=320, effective_epochs=320.0))
    recorder = Recorder(folder, folder.read_status(), attempt=2)
    recorder.emit(replace(make_started(spec), from_step=make_result(spec, 500).step))
    recorder.emit(Ended(state="finished", final=make_result(spec, 500)))
    recorder.close()

    status = folder.read_status()
    assert (status.epoch, status.step, status.effective_epochs) == (500, make_result(spec, 500).step, 500.0)


def test_checkpoints_come_no_faster_than_they_are_worth(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that trains 300 epochs of one step keeps a checkpoint every half second, and that of the last epoch."""
    from tui_optim.engine.checkpoint import from_bytes
    from tui_optim.runs.worker import KEEP_EVERY_S, Worker

    spec = resolve_run(
        "quadratic-f1", make_preset(), data=generated_source("one-function"), epochs=300, device="cpu", threads=1
    )
    folder = create_run(home, spec, versions={})
    num_kept = 0

    def counted(path: Path, checkpoint: Checkpoint, **options: bool) -> None:
        nonlocal num_kept
        num_kept += 1
        save_checkpoint(path, checkpoint, **options)

    monkeypatch.setattr(recorder_module, "save_checkpoint", counted)
    began = time.monotonic()

    assert Worker(home).take(folder.path.name, threads=1) == "finished"

    assert 1 <= num_kept <= 1 + (time.monotonic() - began) / KEEP_EVERY_S
    checkpoint = load_checkpoint(folder.checkpoints)
    assert checkpoint is not None
    assert from_bytes(checkpoint.content)["num_epochs"] == 300


def test_a_worker_leaves_a_film_that_is_replaced_at_intervals(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 60 epochs on circles few films are written, at the end that of the last epoch; the log knows nothing of them."""
    from tui_optim.runs.worker import PICTURE_EVERY_S, Worker

    preset = make_preset("sgd-by-hand", optimizer="sgd-by-hand", hyperparameters={"lr": 0.1})
    spec = resolve_run("circles", preset, data=generated_source("circles"), epochs=60, device="cpu", threads=1)
    folder = create_run(home, spec, versions={})
    num_written = 0

    def counted(folder: RunFolder, picture: Picture) -> None:
        nonlocal num_written
        num_written += 1
        write_picture(folder, picture)

    monkeypatch.setattr(recorder_module, "write_picture", counted)
    began = time.monotonic()

    assert Worker(home).take(folder.path.name, threads=1) == "finished"

    assert 1 <= num_written <= 2 + (time.monotonic() - began) / PICTURE_EVERY_S
    film = read_film(folder)
    assert film is not None
    assert (film.frames[0].epoch, film.frames[-1].epoch) == (0, 60)
    assert folder.film.stat().st_size < 40_000
    assert b"weights" not in folder.events.read_bytes()


def test_a_run_that_loads_its_data_is_running(home: Home) -> None:
    """It has an owner from the moment on that a worker has it, long before its first event."""
    folder = create_run(home, make_spec("quadratic-f1"), versions={})
    recorder = Recorder(folder, folder.read_status(), attempt=1)
    recorder.begin()
    recorder.close()
    status = folder.read_status()
    assert (status.state, status.attempt) == ("running", 1)
    assert status.owner is not None


def test_a_run_whose_last_checkpoint_cannot_be_read_says_where_it_goes_on(home: Home) -> None:
    """From the one before: what came after it is superseded, and the log has the reason."""
    spec = make_spec()
    folder = create_run(home, spec, versions={})
    recorder = Recorder(folder, folder.read_status(), attempt=1)
    recorder.emit(make_started(spec))
    save_checkpoint(folder.checkpoints, Checkpoint(seq=1, content=b"little", step=9, epoch=0), is_best=False)
    recorder.emit(EpochEnded(result=make_result(spec, 1)))
    save_checkpoint(folder.checkpoints, Checkpoint(seq=2, content=b"learnt", step=18, epoch=1), is_best=False)
    recorder.close()
    recorder = Recorder(folder, folder.read_status(), attempt=2)
    assert rewind(recorder) == b"learnt"
    (folder.checkpoints / "last.pt").write_bytes(b"damaged")
    assert rewind(recorder) == b"little"
    recorder.close()
    save_checkpoint(folder.checkpoints, Checkpoint(seq=3, content=b"more", step=18, epoch=1), is_best=False)
    (folder.checkpoints / "last.pt").unlink()
    found = load_checkpoint(folder.checkpoints)
    assert found is not None
    assert found.content == b"little"  # the damaged one did not take its place
    assert [record.event for record in read_events(folder.events)] == [
        make_started(spec),
        Rewound(to_seq=1),
        Notice(text="its last checkpoint cannot be read: it goes on from the one before (step 9)"),
    ]


def test_a_run_whose_checkpoints_cannot_be_read_says_that_it_begins_anew(home: Home) -> None:
    """Its results so far are superseded, and nobody takes what follows for a resumed run; a first attempt says nothing."""
    spec = make_spec()
    folder = create_run(home, spec, versions={})
    recorder = Recorder(folder, folder.read_status(), attempt=1)
    assert rewind(recorder) is None
    recorder.emit(make_started(spec))
    recorder.emit(EpochEnded(result=make_result(spec, 1)))
    save_checkpoint(folder.checkpoints, Checkpoint(seq=2, content=b"learnt", step=9, epoch=1), is_best=False)
    for path in folder.checkpoints.glob("*.pt"):
        path.write_bytes(b"damaged")
    recorder.close()
    recorder = Recorder(folder, folder.read_status(), attempt=2)
    assert rewind(recorder) is None
    recorder.close()
    told = [record.event for record in read_events(folder.events)]
    assert [event for event in told if isinstance(event, Notice)] == [
        Notice(text="none of its checkpoints can be read: it begins anew")
    ]
