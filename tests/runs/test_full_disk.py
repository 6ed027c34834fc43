"""A full disk is waited for, and all goes on by itself once there is space; after ten minutes without it the run has failed."""

import contextlib
import errno
import io
import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.crash.faults import Kind, Moment, Visit, install, refusing
from tests.crash.shaken import spec_of
from tests.engine.runs_for_tests import numbers, train_here
from tests.factories import make_result, make_spec, make_started
from tests.runs.lab import Lab, is_gone, wait_until
from tests.runs.test_sweeps import first_trial, make_sweep, wait_for_sweep
from tui_optim.runs import disk_wait, queue
from tui_optim.runs import recorder as recorder_module
from tui_optim.runs import supervisor as supervisor_module
from tui_optim.runs.recorder import WAITS, Recorder
from tui_optim.runs.restarts import Restarts
from tui_optim.runs.sweeps import Sweeps
from tui_optim.spec.commands import Order
from tui_optim.spec.errors import DiskFullError
from tui_optim.spec.events import Ended, EpochEnded, Notice, Started
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Film, Frame
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.checkpoints import load_checkpoint, save_checkpoint
from tui_optim.store.eventlog import EventWriter, read_events
from tui_optim.store.home import open_home
from tui_optim.store.liveness import current_identity
from tui_optim.store.new_runs import create_run
from tui_optim.store.pictures import read_film, write_picture
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import write_status
from tui_optim.store.sweepfolder import SweepFolder, create_sweep
from tui_optim.store.trials import TrialLog

FULL_FOR_S = 12.0
"""Longer than the supervisor rests after an error: every process of the home has met the full disk by then."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few MB; where none may be mounted the test is left out."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(path: Path) -> None:
    """Take all the space that there is, for a while: what others let go of too."""
    deadline = time.monotonic() + FULL_FOR_S
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    while time.monotonic() < deadline:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while os.write(descriptor, b"\0" * size):
                    pass
        time.sleep(0.05)
    os.close(descriptor)


@pytest.mark.timeout(300)
def test_a_sweep_outlives_a_full_disk(small_disk: Path) -> None:
    """While two trials train the disk is full; with space again both end in the bits of an undisturbed training."""
    lab = Lab(small_disk / "home")
    try:
        sweep_id = lab.client.submit_sweep(make_sweep({"lr": (0.01, 0.1)}, epochs=20))
        folder = SweepFolder(lab.home.sweeps / sweep_id)
        first_trial(lab, folder)
        supervisor = lab.supervisor_pid()
        _fill(small_disk / "filler")
        (small_disk / "filler").unlink()

        trials = wait_for_sweep(lab, sweep_id, "finished", "failed").trials()

        assert lab.supervisor_pid() == supervisor
        assert [trial.state for trial in trials] == ["finished", "finished"]
        for trial in trials:
            expected, _ = train_here(lab.folder(trial.run_id).read_info().spec)
            assert expected.final is not None
            assert trial.value == expected.final.val_loss
        told = [text for trial in trials for text in _notices(lab, trial.run_id)]
        assert any(text.startswith("the disk was full: waited") for text in told)
    finally:
        lab.close()


@pytest.mark.timeout(300)
def test_a_run_that_waits_for_space_can_be_killed(small_disk: Path) -> None:
    """Its process is gone and its worker slot free while there is no room for a file; once there is, the run says so."""
    lab, filler = Lab(small_disk / "home"), small_disk / "filler"
    try:
        (run_id,) = lab.submit([lab.spec(epochs=500)])
        lab.wait_for_checkpoint(run_id)
        owner = lab.status(run_id).owner
        assert owner is not None

        def waits() -> bool:
            _take_all(filler)
            return lab.status(run_id).reason == WAITS

        wait_until(waits, "it never waited for space")
        psutil.Process(owner.pid).suspend()  # it would let go of what it tries to write, again and again
        _take_all(filler)
        lab.client.order(run_id, Order(command="kill"))
        wait_until(lambda: is_gone(owner.pid), "its process is still there")
        assert [path.suffix for path in lab.folder(run_id).control.iterdir()] == [".kill"]
        filler.unlink()
        assert lab.wait_for_state(run_id, "stopped").reason == "killed"
        assert list(lab.folder(run_id).control.iterdir()) == []
    finally:
        lab.close()


def _take_all(path: Path) -> None:
    """Take all the space that there is now."""
    with path.open("ab", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(b"\0" * 4096):
            pass


def test_a_recorder_waits_for_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Log, checkpoint, picture and status are refused three times each: all stands there once, and the wait is told."""
    monkeypatch.setattr(disk_wait, "RETRY_S", 0.0)
    spec = make_spec(epochs=2)
    folder = create_run(open_home(tmp_path), spec, versions={})
    recorder = Recorder(folder, folder.read_status(), attempt=1)
    recorder.emit(make_started(spec))
    monkeypatch.setattr(EventWriter, "flush", _refusing(EventWriter.flush))
    recorder.emit(EpochEnded(result=make_result(spec, 1)))
    monkeypatch.setattr(recorder_module, "save_checkpoint", _refusing(save_checkpoint))
    recorder.keep(Kept(content=b"all that was learnt", step=10, epoch=1, is_best=True))
    monkeypatch.setattr(recorder_module, "write_picture", _refusing(write_picture))
    recorder.show(Film(frames=(Frame(epoch=1, step=10, weights=(0.5,)),)))
    monkeypatch.setattr(recorder_module, "write_status", _refusing(write_status))
    recorder.emit(Ended(state="finished", final=make_result(spec, 2)))
    recorder.close()

    events = [record.event for record in read_events(folder.events)]
    assert [type(event) for event in events if not isinstance(event, Notice)] == [Started, EpochEnded, Ended]
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "the disk was full: waited 0 s for space"
    ] * 4
    assert read_film(folder) is not None
    checkpoint = load_checkpoint(folder.checkpoints)
    assert checkpoint is not None
    assert checkpoint.content == b"all that was learnt"
    assert folder.read_status().state == "finished"


