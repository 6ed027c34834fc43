"""`tui-optim data`: what is printed on a terminal, in a pipe and as JSON."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tui_optim.cli.data import data_app
from tui_optim.spec.errors import DataError, UsageError
from tui_optim.store import datasets
from tui_optim.store.datasets import SAMPLE_ROOT, OnProgress


@pytest.fixture(autouse=True)
def _fresh_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No data on this machine but the packaged sample."""
    monkeypatch.setattr(datasets, "DEBIAN_ROOT", tmp_path / "debian")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TUI_OPTIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TUI_OPTIM_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


def _run(*words: str) -> str:
    result = CliRunner().invoke(data_app, words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_list_shows_what_a_run_takes() -> None:
    """Every link of the chain has a line, and the one in use is marked as the sample that it is."""
    lines = _run("list").splitlines()

    assert [line.split()[0] for line in lines[1:4]] == ["cache", "torchvision", "debian"]
    assert lines[4].startswith(" ▸ sample")
    assert lines[5].endswith("[sample]")


def test_list_as_json_is_one_object() -> None:
    """For scripts: the source in use and all that were looked at."""
    body = json.loads(_run("list", "--json"))

    assert [entry["id"] for entry in body["data"]] == ["fashion-mnist", "mnist"]
    assert all(entry["taken"]["data"] == "sample" for entry in body["data"])
    assert [source["state"] for source in body["data"][0]["sources"]] == ["absent", "absent", "absent", "ok"]


def test_list_says_when_a_named_folder_holds_nothing(tmp_path: Path) -> None:
    """Nothing below a folder that the user named is announced as in use."""
    lines = _run("list", "--data-dir", str(tmp_path / "nowhere")).splitlines()

    assert "no such folder" in lines[1]
    assert "a run takes: nothing" in lines[6]


def test_verify_reads_what_is_there() -> None:
    """The packaged sample is verified; absent links are no failure."""
    body = json.loads(_run("verify", "mnist", "--json"))

    assert [(row["origin"], row["state"]) for row in body["verified"]] == [("sample", "verified")]


def test_verify_names_the_damaged_file(tmp_path: Path) -> None:
    """The line of the damaged link comes with the others, and the command ends in its error."""
    folder = tmp_path / "named"
    folder.mkdir()
    for path in (SAMPLE_ROOT / "mnist").glob("*.gz"):
        (folder / path.name).write_bytes(path.read_bytes())
    damaged = folder / "train-images-idx3-ubyte.gz"
    damaged.write_bytes(damaged.read_bytes()[:-20])

    with pytest.raises(DataError, match=r"named/train-images-idx3-ubyte\.gz: damaged or truncated"):
        CliRunner().invoke(data_app, ["verify", "mnist", "--data-dir", str(folder)], catch_exceptions=False)


def test_verify_of_a_folder_with_one_set_succeeds(tmp_path: Path) -> None:
    """The other set is reported as absent, in words and as JSON; what is there is sound."""
    shutil.copytree(SAMPLE_ROOT / "fashion-mnist", tmp_path / "named" / "fashion-mnist")
    words = ("verify", "--data-dir", str(tmp_path / "named"))

    lines = _run(*words).splitlines()
    rows = json.loads(_run(*words, "--json"))["verified"]

    assert [line.split()[:3] for line in lines if "data-dir" in line] == [
        ["fashion-mnist", "data-dir", "verified"],
        ["mnist", "data-dir", "absent"],
    ]
    assert [row["state"] for row in rows if row["origin"] == "data-dir"] == ["verified", "absent"]


@pytest.mark.parametrize("names", [[], ["mnist"]])
def test_verify_of_a_folder_without_what_was_asked_for_fails(tmp_path: Path, names: list[str]) -> None:
    """An empty folder holds neither set, and one with Fashion-MNIST is no answer to a question about MNIST."""
    named = tmp_path / "named"
    named.mkdir()
    if names:
        shutil.copytree(SAMPLE_ROOT / "fashion-mnist", named / "fashion-mnist")

    with pytest.raises(DataError, match=r"named: no .*MNIST in it"):
        CliRunner().invoke(data_app, ["verify", *names, "--data-dir", str(named)], catch_exceptions=False)


@pytest.mark.parametrize("command", ["fetch", "verify"])
def test_an_unknown_data_set_is_refused_first(command: str) -> None:
    """The second name is wrong, so nothing is done for the first."""
    with pytest.raises(UsageError, match=r"unknown data set 'mnst': did you mean 'mnist'\?"):
        CliRunner().invoke(data_app, [command, "fashion-mnist", "mnst"], catch_exceptions=False)


def test_fetch_in_a_pipe_prints_a_line_for_each_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """No bar where nobody looks: one plain line when a file is complete."""

    def fake(dataset_id: str, *, on_progress: OnProgress) -> object:
        on_progress("labels.gz", 10, 20)
        on_progress("labels.gz", 20, 20)
        return datasets.find_source(dataset_id)

    monkeypatch.setattr(datasets, "fetch", fake)

    result = CliRunner().invoke(data_app, ["fetch", "mnist"], catch_exceptions=False)

    assert result.stderr.splitlines() == ["labels.gz: 20 bytes"]
    assert result.stdout.startswith("MNIST: complete and verified in ")


def test_a_sample_needs_the_full_set(tmp_path: Path) -> None:
    """Without the full sets nothing is written."""
    with pytest.raises(DataError, match="data fetch fashion-mnist"):
        CliRunner().invoke(data_app, ["sample", str(tmp_path / "out")], catch_exceptions=False)

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["list", "fetch", "verify", "sample"])
def test_help_has_an_example(command: str) -> None:
    """Every command shows how it is called."""
    assert f"Example: tui-optim data {command}" in _run(command, "--help")


def test_the_commands_are_cheap_to_import() -> None:
    """`--help` must not pay for pydantic, rich or torch."""
    code = "import sys, tui_optim.cli.data as d; print([m for m in ('pydantic', 'torch', 'numpy') if m in sys.modules])"

    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert output.strip() == "[]"
