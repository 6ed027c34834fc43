"""Without the optional package its presets are listed and explained, and refused with what to install."""

import ast
import json
import re
import sys
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tui_optim.spec import extras
from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.optimizers import OPTIMIZERS
from tui_optim.spec.scenarios import SCENARIOS

SENTENCE = "lion needs the extra \"zoo\"; in your clone: .venv/bin/pip install -e '.[zoo]'"


@pytest.fixture
def without_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """No optional package is found."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)


@pytest.mark.usefixtures("without_packages")
def test_a_run_is_refused_with_what_to_install(call: Caller, home: Path) -> None:
    """One line, exit code 2, no run folder; the panel greys the preset with the same sentence."""
    answer = call("run", "mlp-fashion", "sgd", "lion")
    assert (answer.code, answer.out, answer.err) == (2, "", f"tui-optim: {SENTENCE}\n")
    assert not list((home / "runs").glob("*"))
    assert why_unsuited(SCENARIOS["mlp-fashion"], OPTIMIZERS["lion"]) == SENTENCE


def test_one_absent_package_of_an_extra_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without opt_einsum PSGD Kron would take minutes and gigabytes for a step: the extra counts as missing."""
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "opt_einsum" else find_spec(name))
    assert why_unsuited(SCENARIOS["lenet5-fashion"], OPTIMIZERS["lion"]) == SENTENCE


@pytest.mark.usefixtures("without_packages")
def test_the_presets_can_be_read_all_the_same(call: Caller) -> None:
    """Listing, showing and copying need no package, and other optimizers need none at all; lists say what is missing."""
    for kind in ("presets", "optimizers"):
        rows = {row["id"]: row["missing"] for row in json.loads(call("list", kind, "--json").out)[kind]}
        assert (rows["lion"], rows["adam"]) == ("zoo", None)
        lines = call("list", kind).out.splitlines()
        assert "missing" in lines[0]
        assert "zoo" in next(line for line in lines if line.startswith("lion"))
    assert call("preset", "show", "lion").code == 0
    assert call("preset", "new", "my-lion", "--from", "lion").code == 0
    assert why_unsuited(SCENARIOS["mlp-fashion"], OPTIMIZERS["adam"]) is None


def test_with_the_package_nothing_is_missing() -> None:
    """The extras are those of pyproject.toml, and all that optimizers name are installed where tests run."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {optimizer.extra for optimizer in OPTIMIZERS.values()} - {""}
    assert named <= set(extras.PACKAGES)
    assert set(extras.PACKAGES) | {"dev"} == set(project["optional-dependencies"])
    assert all(extras.missing_extra(optimizer) is None for optimizer in OPTIMIZERS.values())


def test_what_the_program_imports_is_installed_with_it_or_with_an_extra() -> None:
    """Not by what its developers have besides: a setting could be written only where the tests run."""
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = [one for extra, words in project["optional-dependencies"].items() if extra != "dev" for one in words]
    named = {re.split(r"[<>=\[ ]", one)[0].lower() for one in [*project["dependencies"], *optional]}
    imported: set[str] = set()
    for path in (root / "tui_optim").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    foreign = imported - sys.stdlib_module_names - {"tui_optim"}
    packages = metadata.packages_distributions()
    missing = {one for one in foreign if not named & {name.lower().replace("_", "-") for name in packages.get(one, [])}}

    assert {"torch", "textual", "tomlkit", "ray"} <= foreign
    assert missing == set()