def test_a_wait_is_seen_and_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While there is no space for a second file the status is written over, and says so; afterwards it says so no more."""
    spec = make_spec(epochs=2)
    folder = create_run(open_home(tmp_path), spec, versions={})
    seen: list[str] = []
    monkeypatch.setattr(disk_wait, "time", Clock(lambda: seen.append(folder.read_status().reason)))
    recorder = Recorder(folder, folder.read_status(), attempt=1)
    recorder.emit(make_started(spec))
    left = itertools.count()
    full = FullDisk(errno.ENOSPC, is_full=lambda: next(left) < 5)
    restore = install(str(tmp_path), full)
    try:
        recorder.keep(Kept(content=b"learnt", step=10, epoch=1, is_best=False))
        recorder.emit(EpochEnded(result=make_result(spec, 1)))
    finally:
        restore()
        recorder.close()

    assert set(seen) == {WAITS}
    assert (folder.read_status().state, folder.read_status().reason) == ("running", "")


def test_a_disk_that_is_full_by_turns_is_no_wait_within_a_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second write to the log is refused, that of the sentence about the wait too: each event stands there once."""
    monkeypatch.setattr(disk_wait, "RETRY_S", 0.0)
    spec = make_spec(epochs=2)
    folder = create_run(open_home(tmp_path), spec, versions={})
    turns = itertools.count(1)
    refuse = refusing(errno.EDQUOT, "write")

    def every_second(kind: Kind, moment: Moment, path: str) -> bool:
        is_turn = path.endswith("events.jsonl") and (kind, moment) == ("write", "before") and next(turns) % 2 == 1
        return is_turn and refuse(kind, moment, path)

    restore = install(str(tmp_path), every_second)
    try:
        recorder = Recorder(folder, folder.read_status(), attempt=1)
        recorder.emit(make_started(spec))
        for epoch in (1, 2):
            recorder.emit(EpochEnded(result=make_result(spec, epoch)))
            recorder.keep(Kept(content=b"learnt", step=10 * epoch, epoch=epoch, is_best=True, stays=True))
        recorder.emit(Ended(state="finished", final=make_result(spec, 2)))
        recorder.close()
    finally:
        restore()

    records = read_events(folder.events)
    told = [type(record.event) for record in records if not isinstance(record.event, Notice)]
    assert told == [Started, EpochEnded, EpochEnded, Ended]
    assert any(isinstance(record.event, Notice) for record in records)
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    assert folder.read_status().state == "finished"


