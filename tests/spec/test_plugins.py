"""A user's optimizer is a file; what is wrong with it is said in a sentence."""

import signal
import sys
from pathlib import Path

import pytest

from tests.packages import declare_plugins
from tui_optim.spec import plugins
from tui_optim.spec.errors import UsageError
from tui_optim.spec.optimizers import find_optimizer
from tui_optim.spec.plugins import FILES_VARIABLE, load_plugin
from tui_optim.spec.presets import parse_preset

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def example(name: str, language: str) -> str:
    """A piece of the README by its mark."""
    return README.split(f"<!-- {name} -->")[1].split("```")[1].removeprefix(f"{language}\n")


SIGN_SGD = example("plugin", "python")


@pytest.fixture
def sign_sgd(tmp_path: Path) -> Path:
    """The README's example as a file."""
    path = tmp_path / "sign_sgd.py"
    path.write_text(SIGN_SGD, encoding="utf-8")
    return path


def test_a_plugins_optimizer_is_found_by_name(sign_sgd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in a plugin folder makes its optimizer known, with its origin."""
    monkeypatch.setenv(FILES_VARIABLE, str(sign_sgd.parent))
    optimizer = find_optimizer("sign-sgd")
    assert (optimizer.name, optimizer.origin) == ("Sign SGD", str(sign_sgd))


def test_the_preset_of_the_readme_is_one_of_its_optimizer(sign_sgd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file, one preset: the preset is read beside the file, and has numbers of its own."""
    monkeypatch.setenv(FILES_VARIABLE, str(sign_sgd.parent))
    preset = parse_preset(example("plugin preset", "toml"), path=Path("sign-sgd-fast.toml"))
    assert (preset.id, preset.optimizer, preset.hyperparameters) == ("sign-sgd-fast", "sign-sgd", {"lr": 0.001})


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("x = (", "SyntaxError"),
        ("raise ValueError('no')", r"ValueError: no \(line 1\)"),
        ("build = print", "expected OPTIMIZER"),
        (SIGN_SGD.replace("def build", "def make"), "expected a function build"),
        ("raise SystemExit(4)", "SystemExit: 4"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class Own(BaseException): pass\nraise Own('\x1b[2J')", r"Own: \\x1b\[2J \(line 2\)"),
        ("class Own(Exception):\n    def __str__(self): raise ValueError\nraise Own", r"Own \(line 3\)"),
        ("def __getattr__(name): raise SystemExit(name)", r"SystemExit: OPTIMIZER \(line 1\)"),
        ("def __getattr__(name): raise RuntimeError(name)", r"RuntimeError: OPTIMIZER \(line 1\)"),
        (SIGN_SGD.replace('id="sign-sgd"', 'id="../sign"'), r"id = '\.\./sign': expected a–z, 0–9 and '-'"),
        (SIGN_SGD.replace('id="sign-sgd"', 'id="sgd"'), "id = 'sgd': an optimizer of the program has this id"),
        (SIGN_SGD.replace('"adaptive"', '"fast"'), "family = 'fast': expected basic, "),
        (SIGN_SGD.replace('"Sign SGD"', "5"), "name = 5: expected text"),
        (SIGN_SGD.replace('    stores="0",\n', ""), r"TypeError: .* 'stores' \(line \d+\)"),
        (
            SIGN_SGD.replace('stores="0",', 'stores="0", needs_matrices=1,'),
            "needs_matrices = 1: expected True or False",
        ),
        (
            SIGN_SGD.replace('stores="0",', 'stores="0", compares_points="no",'),
            "compares_points = 'no': expected True or False",
        ),
        (SIGN_SGD.replace('stores="0",', 'stores="0", max_parameters="9",'), "max_parameters = '9': expected a whole"),
        (SIGN_SGD.replace("(Hyperparameter", "[Hyperparameter").replace("),),", ")],"), "hyperparameters = .* a tuple"),
        (SIGN_SGD.replace("(Hyperparameter(", "(dict("), "hyperparameters has {.*: expected a Hyperparameter"),
        (SIGN_SGD.replace('name="lr"', 'name="batch_size"'), "hyperparameter 'batch_size': expected a name of its own"),
        (SIGN_SGD.replace('help="step of every parameter"', "help=1"), "hyperparameter lr: help = 1: expected text"),
        (SIGN_SGD.replace("default=0.0003", "default=-1"), "default of lr = -1: expected a number ≥ 0"),
        (SIGN_SGD.replace("default=0.0003", "default=1, minimum='a'"), "hyperparameter lr: its bounds are no numbers"),
    ],
)
def test_a_broken_plugin_is_named(tmp_path: Path, text: str, part: str) -> None:
    """Syntax, exceptions, missing names, and ids and families that cannot be are reported with the file."""
    path = tmp_path / "broken.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=f"plugin {path}: .*{part}"):
        load_plugin(str(path))


def test_a_missing_plugin_is_named(tmp_path: Path) -> None:
    """A file that is not there is an error of the user."""
    with pytest.raises(UsageError, match="FileNotFoundError"):
        load_plugin(str(tmp_path / "none.py"))


def test_an_installed_package_brings_an_optimizer(sign_sgd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module named by an entry point of the group is loaded like a file."""
    declare_plugins(sign_sgd.parent, "sign = sign_sgd")
    monkeypatch.syspath_prepend(str(sign_sgd.parent))
    monkeypatch.setenv(FILES_VARIABLE, str(sign_sgd.parent / "none"))  # another key of the cache
    found = plugins.find_plugins()
    assert found.by_id["sign-sgd"].optimizer.origin == "sign_sgd"


def test_a_broken_package_is_named_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point says a module, or a name in it; what is wrong is said of the module's file, and the rest goes on."""
    path = tmp_path / "own_package.py"
    path.write_text("import math\nmath.nothing()", encoding="utf-8")
    declare_plugins(tmp_path, "one = own_package:OPTIMIZER", "two = not_there")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path / "no folder"))  # another key of the cache
    assert plugins.find_plugins().problems == [
        f"plugin own_package ({path}): AttributeError: module 'math' has no attribute 'nothing' (line 2)",
        "plugin not_there: ModuleNotFoundError: No module named 'not_there'",
    ]


