"""Runs as Slurm jobs: through submitit's stand-ins, and through a small Slurm of this machine that the tests bring along."""

import signal
from collections.abc import Iterator

import pytest

from tests.engine.runs_for_tests import numbers, train_here
from tests.runs.fake_slurm import FakeSlurm
from tests.runs.lab import Lab, wait_until
from tui_optim.runs.executors.slurm_bridge import settled
from tui_optim.runs.executors.slurm_job import Ticket, read_ticket, work, write_ticket
from tui_optim.spec.events import Notice, Started
from tui_optim.spec.executors import ExecutorSpec
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.store.eventlog import read_events
from tui_optim.store.new_runs import create_run
from tui_optim.store.runfolder import RunInfo


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> FakeSlurm:
    """A cluster of one node."""
    return FakeSlurm(tmp_path_factory.mktemp("slurm"))


@pytest.fixture(scope="module")
def slurm_lab(tmp_path_factory: pytest.TempPathFactory, slurm: FakeSlurm) -> Iterator[Lab]:
    """A home whose runs become jobs."""
    executor = ExecutorSpec(kind="slurm", parameters={"partition": "gpu", "time": 30})
    with pytest.MonkeyPatch.context() as patch:
        for name, value in slurm.environment.items():
            patch.setenv(name, value)
        made = Lab(tmp_path_factory.mktemp("home"), executor=executor)
        yield made
        made.close()


def test_a_run_becomes_a_job_with_its_resources(slurm_lab: Lab, slurm: FakeSlurm) -> None:
    """The job asks for what the run needs and the user has set, and ends in the figures of the engine."""
    spec = slurm_lab.spec(epochs=1, seed=21)
    (run_id,) = slurm_lab.submit([spec])
    final = slurm_lab.wait_for_end(run_id).final

    assert final is not None
    assert numbers(final) == numbers(expected_final(spec))
    script = slurm.script(len(slurm.states()))
    for line in ("partition=gpu", "time=30", "cpus-per-task=1", "mem=4GB", "no-requeue", "signal=USR2@90"):
        assert f"#SBATCH --{line}" in script


@pytest.fixture(scope="module")
def undisturbed(slurm_lab: Lab) -> tuple[RunSpec, EpochResult]:
    """A run of some seconds, and its end where nothing happens to it."""
    spec = slurm_lab.spec(epochs=3, seed=22)
    return spec, expected_final(spec)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR2])
def test_a_job_that_must_leave_is_followed_by_another(
    slurm_lab: Lab, slurm: FakeSlurm, undisturbed: tuple[RunSpec, EpochResult], number: signal.Signals
) -> None:
    """Preempted (SIGTERM) or out of time (SIGUSR2), a job keeps a checkpoint; the next goes on there at no attempt's cost."""
    spec, expected = undisturbed
    num_before = len(slurm.states())
    (run_id,) = slurm_lab.submit([spec])
    slurm_lab.wait_for_checkpoint(run_id)
    slurm_lab.kill_worker(run_id, number)
    final = slurm_lab.wait_for_end(run_id).final

    assert len(slurm.states()) == num_before + 2
    begun = starts(slurm_lab, run_id)
    assert [start.attempt for start in begun] == [1, 1]
    assert begun[1].from_step > begun[1].steps_per_epoch
    assert final is not None
    assert numbers(final) == numbers(expected)


def test_a_waiting_job_outlives_its_bridge(slurm_lab: Lab, slurm: FakeSlurm) -> None:
    """While the cluster is full the bridge is killed: another one finds the job by its ticket and submits no second one."""
    slurm.fill()
    num_before = len(slurm.states())
    (run_id,) = slurm_lab.submit([slurm_lab.spec(epochs=1, seed=23)])
    wait_until(lambda: job_of(slurm_lab, run_id) != "", "no job was submitted")
    kill_bridge(slurm_lab)
    wait_until(lambda: len(list(bridges(slurm_lab))) == 1, "no other bridge came")
    slurm.drain()

    assert slurm_lab.wait_for_end(run_id).state == "finished"
    assert len(slurm.states()) == num_before + 1


def test_stop_takes_a_waiting_job_out_of_slurms_queue(slurm_lab: Lab, slurm: FakeSlurm) -> None:
    """A run whose job waits is stopped at once, and its job is cancelled."""
    slurm.fill()
    (run_id,) = slurm_lab.submit([slurm_lab.spec(epochs=1, seed=24)])
    wait_until(lambda: job_of(slurm_lab, run_id) != "", "no job was submitted")
    slurm_lab.client.stop(run_id)
    slurm_lab.wait_for_state(run_id, "stopped")
    wait_until(lambda: slurm.states()[-1] == "CANCELLED", "the job was not cancelled")
    slurm.drain()

    assert read_ticket(slurm_lab.folder(run_id)) is None
    assert starts(slurm_lab, run_id) == []


def test_a_refused_job_fails_its_run_with_slurms_words(slurm_lab: Lab, slurm: FakeSlurm) -> None:
    """What sbatch says is the run's reason."""
    sbatch = slurm.commands / "sbatch"
    good = sbatch.read_text(encoding="ascii")
    sbatch.write_text("#!/bin/bash\necho 'sbatch: error: invalid partition specified: gpu' >&2\nexit 1\n")
    (run_id,) = slurm_lab.submit([slurm_lab.spec(epochs=1, seed=25)])
    status = slurm_lab.wait_for_end(run_id)
    sbatch.write_text(good)

    assert status.state == "failed"
    assert "invalid partition specified: gpu" in status.reason


