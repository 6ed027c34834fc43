"""Wrong use meets one clear line and exit code 2, never a traceback, and leaves no half-made run folder."""

import os
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tui_optim.runs.client import Client
from tui_optim.spec.errors import StoreError

BASELINE = ("run", "lenet5-fashion", "sgd-baseline")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run", "lenet5-fashon", "sgd"), "unknown scenario 'lenet5-fashon': did you mean 'lenet5-fashion'?"),
        (("run", "lenet5-fashion", "sgd-basline"), "unknown preset 'sgd-basline': did you mean 'sgd-baseline'?"),
        (("run", "lenet5-fashion"), "name at least one preset"),
        (("run",), "Missing argument 'scenario'"),
        (("runn",), "No such command 'runn'"),
        ((*BASELINE, "--set", "lrr=1"), "--set lrr: no such key here; did you mean 'lr'?"),
        ((*BASELINE, "--set", "lr"), "expected key=value"),
        ((*BASELINE, "--set", "lr=-1"), "lr = -1: expected a number in [0, 1e+06]"),
        ((*BASELINE, "--set", "lr=nan"), "lr = nan: expected a number"),
        ((*BASELINE, "--set", "lr=fast"), "lr = 'fast': expected a number"),
        ((*BASELINE, "--set", "batch_size=0"), "batch_size = 0: expected a whole number in [1, 1000000] or 'full'"),
        ((*BASELINE, "--set", "schedule.kind=cosin"), "unknown schedule 'cosin': did you mean 'cosine'?"),
        ((*BASELINE, "--set", "nesterov=true"), "needs momentum > 0"),
        ((*BASELINE, "--set", "penalty.kind=l1"), "--set penalty.kind: no such key here"),
        ((*BASELINE, "--epochs", "0"), "epochs = 0: expected a whole number in [1, 100000]"),
        ((*BASELINE, "--epochs", "ten"), "'ten' is not a whole number"),
        ((*BASELINE, "--seeds", "4..2"), "expected a rising range"),
        ((*BASELINE, "--seeds", "x"), "expected numbers like 42, 42,43 or 42..46"),
        ((*BASELINE, "--patience", "3"), "lenet5-fashion has none of its own: add --holdout"),
        ((*BASELINE, "--min-delta", "much"), "--min-delta 'much': expected a number, for example 0.001"),
        ((*BASELINE, "--min-delta", "0.1"), "is for a run that ends early: say --patience N too"),
        ((*BASELINE, "--keep-every", "0"), "--keep-every 0: expected a whole number of epochs in [1, 100000]"),
        ((*BASELINE, "--threads", "0"), "threads = 0: expected a whole number in [1, 1024]"),
        ((*BASELINE, "--jobs", "0"), "worker slots (--jobs) = 0: expected a whole number in [1, 64]"),
        ((*BASELINE, "--device", "gpu"), "unknown device 'gpu': did you mean 'cpu'?"),
        ((*BASELINE, "--preset-file", "absent.toml"), "absent.toml: cannot be read"),
        ((*BASELINE, "--data-dir", "absent"), "absent"),
        (("show", "last"), "there are no runs yet"),
        (("export",), "no runs yet"),
        (("compare",), "no runs yet"),
        (("compare", "--format", "pdf"), "unknown format 'pdf'"),
        (("compare", "-o", "table.md"), "--output needs --format"),
        (("compare", "--axis", "secnds", "--at", "1"), "unknown axis 'secnds': did you mean 'seconds'?"),
        (("compare", "--at", "nan"), "--at nan: expected a number from 0 on"),
        (("compare", "--measure", "val_loss"), "--measure val_loss needs --at"),
        (("compare", "--speed", "2"), "--speed 2: expected --replay"),
        (("compare", "--replay", "--speed", "-1"), "--speed -1: expected --replay and a number above 0"),
        (("compare", "--replay", "--json"), "--replay plays standings over seconds of training"),
        (("serve", "--host", "0.0.0.0"), "other machines could reach it, and nothing is encrypted"),
        (("serve", "--host", "no such name"), "--host no such name: no address is known by this name"),
        (("serve", "--port", "0"), "--port 0: expected a whole number in [1, 65535]"),
        (("serve", "--read-only"), "nothing to attach to"),
        (("compare", "--measure", "val_los", "--at", "1"), "did you mean 'val_loss'?"),
        (("compare", "--reference", "sgd", "--at", "1"), "--reference has no meaning with --at"),
        (("compare", "--target", "val_accuracy=1"), "expected a measure, >= or <=, and a number"),
        (("export", "--format", "pdf"), "unknown format 'pdf'"),
        (("list", "presets", "--family", "momentun"), "unknown family 'momentun': did you mean 'momentum'?"),
        (("preset", "new", "Bad Id"), "preset id 'Bad Id'"),
        (("preset", "show", "admw"), "did you mean 'adamw'?"),
        ((), "the app needs a terminal"),
    ],
)
def test_wrong_use_is_one_line(call: Caller, home: Path, words: tuple[str, ...], expected: str) -> None:
    """Each mistake is answered by one line on standard error that says what was expected."""
    answer = call(*words)

    assert answer.code == 2
    assert expected in answer.err
    assert answer.err.startswith("tui-optim: ")
    assert answer.err.count("\n") == 1
    assert answer.out == ""
    assert not list((home / "runs").glob("*"))