def test_runs_that_train_together_wait_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first waits for ten minutes, the second finds the same full disk; after space has been there the time begins anew."""
    clock = Clock()
    monkeypatch.setattr(disk_wait, "time", clock)
    shared = disk_wait.DiskWait()

    def refuse() -> None:
        raise DiskFullError("cannot write it: Disk quota exceeded")

    for waited_s in (600.0, 600.0):
        with pytest.raises(DiskFullError, match=r"full for 10 minutes: free some space .*quota exceeded"):
            shared.write(refuse, meanwhile=lambda: None)
        assert clock.now == waited_s
    shared.write(lambda: None, meanwhile=lambda: None)
    with pytest.raises(DiskFullError):
        shared.write(refuse, meanwhile=lambda: None)
    assert clock.now == 1200.0


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("is_status_writable", [True, False])
def test_a_run_without_space_has_failed_and_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_status_writable: bool
) -> None:
    """With its reason, at once or, where not even that can be written, as soon as there is space; then it goes on bit for bit."""
    from tui_optim.runs.worker import Worker

    monkeypatch.setattr(disk_wait, "LIMIT_S", 0.0)
    home = open_home(tmp_path)
    folder = create_run(home, spec_of("sgd", epochs=4), versions={})
    worker, told = Worker(home), list[str]()
    restarts = Restarts(home, tell=told.append)
    full = FullDisk(
        code, is_full=lambda: (folder.checkpoints / "last.pt").exists(), is_status_writable=is_status_writable
    )
    restore = install(str(tmp_path), full)
    try:
        assert worker.take(folder.run_id, threads=1) == "failed"
        for _ in range(3):
            restarts.fail(folder.run_id, worker.cause)
        seen = folder.read_status()
    finally:
        restore()
    assert not worker.is_leaving
    assert (seen.state, seen.reason) == (("failed", worker.cause) if is_status_writable else ("running", ""))
    assert len(told) == 1  # not every time that it is tried
    restarts.recover(known=(), is_glance=False)
    status, last = folder.read_status(), read_events(folder.events)[-1].event
    assert isinstance(last, Ended)
    assert (status.state, status.reason) == (last.state, last.reason) == ("failed", worker.cause)
    assert "then resume the run" in status.reason

    queue.requeue(home, folder.run_id, attempt=0)
    assert worker.take(folder.run_id, threads=1) == "finished"
    restarts.recover(known=(), is_glance=False)
    expected, heard = train_here(spec_of("sgd", epochs=4))
    final = folder.read_status().final
    assert final is not None
    assert expected.final is not None
    assert numbers(final) == numbers(expected.final)
    results = [one.event.result for one in read_events(folder.events) if isinstance(one.event, EpochEnded)]
    assert [numbers(result) for result in results] == [numbers(result) for result in heard.epochs]


@pytest.mark.parametrize("cause", ["the worker was ended by SIGKILL", ""])
def test_a_restart_that_cannot_be_written_down_is_none_for_another_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    """The worker was gone, the supervisor was not: once there is space the log says what it was, and it counts as that."""
    home, told = open_home(tmp_path), list[str]()
    folder = create_run(home, spec_of("sgd", epochs=4), versions={})
    nobody = replace(current_identity(), start_ticks=1)
    write_status(folder.status, replace(folder.read_status(), state="running", attempt=2, owner=nobody))
    restarts = Restarts(home, tell=told.append)
    monkeypatch.setattr(EventWriter, "append", _refusing(EventWriter.append, times=2))
    restarts.restart(folder.run_id, cause)
    restarts.recover(known=(), is_glance=False)
    assert folder.read_status().state == "interrupted"
    restarts.recover(known=(), is_glance=False)

    (said,) = [one.event for one in read_events(folder.events)]
    text = f"{cause}; resuming from the last checkpoint (attempt 3 of 3)"
    assert said == Notice(text=text if cause else "the worker was asked to leave; resuming from its checkpoint")
    status = folder.read_status()
    assert (status.state, status.attempt) == ("queued", 2 if cause else 1)
    assert queue.waiting(home) == [folder.run_id]

    queue.dequeue(home, folder.run_id)
    write_status(folder.status, replace(folder.read_status(), state="running", owner=nobody))
    restarts.recover(known=(), is_glance=False)
    assert "its worker and the supervisor were gone" in str(read_events(folder.events)[-1].event)


def test_a_broken_disk_is_told(tmp_path: Path) -> None:
    """The checkpoint is refused, but not for want of space: nothing is waited for, and the reason is a sentence."""
    from tui_optim.runs.worker import Worker

    home = open_home(tmp_path)
    folder = create_run(home, spec_of("sgd", epochs=4), versions={})
    refuse = refusing(errno.EIO, "replace")
    restore = install(str(tmp_path), lambda kind, moment, path: path.endswith("last.pt") and refuse(kind, moment, path))
    try:
        assert Worker(home).take(folder.run_id, threads=1) == "failed"
    finally:
        restore()
    reason = folder.read_status().reason
    assert reason.startswith("cannot write ")
    assert reason.endswith("Input/output error; once that is mended, resume the run")


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, asleep: Callable[[], object] = lambda: None) -> None:
        self.now, self._asleep = 0.0, asleep

    def monotonic(self) -> float:
        """Seconds since it was made."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Somebody does, which `asleep` sees."""
        self._asleep()
        self.now += seconds