def test_a_replaced_job_leaves_the_run_alone(slurm_lab: Lab) -> None:
    """A job whose run has been submitted again since finds another ticket when its turn comes."""
    folder = create_run(slurm_lab.home, slurm_lab.spec(), versions={})
    (folder.path / "slurm").mkdir()
    write_ticket(folder, Ticket(secret="new"))
    assert "replaced" in work(str(slurm_lab.home.root), folder.run_id, 1, "old")
    assert not folder.events.exists()


@pytest.fixture(scope="module")
def stand_in_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A home whose runs become processes of submitit's local executor."""
    executor = ExecutorSpec(kind="slurm", parameters={"cluster": "local"})
    lab = Lab(tmp_path_factory.mktemp("home"), executor=executor)
    yield lab
    lab.close()


def test_a_killed_job_costs_an_attempt(stand_in_lab: Lab) -> None:
    """kill -9 of a job of the local executor: another job goes on from the checkpoint of the last epoch."""
    spec = stand_in_lab.spec(epochs=3, seed=26)
    (run_id,) = stand_in_lab.submit([spec])
    stand_in_lab.wait_for_checkpoint(run_id)
    stand_in_lab.kill_worker(run_id)
    final = stand_in_lab.wait_for_end(run_id).final

    begun = starts(stand_in_lab, run_id)
    assert [start.attempt for start in begun] == [1, 2]
    assert begun[1].from_step > 0
    assert any("Slurm job" in text and "attempt 2 of 3" in text for text in notices(stand_in_lab, run_id))
    assert final is not None
    assert numbers(final) == numbers(expected_final(spec))


def test_commands_reach_a_job(stand_in_lab: Lab) -> None:
    """Pause frees the job, resume makes another one that goes on at the same step."""
    (run_id,) = stand_in_lab.submit([stand_in_lab.spec(epochs=300, seed=27)])
    stand_in_lab.wait_for_checkpoint(run_id)
    stand_in_lab.client.pause(run_id)
    step = stand_in_lab.wait_for_state(run_id, "paused").step
    stand_in_lab.client.resume(run_id)
    wait_until(lambda: len(starts(stand_in_lab, run_id)) == 2, "it never went on")
    stand_in_lab.client.stop(run_id)
    stand_in_lab.wait_for_state(run_id, "stopped")

    assert starts(stand_in_lab, run_id)[1].from_step == step


def test_the_debug_executor_trains_in_the_bridge(stand_in_lab: Lab) -> None:
    """submitit's debug executor runs the job in the process that submits it, to the same figures."""
    spec = stand_in_lab.spec(epochs=1, seed=28)
    executor = ExecutorSpec(kind="slurm", parameters={"cluster": "debug"})
    (run_id,) = stand_in_lab.client.submit([spec], executor=executor)
    final = stand_in_lab.wait_for_end(run_id).final

    assert final is not None
    assert numbers(final) == numbers(expected_final(spec))


@pytest.mark.parametrize(
    ("device", "given", "num_gpus"),
    [("cuda", {}, 1), ("auto", {}, 0), ("cuda", {"gres": "gpu:a100:1"}, 0), ("auto", {"gpus_per_node": 2}, 2)],
)
def test_a_run_that_asks_for_cuda_gets_a_gpu(
    slurm_lab: Lab, device: str, given: dict[str, str | int], num_gpus: int
) -> None:
    """One unless the user has said otherwise, in either of Slurm's ways."""
    spec = slurm_lab.spec().model_copy(update={"device": device})
    executor = ExecutorSpec(kind="slurm", parameters=dict(given))
    info = RunInfo(run_id="r", created=0.0, spec=spec, versions={}, executor=executor)
    assert settled(info)["gpus_per_node"] == num_gpus


def expected_final(spec: RunSpec) -> EpochResult:
    """The end of an undisturbed run in this process."""
    final = train_here(spec)[0].final
    assert final is not None
    return final


def starts(lab: Lab, run_id: str) -> list[Started]:
    """The beginnings of a run's attempts."""
    return [r.event for r in read_events(lab.folder(run_id).events) if isinstance(r.event, Started)]


def notices(lab: Lab, run_id: str) -> list[str]:
    """The sentences in a run's log."""
    return [r.event.text for r in read_events(lab.folder(run_id).events) if isinstance(r.event, Notice)]


def job_of(lab: Lab, run_id: str) -> str:
    """Id of the job that a run waits in; '' without one."""
    ticket = read_ticket(lab.folder(run_id))
    return ticket.job_id if ticket else ""


def bridges(lab: Lab) -> Iterator[int]:
    """Process ids of the bridges of a home."""
    for process in lab.processes():
        if "tui_optim.runs.executors.slurm_bridge" in process.info["cmdline"]:
            yield process.pid


def kill_bridge(lab: Lab) -> None:
    """Kill the only bridge with -9."""
    (pid,) = bridges(lab)
    lab.kill(pid)
