"""The main job from the command line: run, follow, show, export, control; on the packaged sample."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.runs.lab import Lab

HEARS_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job starts with it ignored
from tui_optim.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A home with a warm worker; its processes end with the module."""
    made = Lab(tmp_path_factory.mktemp("home"))
    yield made
    made.close()


@pytest.fixture
def trained(call: Caller, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """A command line whose home holds a finished run of each of two presets, and what `run` said of them."""
    monkeypatch.setenv("TUI_OPTIM_HOME", str(lab.home.root))
    told = lab.home.root / "answer.json"
    if not told.exists():
        answer = call("run", "mlp-fashion", "sgd-baseline", "adam", "--epochs", "2", "--threads", "1", "--json")
        assert answer.code == 0
        told.write_text(answer.out, encoding="utf-8")
    return call


def test_the_main_job(trained: Caller, lab: Lab) -> None:
    """`run --json` has the documented keys; show, list, status and every export format speak of the same runs."""
    runs = json.loads((lab.home.root / "answer.json").read_text(encoding="utf-8"))["runs"]
    assert [run["preset"] for run in runs] == ["sgd-baseline", "adam"]
    first = runs[0]
    assert {"run_id", "scenario", "preset", "seed", "state", "epochs", "steps", "gradient_evaluations"} <= set(first)
    assert (first["state"], first["seed"], first["data"], first["epochs"]) == ("finished", 42, "sample", 2)
    assert [row["epoch"] for row in first["history"]] == [0, 1, 2]
    assert first["final"]["test_accuracy"] == first["history"][-1]["test_accuracy"]
    assert "handout_loss" not in first

    shown = json.loads(trained("show", first["run_id"], "--json").out)["runs"][0]
    assert shown == first
    assert "sample" in trained("show", first["run_id"]).out

    listed = json.loads(trained("list", "runs", "--json").out)["runs"]
    assert [row["id"] for row in listed] == [run["run_id"] for run in runs]
    status = json.loads(trained("status", "--json").out)
    assert status["counts"] == {"finished": 2}
    assert trained("status", "--tmux").out == "idle\n"

    rows = list(csv.DictReader(io.StringIO(trained("export", "--format", "csv").out)))
    assert [row["preset"] for row in rows] == ["sgd-baseline", "adam"]
    assert {row["data"] for row in rows} == {"sample"}
    for form, mark in (("markdown", "|"), ("latex", r"\toprule"), ("html", "<table"), ("json", '"runs"')):
        text = trained("export", "--format", form).out
        assert mark in text
        assert "sample" in text
    answer = trained("export", "last", "--format", "latex", "-o", "table.tex")
    assert answer.code == 0
    assert r"\bottomrule" in Path("table.tex").read_text(encoding="utf-8")

    compared = json.loads(trained("compare", "mlp-fashion", "--reference", "sgd-baseline", "--json").out)
    assert [row["preset"] for row in compared["comparison"]] == ["sgd-baseline", "adam"]
    assert compared["comparison"][1]["difference"] == pytest.approx(
        runs[1]["final"]["test_accuracy"] - runs[0]["final"]["test_accuracy"]
    )
    assert [run["run_id"] for run in compared["runs"]] == [run["run_id"] for run in runs]
    assert "paired seeds" in trained("compare", "--reference", "adam").out
    wrong = trained("compare", "--reference", "adan")
    assert (wrong.code, "'adam'" in wrong.err) == (2, True)

    again = trained("resume", "last")
    assert again.code == 2
    assert "is finished" in again.err


def test_a_diverged_run_exits_with_one(trained: Caller) -> None:
    """Divergence is reported in its row, and the exit code says that not all went well."""
    answer = trained("run", "mlp-fashion", "sgd-baseline", "--set", "lr=1e6", "--epochs", "1", "--plain")
    assert answer.code == 1
    assert "diverged" in answer.out
    assert "not finite from step" in answer.out


@pytest.mark.usefixtures("trained")
def test_ctrl_c_stops_the_run_and_exits_with_130(lab: Lab) -> None:
    """SIGINT to `run` ends its runs as 'stopped'; a detached run is stopped by its part of an id."""
    process = subprocess.Popen(
        [sys.executable, "-c", HEARS_CTRL_C, "run", "mlp-fashion", "sgd", "--epochs", "5000", "--plain"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "started on cpu" in line
    process.send_signal(2)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "resume" in errors
    lab.wait_for_state(line.split()[0], "stopped")


def test_detach_prints_the_ids_and_leaves(trained: Caller, lab: Lab) -> None:
    """`--detach` returns at once; the run is then stopped by name."""
    answer = trained("run", "mlp-fashion", "sgd", "--epochs", "5000", "--detach")
    run_id = answer.out.strip()
    assert answer.code == 0
    assert (lab.folder(run_id).path / "run.json").exists()
    assert trained("stop", run_id[-4:]).code == 0
    lab.wait_for_state(run_id, "stopped")


def test_preset_new_check_show(call: Caller, tmp_path: Path) -> None:
    """A preset is copied into the user's folder with a schema beside it, checked, and found by its id."""
    made = call("preset", "new", "my-adam", "--from", "adam")
    path = tmp_path / "config" / "presets" / "my-adam.toml"
    assert made.code == 0
    assert path.read_text(encoding="utf-8").startswith("#:schema ./preset.schema.json\n")
    assert json.loads((path.parent / "preset.schema.json").read_text(encoding="utf-8"))["title"] == "Preset"
    assert "ok" in call("preset", "check", str(path)).out
    assert "my-adam" in call("list", "presets", "--json").out
    shown = json.loads(call("preset", "show", "my-adam", "--json").out)
    assert shown["name"] == "Adam (my-adam)"
    assert (shown["id"], shown["optimizer"], shown["tuning"]) == ("my-adam", "adam", [])
    assert json.loads(call("preset", "show", "adam", "--json").out)["tuning"]


def test_doctor_finds_a_broken_preset(call: Caller, tmp_path: Path) -> None:
    """`doctor` lists what is fine and what is not, and its exit code says whether to look."""
    folder = tmp_path / "config" / "presets"
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text("name = 3", encoding="utf-8")

    answer = call("doctor", "--json")

    checks = json.loads(answer.out)["checks"]
    assert answer.code == 1
    assert any(check["name"] == "torch" and check["ok"] for check in checks)
    assert any("broken.toml" in check["text"] and not check["ok"] for check in checks)
