"""The README's example of a scenario of one's own, from the command line."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.cli.calling import Caller
from tests.own_scenarios import MOONS, SINE, write_scenario


@pytest.fixture
def calling(call: Caller, home: Path) -> Iterator[Caller]:
    """A command line whose processes end with the test."""
    yield call
    for process in psutil.process_iter(["cmdline"]):
        if str(home) in (process.info["cmdline"] or []):
            process.kill()


def test_a_file_on_the_command_line_is_trained_on(calling: Caller, tmp_path: Path) -> None:
    """`run ID PRESET --plugin FILE` learns; what was stored is shown and compared when the file is gone, and repeats with it."""
    path = write_scenario(tmp_path, f"print('a word of the file')\n{MOONS}", name="two_moons.py")
    answer = calling("run", "two-moons", "nesterov", "--plugin", str(path), "--threads", "1", "--json")
    assert answer.code == 0, answer.err
    (run,) = json.loads(answer.out)["runs"]
    assert run["final"]["test_accuracy"] > 0.9
    path.unlink()
    shown = calling("show", run["run_id"])
    assert f"--plugin {path}" in shown.out
    assert "Two moons: network 2-16-2" in calling("compare").out
    assert calling("report", "-o", str(tmp_path / "report.md")).code == 0


def test_numbers_without_classes_are_swept(calling: Caller, tmp_path: Path) -> None:
    """A sweep chooses by the held-out loss, the winners train on everything; accuracies are null."""
    folder = tmp_path / "config" / "scenarios"
    folder.mkdir(parents=True)
    write_scenario(folder, SINE, name="sine.py")
    assert "sine" in calling("list", "scenarios").out
    words = (
        "--preset",
        "sgd",
        "--preset",
        "adam",
        "--grid",
        "lr=0.01,0.1",
        "--final-seeds",
        "101",
        "--threads",
        "1",
        "--json",
    )
    answer = calling("sweep", "sine", *words)
    assert answer.code == 0, answer.err
    assert f"--plugin {folder / 'sine.py'}" in calling("show", "sweep").out
    runs = json.loads(calling("export", "--format", "json").out)["runs"]
    finals = [run["final"] for run in runs if run["final"]["test_loss"] is not None]
    assert len(runs) == 6
    assert len(finals) == 2
    assert {final["test_accuracy"] for final in finals} == {None}


def test_a_broken_scenario_leaves_no_run(calling: Caller, home: Path, tmp_path: Path) -> None:
    """A file that cannot be used is wrong use: exit code 2, one line, no run folder."""
    path = write_scenario(tmp_path, MOONS.replace("epochs=30", "epochs='30'"))
    for words in (("run", "two-moons", "sgd"), ("sweep", "two-moons", "--preset", "sgd", "--grid", "lr=1,2")):
        answer = calling(*words, "--plugin", str(path))
        assert (answer.code, answer.err.count("\n")) == (2, 1)
        assert "epochs = '30': expected a valid integer" in answer.err
    assert not home.exists()


def test_torch_at_the_top_is_refused(calling: Caller, tmp_path: Path) -> None:
    """The app shows the file, and does without torch."""
    path = write_scenario(tmp_path, f"import torch\n\n{MOONS}")
    words = [sys.executable, "-m", "tui_optim", "run", "two-moons", "sgd", "--plugin", str(path)]
    answer = subprocess.run(words, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "imports torch at its top; move the import into the functions that need it" in answer.stderr
    assert calling("list", "runs").out.count("two-moons") == 0


def test_a_failure_is_a_sentence(calling: Caller, tmp_path: Path) -> None:
    """What a user's code raises in the worker comes back as one line with its file and line, and no traceback."""
    path = write_scenario(tmp_path, MOONS.replace("    labels = torch", "    labels = torsch"))
    answer = calling("run", "two-moons", "sgd", "--plugin", str(path), "--threads", "1", "--plain")
    assert answer.code == 1
    line = MOONS[: MOONS.index("    labels = torch")].count("\n") + 1
    assert (
        f"failed: plugin {path}: load_data raised NameError: name 'torsch' is not defined (line {line})" in answer.out
    )
    assert "Traceback" not in answer.out + answer.err


def test_a_file_that_changed_is_not_resumed(calling: Caller, tmp_path: Path) -> None:
    """The run fails with one calm sentence; with the file as it was it goes on to its end."""
    path = write_scenario(tmp_path, MOONS)
    answer = calling(
        "run", "two-moons", "sgd", "--plugin", str(path), "--epochs", "100000", "--threads", "1", "--detach"
    )
    run_id = answer.out.strip()
    _wait_for(calling, run_id, "running")
    calling("pause", run_id)
    _wait_for(calling, run_id, "paused")
    write_scenario(tmp_path, MOONS.replace("0.15", "0.16"))
    calling("resume", run_id)
    _wait_for(calling, run_id, "failed")
    assert "the file has changed since this run was made; put back what it was" in calling("show", run_id).out
    write_scenario(tmp_path, MOONS)
    calling("resume", run_id)
    _wait_for(calling, run_id, "running")


def test_what_does_not_suit_is_refused(calling: Caller, tmp_path: Path) -> None:
    """K-FAC draws labels, and there are none."""
    path = write_scenario(tmp_path, SINE)
    answer = calling("run", "sine", "kfac", "--plugin", str(path))
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "sine has another loss; take newton-cg" in answer.err


def _wait_for(calling: Caller, run_id: str, state: str) -> None:
    deadline = time.monotonic() + 120
    while f'"state": "{state}"' not in (shown := calling("show", run_id, "--json").out):
        assert time.monotonic() < deadline, shown[-500:]
        time.sleep(0.1)
