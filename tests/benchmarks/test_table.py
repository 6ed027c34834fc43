"""The command of the benchmarks, with stand-ins for what takes minutes."""

import re
from pathlib import Path

import pytest

from tests.benchmarks.command import measure
from tests.benchmarks.table import BEGIN, END, Row, figure, write_block

ROOT = Path(__file__).resolve().parents[2]
README = f"# Title\n\n| a | b |\n\n{BEGIN}\nold\n{END}\n\nlast — line\n"


def stand_in() -> list[Row]:
    """Five rounds of a ratio, and one of a time."""
    ratio = Row(what="ours ÷ theirs", values=[2.0, 1.0, 3.0, 5.0, 4.0], unit="×", besides="bar 1")
    return [ratio, Row(what="a key", values=[12.25], unit="ms")]


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    """One with an older table."""
    path = tmp_path / "README.md"
    path.write_text(README, encoding="utf-8")
    return path


def call(readme: Path, *words: str, load: float = 0.1) -> None:
    """The command with two parts and a detail."""
    parts = {"one": stand_in, "two": lambda: [Row(what="another", values=[0.0123], unit="s")]}
    measure(words, parts=parts, details={"more": lambda: None}, readme=readme, load=lambda: load)


def test_the_readmes_block_is_replaced_and_nothing_else(readme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Median, quartiles and number of rounds in a row for each measurement; a second time gives the same again."""
    for _ in range(2):
        call(readme, "--readme")
    before, block, after = re.split(f"{BEGIN}\n|{END}\n", readme.read_text(encoding="utf-8"))
    assert (before, after) == tuple(re.split(f"{BEGIN}\nold\n{END}\n", README))
    told, empty, *lines = block.splitlines()
    assert told.startswith("Last results (2")
    assert empty == ""
    assert lines == [
        "| what | median | quartiles | n | besides |",
        "| --- | ---: | --- | ---: | --- |",
        "| ours ÷ theirs | 3.00 × | 2.00 … 4.00 | 5 | bar 1 |",
        "| a key | 12.2 ms | 12.2 … 12.2 | 1 |  |",
        "| another | 0.012 s | 0.012 … 0.012 | 1 |  |",
    ]
    assert "\n".join(lines) in capsys.readouterr().out


def test_named_parts_are_measured_alone(readme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the table and those in detail; the README stays."""
    measure(
        ["two", "more"],
        parts={"one": stand_in, "two": stand_in},
        details={"more": lambda: print("much more")},
        readme=readme,
    )
    out = capsys.readouterr().out
    assert out.count("| a key |") == 1
    assert "much more" in out
    assert readme.read_text(encoding="utf-8") == README


@pytest.mark.parametrize(
    ("words", "load", "sentence"),
    [
        (["three"], 0.1, "unknown benchmark 'three'; in the table: one, two; in detail: more"),
        (["--readme", "one"], 0.1, "--readme takes the whole table"),
        (["--readme"], 999.0, "load 999.0 of .* CPUs: the README keeps what an idle machine does"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_measured(
    readme: Path, words: list[str], load: float, sentence: str
) -> None:
    """In a sentence; the README stays."""
    with pytest.raises(SystemExit, match=sentence):
        call(readme, *words, load=load)
    assert readme.read_text(encoding="utf-8") == README


@pytest.mark.parametrize("text", ["", f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}{END}{BEGIN}"])
def test_a_readme_without_a_place_for_it_is_refused(tmp_path: Path, text: str) -> None:
    """And left as it is."""
    path = tmp_path / "README.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="needs one line"):
        write_block(path, ["new"])
    assert path.read_text(encoding="utf-8") == text


def test_the_readme_has_a_place_for_it(tmp_path: Path) -> None:
    """The real one."""
    path = tmp_path / "README.md"
    path.write_bytes((ROOT / "README.md").read_bytes())
    write_block(path, ["new"])
    assert f"{BEGIN}\nnew\n{END}" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "text"), [(1234.5, "1,234"), (76.25, "76.2"), (2.318, "2.32"), (0.9611, "0.961"), (0.0004, "0.000")]
)
def test_figures_have_the_digits_that_count(value: float, text: str) -> None:
    """Three of them."""
    assert figure(value) == text
