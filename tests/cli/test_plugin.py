"""The README's example of an optimizer of one's own, from the command line."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.cli.calling import Caller
from tests.spec.test_plugins import SIGN_SGD
from tui_optim.spec.optimizers import find_optimizer


@pytest.fixture
def calling(call: Caller, home: Path) -> Iterator[Caller]:
    """A command line whose processes end with the test."""
    yield call
    for process in psutil.process_iter(["cmdline"]):
        if str(home) in (process.info["cmdline"] or []):
            process.kill()


def test_a_file_on_the_command_line_trains(calling: Caller, home: Path, tmp_path: Path) -> None:
    """`run SCENARIO --plugin FILE` trains with the file's defaults, learns, and notes the file in its command, with its hash."""
    path = tmp_path / "sign_sgd.py"
    path.write_text(SIGN_SGD, encoding="utf-8")
    answer = calling("run", "mlp-fashion", "--plugin", str(path), "--epochs", "2", "--threads", "1", "--json")
    assert answer.code == 0, answer.err
    (run,) = json.loads(answer.out)["runs"]
    assert run["final"]["test_accuracy"] > 0.7
    assert f"--plugin {path}" in calling("show", run["run_id"]).out
    kept = (home / "runs" / run["run_id"] / "run.json").read_text(encoding="utf-8")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in kept


def test_a_file_in_the_configuration_folder_is_listed(calling: Caller, tmp_path: Path) -> None:
    """Presets and optimizers of the folder `optimizers` appear beside ours, without being named."""
    folder = tmp_path / "config" / "optimizers"
    folder.mkdir(parents=True)
    (folder / "sign_sgd.py").write_text(SIGN_SGD, encoding="utf-8")
    assert "sign-sgd" in calling("list", "presets").out
    assert "sign-sgd" in calling("list", "optimizers").out


def test_a_named_file_is_never_passed_over(calling: Caller, home: Path, tmp_path: Path) -> None:
    """One in the folder has its id, and would be trained in its place: both are named, nothing runs; the very file is taken."""
    folder = tmp_path / "config" / "optimizers"
    folder.mkdir(parents=True)
    (kept := folder / "sign_sgd.py").write_text(SIGN_SGD, encoding="utf-8")
    (named := tmp_path / "other.py").write_text(SIGN_SGD, encoding="utf-8")
    for command in ("run", "schedule"):
        answer = calling(command, "mlp-fashion", *(["sgd"] if command == "schedule" else []), "--plugin", str(named))
        assert (answer.code, answer.out) == (2, "")
        assert f"{named}: id = 'sign-sgd' is that of {kept}" in answer.err
    assert not list(home.glob("runs/*"))
    assert calling("schedule", "mlp-fashion", "sign-sgd", "--plugin", str(kept)).code == 0


def test_a_preset_of_an_own_optimizer_begins_with_its_defaults(calling: Caller, tmp_path: Path) -> None:
    """An own optimizer has no file of a preset: one is written, of its own words and numbers."""
    folder = tmp_path / "config" / "optimizers"
    folder.mkdir(parents=True)
    (folder / "sign_sgd.py").write_text(SIGN_SGD, encoding="utf-8")
    assert calling("preset", "new", "my-sign", "--from", "sign-sgd").code == 0
    own, made = (json.loads(calling("preset", "show", name, "--json").out) for name in ("sign-sgd", "my-sign"))
    defaults = {one.name: one.default for one in find_optimizer("sign-sgd").hyperparameters}
    assert made == own | {"id": "my-sign", "name": "Sign SGD (my-sign)", "hyperparameters": defaults}
    assert defaults


def test_a_broken_plugin_leaves_no_run(calling: Caller, home: Path, tmp_path: Path) -> None:
    """A file that cannot be used is wrong use: exit code 2, one line, no run folder."""
    path = tmp_path / "broken.py"
    path.write_text("OPTIMIZER = 1", encoding="utf-8")
    answer = calling("run", "mlp-fashion", "--plugin", str(path))
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "expected OPTIMIZER" in answer.err
    assert not home.exists()


def test_a_build_that_fails_is_a_sentence(calling: Caller, tmp_path: Path) -> None:
    """What a user's code raises in the worker comes back as one line with its file and line, and no traceback."""
    path = tmp_path / "own.py"
    head = SIGN_SGD.split("def build")[0]
    path.write_text(f"{head}def build(model, hyperparameters):\n    raise ValueError('no')\n", encoding="utf-8")
    answer = calling("run", "mlp-fashion", "--plugin", str(path), "--epochs", "1", "--threads", "1")
    assert answer.code == 1
    line = head.count("\n") + 2
    assert f"failed: plugin {path}: build raised ValueError: no (line {line})" in answer.out
    assert "Traceback" not in answer.out + answer.err


def test_a_plugin_with_the_id_of_another_preset_is_refused(calling: Caller, home: Path, tmp_path: Path) -> None:
    """`nesterov` is a preset of plain SGD: it is not run in the place of the file that was named."""
    path = tmp_path / "nesterov.py"
    path.write_text(SIGN_SGD.replace("sign-sgd", "nesterov"), encoding="utf-8")
    answer = calling("run", "mlp-fashion", "--plugin", str(path))
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "the preset of this id runs sgd" in answer.err
    assert not home.exists()