def test_of_two_plugins_with_one_id_the_second_is_a_problem(sign_sgd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first by file name stays; nothing is replaced in silence."""
    (sign_sgd.parent / "sign_too.py").write_text(SIGN_SGD, encoding="utf-8")
    monkeypatch.setenv(FILES_VARIABLE, str(sign_sgd.parent))
    found = plugins.find_plugins()
    assert found.by_id["sign-sgd"].optimizer.origin == str(sign_sgd)
    assert found.problems == [f"plugin {sign_sgd.parent}/sign_too.py: id = 'sign-sgd' is taken by {sign_sgd}"]


def test_a_plugin_folder_that_is_not_there_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most users have none."""
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path / "none"))
    assert plugins.find_plugins().problems == []


def test_ctrl_c_while_a_plugin_is_read_is_the_users(tmp_path: Path) -> None:
    """A signal that comes while the file's code runs ends the command; it is no fault of the file."""
    path = tmp_path / "slow.py"
    path.write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n", encoding="utf-8")
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            load_plugin(str(path))
    finally:
        signal.signal(signal.SIGINT, earlier)


def test_what_a_plugin_writes_past_print_is_escaped_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Python's own names for the streams lead to standard error as well, and are theirs again afterwards."""
    path = tmp_path / "loud.py"
    path.write_text(
        "import sys\nfor out in (sys.__stdout__, sys.__stderr__): out.write('\\x1b[2Jloud\\n')\n" + SIGN_SGD
    )
    before = sys.__stdout__, sys.__stderr__
    load_plugin(str(path))
    assert (sys.__stdout__, sys.__stderr__) == before
    assert capsys.readouterr() == ("", "\\x1b[2Jloud\n" * 2)
