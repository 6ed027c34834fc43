"""The README names what exists, and its pictures and commands are real."""

import re
from pathlib import Path

import pytest

from tests.cli.test_start import COMMANDS, GROUPS
from tui_optim.spec.extras import INSTALL, PACKAGES
from tui_optim.spec.optimizers import FAMILIES
from tui_optim.spec.scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPS])
def test_every_command_is_named(command: str) -> None:
    """Each command stands in the README as a word of a command line."""
    assert re.search(rf"tui-optim [a-z|]*\b{command}\b", README)


@pytest.mark.parametrize("name", [*FAMILIES, *SCENARIOS])
def test_every_family_and_scenario_is_named(name: str) -> None:
    """Each family and each scenario is in the README by its id."""
    assert f"`{name}`" in README


@pytest.mark.parametrize("extra", PACKAGES)
def test_an_extra_is_installed_as_the_program_is(extra: str) -> None:
    """The command that the program shows stands in the README, and differs from the first command's by the extra alone."""
    command = INSTALL.format(extra=extra)
    assert f"`{command}`" in README
    first = README.split("<!-- command 1 -->")[1].split("```")[1]
    assert command.replace(f"'.[{extra}]'", ".") in first.replace(" -q ", " ")


def test_pictures_exist() -> None:
    """The pictures are the snapshots that tests keep equal to the app."""
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert len(pictures) >= 2
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_links_lead_to_chapters() -> None:
    """Each chapter is in the contents, but for those that stand before them."""
    links = set(re.findall(r"\]\(#([^)]+)\)", README))
    chapters = re.findall(r"^## (.+)$", README, re.MULTILINE)
    anchors = [re.sub(r"[^a-z0-9 -]", "", chapter.lower()).replace(" ", "-") for chapter in chapters]
    assert links == set(anchors[anchors.index("keys") :])


def test_the_map_of_the_code_names_what_is_there() -> None:
    """Rooms, and the modules that a run goes through."""
    chapter = README.split("\n## The code\n")[1]
    rooms = re.findall(r"^tui_optim/(\w+) ", chapter, re.MULTILINE)
    package = ROOT / "tui_optim"
    assert sorted(rooms) == sorted(path.parent.name for path in package.glob("*/__init__.py"))
    named = re.findall(rf"`((?:{'|'.join(rooms)})\.[a-z_.]+)", chapter)
    assert len(named) >= 10
    for name in named:
        *parents, last = name.split(".")
        place = package.joinpath(*parents)
        stands_in = place.with_suffix(".py")
        is_there = (place / last).is_dir() or (place / f"{last}.py").is_file()
        assert is_there or f"def {last}(" in stands_in.read_text(encoding="utf-8"), name


def test_ci_runs_the_readmes_second_command() -> None:
    """The line that .ci/run cuts out of the README is the one that sets up and runs the tests."""
    block = README.split("<!-- command 2 -->")[1].split("```")[1]
    assert block.splitlines()[1:] == [
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest"
    ]