class FullDisk:
    """No file gets longer, and none is made; what a status takes already may be written over."""

    def __init__(self, code: int, *, is_full: Callable[[], bool], is_status_writable: bool = True) -> None:
        self._refuse, self._is_full, self._is_status_writable = refusing(code, "write"), is_full, is_status_writable

    def __call__(self, kind: Kind, moment: Moment, path: str) -> bool:
        """Asked at each moment of each call."""
        is_in_place = self._is_status_writable and path.endswith("/status.json")
        return (
            kind == "write"
            and moment == "before"
            and not is_in_place
            and self._is_full()
            and self._refuse(kind, moment, path)
        )


def test_a_folder_that_is_removed_costs_no_worker(tmp_path: Path) -> None:
    """Its run is over, and the worker takes the next."""
    from tui_optim.runs.worker import Worker

    home = open_home(tmp_path)
    removed, other = (create_run(home, spec_of("sgd", epochs=4), versions={}) for _ in range(2))
    worker = Worker(home)
    restore = install(str(tmp_path), _removes(removed.path, at="last.pt"))
    try:
        assert worker.take(removed.run_id, threads=1) == "stopped"
    finally:
        restore()

    assert not worker.is_leaving
    assert worker.take(other.run_id, threads=1) == "finished"


def test_a_run_whose_file_is_removed_is_no_ghost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """No list shows it and no command reaches it: it ends, says so where it can, and the worker takes the next."""
    from tui_optim.runs.worker import Worker

    monkeypatch.setattr(recorder_module, "STATUS_EVERY_S", 0.0)
    home = open_home(tmp_path)
    removed, other = (create_run(home, spec_of("sgd", epochs=4), versions={}) for _ in range(2))
    worker = Worker(home)

    def visit(_kind: Kind, moment: Moment, path: str) -> bool:
        if moment == "after" and path == f"{removed.checkpoints}/last.pt":
            (removed.path / "run.json").unlink(missing_ok=True)
        return False

    restore = install(str(tmp_path), visit)
    try:
        assert worker.take(removed.run_id, threads=1) == "failed"
    finally:
        restore()

    status, last = removed.read_status(), read_events(removed.events)[-1].event
    assert isinstance(last, Ended)
    assert (status.state, status.reason, status.owner) == ("failed", last.reason, None)
    assert "run.json has been removed while the run trained" in status.reason
    assert f"{removed.run_id}: {removed.path}/run.json has been removed" in capfd.readouterr().err
    assert not worker.is_leaving
    assert worker.take(other.run_id, threads=1) == "finished"


