"""Runs on a Ray cluster of two nodes on this machine, through a real supervisor and bridge."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import pytest
from ray.cluster_utils import Cluster

from tests.engine.runs_for_tests import numbers, train_here
from tests.runs.lab import Lab, wait_until
from tests.spec.test_plugins import SIGN_SGD
from tui_optim.spec.events import Notice, Started
from tui_optim.spec.executors import ExecutorSpec
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.store.eventlog import read_events

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NUM_RUNS = 3
SETTINGS = {
    "worker_niceness": 0,  # Ray's 15 leaves its actors nothing where anything else computes on this machine
    "health_check_period_ms": 1000,  # a node that is gone is missed after 5 s instead of 15
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A head with one core."""
    made = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "_system_config": SETTINGS}
    )
    yield made
    made.shutdown()


@pytest.fixture
def second_node(cluster: Cluster) -> Iterator[Any]:
    """Another node with one core; gone afterwards, however the test ends."""
    node = cluster.add_node(num_cpus=1)
    yield node
    if node in cluster.worker_nodes:
        cluster.remove_node(node)


@pytest.fixture(scope="module")
def ray_lab(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[Lab]:
    """A home whose runs go to the cluster."""
    lab = Lab(tmp_path_factory.mktemp("home"), executor=ExecutorSpec(kind="ray", address=cluster.address))
    yield lab
    lab.close()


def test_runs_survive_the_loss_of_a_node(ray_lab: Lab, cluster: Cluster, second_node: Any) -> None:
    """A node goes without a word while runs train: all end in the bits of undisturbed local runs, one from its checkpoint."""
    specs = [ray_lab.spec(epochs=8, seed=seed) for seed in range(NUM_RUNS)]
    run_ids = ray_lab.submit(specs)
    wait_until(lambda: sum(map(ray_lab.has_checkpoint, run_ids)) >= 2, "two runs never trained side by side")

    cluster.remove_node(second_node, allow_graceful=False)
    expected = [expected_final(spec) for spec in specs]  # here and below: while the cluster trains
    finals = [ray_lab.wait_for_end(run_id).final for run_id in run_ids]

    assert [numbers(final) for final in finals if final] == [numbers(final) for final in expected]
    again = [(run_id, start) for run_id in run_ids for start in starts(ray_lab, run_id) if start.attempt > 1]
    ((interrupted, start),) = again
    assert start.from_step > 0
    assert any("lost the Ray actor" in text for text in notices(ray_lab, interrupted))


def test_commands_reach_running_and_waiting_runs(ray_lab: Lab) -> None:
    """One core: the first run trains, the second waits for an actor. Both obey; the first goes on in the same bits."""
    spec = ray_lab.spec(epochs=4, seed=11)
    first, second = ray_lab.submit([spec, ray_lab.spec(epochs=200, seed=12)])
    ray_lab.wait_for_checkpoint(first)
    ray_lab.client.stop(second)
    ray_lab.wait_for_state(second, "stopped")
    ray_lab.client.pause(first)
    paused_at = ray_lab.wait_for_state(first, "paused").step
    ray_lab.client.resume(first)
    expected = expected_final(spec)
    final = ray_lab.wait_for_end(first).final

    assert starts(ray_lab, second) == []
    assert starts(ray_lab, first)[-1].from_step == paused_at > 0
    assert final is not None
    assert numbers(final) == numbers(expected)


def test_a_bridge_that_is_told_to_leave_keeps_a_checkpoint(ray_lab: Lab) -> None:
    """SIGTERM to the bridge: the run keeps the very step it is at, and another bridge takes it on there, at no attempt's cost."""
    spec = ray_lab.spec(epochs=4, seed=13)
    (run_id,) = ray_lab.submit([spec])
    ray_lab.wait_for_checkpoint(run_id)
    ray_lab.kill_worker(run_id, signal.SIGTERM)
    expected = expected_final(spec)
    status = ray_lab.wait_for_end(run_id)

    begun = starts(ray_lab, run_id)
    assert begun[-1].from_step % begun[-1].steps_per_epoch != 0
    assert [start.attempt for start in begun] == [1, 1]
    assert status.final is not None
    assert numbers(status.final) == numbers(expected)


def test_a_killed_bridge_costs_an_attempt(ray_lab: Lab) -> None:
    """kill -9 of the bridge: the run goes on from the checkpoint of its last epoch, in another bridge."""
    spec = ray_lab.spec(epochs=4, seed=14)
    (run_id,) = ray_lab.submit([spec])
    ray_lab.wait_for_checkpoint(run_id)
    ray_lab.kill_worker(run_id)
    expected = expected_final(spec)
    status = ray_lab.wait_for_end(run_id)

    assert [start.attempt for start in starts(ray_lab, run_id)] == [1, 2]
    assert any("ray bridge was ended by SIGKILL" in text for text in notices(ray_lab, run_id))
    assert status.final is not None
    assert numbers(status.final) == numbers(expected)


def test_a_users_optimizer_travels_with_its_run(ray_lab: Lab, tmp_path: Path) -> None:
    """A plugin file that only this machine has trains on the cluster as it does here."""
    path = tmp_path / "sign_sgd.py"
    path.write_text(SIGN_SGD, encoding="utf-8")
    spec = with_plugin(ray_lab.spec(epochs=1), str(path))
    (run_id,) = ray_lab.submit([spec])
    expected = expected_final(spec)
    final = ray_lab.wait_for_end(run_id).final

    assert final is not None
    assert numbers(final) == numbers(expected)


def test_a_module_that_the_nodes_lack_is_named(ray_lab: Lab) -> None:
    """An optimizer from a package that is installed nowhere but here fails its run with a sentence that says what to do."""
    (run_id,) = ray_lab.submit([with_plugin(ray_lab.spec(epochs=1), "only_here.optimizers")])
    status = ray_lab.wait_for_end(run_id)

    assert status.state == "failed"
    assert "No module named 'only_here'; install it on the nodes, or give its file with --plugin" in status.reason


def test_the_program_travels_too(ray_lab: Lab, tmp_path: Path) -> None:
    """What trains on a node is the package that the bridge has brought, not one that happens to be installed there."""
    path = tmp_path / "where.py"
    body = "    import tui_optim\n    raise RuntimeError(tui_optim.__file__)\n"
    path.write_text(SIGN_SGD.replace("    import torch ", f"{body}    import torch "), encoding="utf-8")
    (run_id,) = ray_lab.submit([with_plugin(ray_lab.spec(epochs=1), str(path))])

    assert "/py_modules_files/" in ray_lab.wait_for_end(run_id).reason


def with_plugin(spec: RunSpec, origin: str) -> RunSpec:
    """The same run with the README's optimizer."""
    values = {"optimizer": "sign-sgd", "optimizer_origin": origin, "hyperparameters": {"lr": 0.0003}}
    return spec.model_copy(update=values)


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
