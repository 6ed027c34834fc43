"""`tui-optim gallery`: images in the terminal, as JSON and as a file."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_run, make_spec
from tests.image_runs import write_judged
from tui_optim.store.datasets import SAMPLE_ROOT
from tui_optim.store.home import open_home


@pytest.fixture(autouse=True)
def _sample(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del home
    monkeypatch.setenv("TUI_OPTIM_DATA", str(SAMPLE_ROOT))
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("name", ["fashion-mnist", "mlp-fashion", "mnist", "mlp-mnist"])
def test_a_data_set_shows_one_image_of_each_class(call: Caller, name: str) -> None:
    """By its own name or by that of a scenario; without a terminal characters shade."""
    answer = call("gallery", name)
    assert answer.code == 0
    assert "training images (sample)" in answer.out
    expected = ("Trouser", "Ankle boot") if "fashion" in name else ("0", "9")
    assert all(word in answer.out for word in expected)
    assert all(sign in answer.out for sign in "░▒▓█")
    assert all(len(line) <= 80 for line in answer.out.splitlines())
    assert len(json.loads(call("gallery", name, "--json").out)["classes"]) == 10


def test_a_run_shows_its_mistakes_and_its_confusion(call: Caller, home: Path) -> None:
    """Both, or one of them; pages; all of it as JSON."""
    run = write_judged(open_home(home))
    both = call("gallery", "last").out
    assert f"{run.run_id}: 87.50 % of 1,000 test images right" in both
    assert "page 1 of 13" in both
    assert "right" in call("gallery", run.run_id, "--view", "confusion").out.splitlines()[1]
    assert "page 2 of 13" in call("gallery", "last", "--view", "mistakes", "--page", "2").out
    body = json.loads(call("gallery", "last", "--json").out)
    assert (body["split"], body["data"], body["accuracy"], len(body["mistakes"])) == ("test", "sample", 0.875, 125)
    assert sum(map(sum, body["confusion"])) == 1000
    assert [one["class"] for one in body["classes"]][:2] == ["T-shirt/top", "Trouser"]


def test_pictures_go_to_files(call: Caller, home: Path) -> None:
    """From `gallery` and from `plot`, the same bytes when written again, by the other command where both have the figure."""
    write_judged(open_home(home))

    def written(*words: str) -> bytes:
        assert call(*words, "-o", "a.png").code == 0
        content = Path("a.png").read_bytes()
        assert content.startswith(b"\x89PNG")
        return content

    assert written("gallery", "last") == written("plot", "--kind", "gallery")
    assert written("gallery", "last", "--view", "confusion") == written("plot", "--kind", "confusion")
    assert written("gallery", "last", "--view", "classes") == written("gallery", "fashion-mnist")
    assert written("gallery", "mnist")


def test_json_is_of_what_would_be_shown_and_a_file_comes_first(call: Caller, home: Path) -> None:
    """Of a data set as of a run: `-o` writes the picture and nothing is printed, else `--json` prints what the view is of."""
    write_judged(open_home(home))
    of_run = json.loads(call("gallery", "last", "--view", "classes", "--json").out)
    assert of_run == json.loads(call("gallery", "fashion-mnist", "--json").out)
    for name in ("last", "fashion-mnist"):
        answer = call("gallery", name, "-o", f"{name}.png", "--json")
        assert (answer.out, Path(f"{name}.png").exists()) == ("", True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("gallery", "fashion-mnist", "--view", "confusion"), "fashion-mnist is no run"),
        (("gallery", "last", "--view", "confusions"), "did you mean 'confusion'?"),
        (("gallery", "circles"), "circles has no images: its picture is `tui-optim plot circles --kind boundary`"),
        (("gallery", "last"), "kept no predictions"),
        (("gallery", "last", "-o", "a.gif"), "kept no predictions"),
        (("gallery", "mnist", "-o", "a.gif"), "a figure's file ends in .png"),
        (("gallery", "nosuchrun"), "unknown run 'nosuchrun'"),
        (("gallery", "mnist", "--data-dir", "absent"), "absent"),
    ],
)
def test_what_cannot_be_shown_is_one_line(call: Caller, home: Path, words: tuple[str, ...], expected: str) -> None:
    """Exit code 2."""
    make_run(open_home(home), make_spec())
    answer = call(*words)
    assert (answer.code, expected in answer.err, answer.err.count("\n")) == (2, True, 1)


def test_a_page_that_is_not_there_is_refused(call: Caller, home: Path) -> None:
    """With how many there are."""
    write_judged(open_home(home))
    answer = call("gallery", "last", "--page", "14")
    assert (answer.code, "--page 14: there are 13" in answer.err) == (2, True)
