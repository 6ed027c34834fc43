"""Choosing what executes runs, from the command line."""

import socket
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tui_optim.spec import extras
from tui_optim.store.files import held_lock
from tui_optim.store.home import open_home
from tui_optim.store.runfolder import RunFolder

RUN = ("run", "mlp-fashion", "sgd", "--epochs", "1")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("--engine", "rya"), "unknown engine 'rya': did you mean 'ray'?"),
        (("--engine", "ray", "--address", "127.0.0.1:1"), "no Ray cluster answers at 127.0.0.1:1: Connection refused"),
        (
            ("--engine", "slurm", "--engine-set", "tim=3"),
            "--engine-set tim: engine slurm has no such key; did you mean 'time'?",
        ),
        (("--engine", "slurm", "--engine-set", "time"), "--engine-set 'time': expected key=value"),
        (("--engine-set", "num_gpus=1"), "--engine-set num_gpus: engine local has no such key"),
    ],
)
def test_wrong_use_is_one_line(call: Caller, home: Path, words: tuple[str, ...], answer: str) -> None:
    """Exit code 2, one line with the nearest name, and no run folder."""
    got = call(*RUN, *words)
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
    assert got.err.startswith(f"tui-optim: {answer}")
    assert not list((home / "runs").glob("*"))


def test_slurm_is_refused_where_its_commands_are_missing(
    call: Caller, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that is no login node nothing is queued."""
    monkeypatch.setenv("PATH", str(home))
    got = call(*RUN, "--engine", "slurm")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert "no sbatch and no srun and no sacct and no scancel on this machine" in got.err


@pytest.mark.parametrize("engine", ["ray", "slurm"])
def test_a_missing_extra_is_one_line(call: Caller, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2 and what to install."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    got = call(*RUN, "--engine", engine)
    line = f"tui-optim: engine {engine} needs the extra \"{engine}\"; in your clone: .venv/bin/pip install -e '.[{engine}]'\n"
    assert (got.code, got.out, got.err) == (2, "", line)


def test_the_engine_stands_in_the_runs_folder(call: Caller, home: Path) -> None:
    """What the command said is in `run.json`; `show` and `status` tell it. No supervisor starts here."""
    opened = open_home(home)
    words = ("--engine", "slurm", "--engine-set", "cluster=local", "--engine-set", "mem_gb=2", "--detach")
    with held_lock(opened.supervisor_lock):
        got = call(*RUN, *words)
        status = call("status").out
    run_id = got.out.strip()
    assert got.code == 0, got.err
    assert RunFolder(opened.runs / run_id).read_info().executor.words == "slurm cluster=local mem_gb=2.0"
    assert f"{run_id}  queued, epoch 0 of 1, slurm cluster=local mem_gb=2.0" in status
    assert "executed by: slurm cluster=local mem_gb=2.0" in call("show", "last").out


@pytest.mark.parametrize(
    "words", [RUN, ("sweep", "mlp-fashion", "--preset", "sgd", "--grid", "lr=0.1,1", "--sample")], ids=["run", "sweep"]
)
def test_the_cluster_that_is_looked_for_is_told(call: Caller, home: Path, words: tuple[str, ...]) -> None:
    """Something answers there, so that the runs are queued; Ray takes long to find that it is no cluster."""
    with socket.create_server(("127.0.0.1", 0)) as server, held_lock(open_home(home).supervisor_lock):
        address = f"127.0.0.1:{server.getsockname()[1]}"
        got = call(*words, "--engine", "ray", "--address", address, "--detach")
    assert got.code == 0, got.err
    assert f"tui-optim: looking for the Ray cluster at {address}\n" in got.err