def test_a_worker_leaves_where_it_cannot_even_say_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The home has become read-only: one line, no traceback; what stands there is whole, and the run goes on later."""
    from tui_optim.runs.worker import Worker

    home = open_home(tmp_path)
    folder = create_run(home, spec_of("sgd", epochs=4), versions={})
    worker = Worker(home)
    turns = itertools.count()
    refuse = refusing(errno.EROFS, "write", "replace", "unlink")
    restore = install(str(tmp_path), lambda kind, moment, path: next(turns) > 60 and refuse(kind, moment, path))
    try:
        assert worker.take(folder.run_id, threads=1) == "interrupted"
    finally:
        restore()

    assert worker.is_leaving
    assert "Read-only file system" in worker.cause
    said = capfd.readouterr().err
    assert worker.cause in said
    assert "Traceback" not in said
    assert Worker(home).take(folder.run_id, threads=1) == "finished"
    expected, _ = train_here(spec_of("sgd", epochs=4))
    final = folder.read_status().final
    assert final is not None
    assert expected.final is not None
    assert numbers(final) == numbers(expected.final)


def _removes(folder: Path, *, at: str) -> Visit:
    """Somebody removes a folder when a file of this name has been put there."""

    def visit(_kind: Kind, moment: Moment, path: str) -> bool:
        if moment == "after" and path.endswith(f"/{at}"):
            shutil.rmtree(folder, ignore_errors=True)
        return False

    return visit


def test_an_outcome_that_could_not_be_written_is_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial's run has finished while the disk is full: at the next step the sweep looks at it again, and ends."""
    home = open_home(tmp_path)
    folder = create_sweep(home, make_sweep({"lr": (0.1,)}), versions={})
    sweeps = Sweeps(home, tell=pytest.fail)
    sweeps.step(lambda _: 1)
    (trial,) = folder.log.read()
    run = RunFolder(home.runs / trial.run_id)
    final = replace(make_result(run.read_info().spec, 1), val_loss=0.5)
    write_status(run.status, replace(run.read_status(), state="finished", epoch=1, final=final))

    monkeypatch.setattr(TrialLog, "tell", _refusing(TrialLog.tell, times=1))
    with pytest.raises(DiskFullError):
        sweeps.step(lambda _: 1)
    monkeypatch.setattr(SweepFolder, "write_status", _refusing(SweepFolder.write_status, times=1))
    with pytest.raises(DiskFullError):
        sweeps.step(lambda _: 1)
    sweeps.step(lambda _: 1)

    assert [(one.state, one.value) for one in folder.log.read()] == [("finished", 0.5)]
    assert folder.read_status().state == "finished"


def test_a_sweep_that_cannot_be_written_is_not_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A paused sweep is told to go on while the disk is full: it does later."""
    home = open_home(tmp_path)
    folder = create_sweep(home, make_sweep({"lr": (0.1,)}), versions={})
    folder.write_status(replace(folder.read_status(), state="paused"))
    sweeps = Sweeps(home, tell=pytest.fail)
    sweeps.step(lambda _: 1)
    folder.send("resume")
    with monkeypatch.context() as full:
        full.setattr(SweepFolder, "write_status", _refusing(SweepFolder.write_status))
        with pytest.raises(DiskFullError):
            sweeps.step(lambda _: 1)

    sweeps.step(lambda _: 1)

    assert folder.read_status().state == "running"
    assert len(folder.log.read()) == 1


def test_half_a_line_is_no_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes the first bytes of a line only: the writer is told, and the next line is whole."""
    log = TrialLog(tmp_path / "trials.jsonl")
    trial = Trial(number=0, point=Point(scenario="circles", preset="sgd"), seed=7, run_id="run-0")
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:9]))
        with pytest.raises(DiskFullError):
            log.ask(trial)
    assert log.read() == []
    log.ask(trial)
    assert log.read() == [trial]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
def test_a_full_disk_is_told_from_other_troubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of events says that there is no space; the supervisor's own log says nothing and does no harm."""
    log = EventWriter(Path("/dev/full"))
    with pytest.raises(DiskFullError):
        log.append(Notice(text="lost"))
    with io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True) as full:
        monkeypatch.setattr(sys, "stderr", full)
        supervisor_module._log("lost")


def _refusing(write: Callable[..., Any], *, times: int = 3) -> Callable[..., Any]:
    """A writer on a disk that is full for so many tries."""
    left = times

    def refuse(*given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left >= 0:
            raise DiskFullError("cannot write: No space left on device")
        return write(*given, **named)

    return refuse


def _notices(lab: Lab, run_id: str) -> list[str]:
    return [record.event.text for record in read_events(lab.folder(run_id).events) if isinstance(record.event, Notice)]