def test_a_broken_preset_file_names_file_key_and_nearest_name(call: Caller, tmp_path: Path) -> None:
    """A misspelt key in a preset given as a file is found before anything runs."""
    path = tmp_path / "mine.toml"
    path.write_text('name = "m"\nfamily = "basic"\noptimizer = "sgd"\nadvise = "x"\n', encoding="utf-8")

    answer = call("run", "lenet5-fashion", "--preset-file", str(path))

    assert answer.code == 2
    assert str(path) in answer.err
    assert "advise: unknown key; did you mean 'advice'?" in answer.err


@pytest.mark.parametrize("words", [("run", "lenet5-fashion", "--preset-file"), ("preset", "check")])
def test_a_preset_that_is_no_regular_file_is_named(call: Caller, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A FIFO that nobody writes to, or a device without an end, is refused at once."""
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")

    for name, kind in {"pipe.toml": "a FIFO", "zero.toml": "a device"}.items():
        answer = call(*words, str(tmp_path / name))
        assert answer.code == 2
        assert answer.err == f"tui-optim: {tmp_path / name}: cannot be read (it is {kind}, not a regular file)\n"


def test_a_home_that_is_a_file_is_said(call: Caller, home: Path) -> None:
    """A home folder that cannot be made is a sentence with what to do (a file in its place stands for no permission)."""
    home.write_text("", encoding="utf-8")

    answer = call(*BASELINE)

    assert answer.code == 2
    assert "set TUI_OPTIM_HOME" in answer.err


def test_a_home_without_permission_is_said(call: Caller, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that exists but cannot be written is a sentence with what to do (root may write anywhere, so it is simulated)."""
    monkeypatch.setattr("os.access", lambda *_: False)

    answer = call(*BASELINE)

    assert answer.code == 2
    assert f"no permission to write in the home folder {home}" in answer.err


def test_no_data_and_no_network_is_said(call: Caller, tmp_path: Path) -> None:
    """A data folder without the files is named; nothing is trained on something else instead."""
    (tmp_path / "empty").mkdir()

    answer = call(*BASELINE, "--data-dir", str(tmp_path / "empty"))

    assert answer.code == 2
    assert str(tmp_path / "empty") in answer.err


def test_preset_check_prints_a_line_for_each_problem(call: Caller, tmp_path: Path) -> None:
    """Two broken files are two lines; values that do not go together are found here, not when the run starts."""
    (tmp_path / "a.toml").write_text("name = 3", encoding="utf-8")
    (tmp_path / "b.toml").write_text(
        'name = "b"\nfamily = "basic"\noptimizer = "sgd"\nadvice = "x"\nhyperparameters = { nesterov = true }\n',
        encoding="utf-8",
    )

    answer = call("preset", "check", str(tmp_path / "a.toml"), str(tmp_path / "b.toml"))

    lines = answer.err.splitlines()
    assert answer.code == 2
    assert len(lines) == 2
    assert "needs momentum > 0" in lines[1]


def test_an_unknown_users_home_is_said(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~nosuch` in an environment variable ends in a sentence as well."""
    monkeypatch.setenv("TUI_OPTIM_HOME", "/dev/null/~nosuch/x")
    answer = call("status")
    assert answer.code == 2
    assert "cannot use the home folder" in answer.err


def test_a_data_file_of_the_right_size_with_wrong_content_is_named(call: Caller, home: Path, tmp_path: Path) -> None:
    """One flipped byte in the training images is found before a run folder is made."""
    from tests.engine.runs_for_tests import sample_source

    folder = tmp_path / "flipped"
    folder.mkdir()
    for path in sample_source().files.values():
        content = bytearray(path.read_bytes())
        if "train-images" in path.name:
            content[len(content) // 2] ^= 1
        (folder / path.name).write_bytes(content)

    answer = call(*BASELINE, "--data-dir", str(folder))

    assert answer.code == 2
    assert "train-images-idx3-ubyte" in answer.err
    assert "; replace it, or run `tui-optim data fetch fashion-mnist`" in answer.err
    assert answer.err.count("\n") == 1
    assert not list((home / "runs").glob("*"))


def test_status_brings_the_supervisor_back_and_tells_of_a_full_disk(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a sentence beside the answer; what cannot be brought back is no failure of `status`."""
    monkeypatch.setattr(Client, "bring_back", lambda _: True)
    monkeypatch.setattr(Client, "lack_of_space", lambda _: "the disk is full: runs wait")
    answer = call("status", "--tmux")
    assert (answer.code, answer.out) == (0, "idle\n")
    assert answer.err.splitlines() == [
        "tui-optim: the supervisor had ended with work left; a new one goes on with it",
        "tui-optim: the disk is full: runs wait",
    ]

    def refuse(_: Client) -> bool:
        raise StoreError("the supervisor did not start")

    monkeypatch.setattr(Client, "bring_back", refuse)
    answer = call("status")
    assert answer.code == 0
    assert "the supervisor did not start" in answer.err
