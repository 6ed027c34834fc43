"""Optimizers that users bring: a Python file, or the entry point of an installed package.

Such a module has two names. `OPTIMIZER` is an `Optimizer`: what the panel shows. `build(model, hyperparameters)` returns a
`torch.optim.Optimizer`, or an `engine.optimizers.method.Method` for more than one gradient a step. The app loads the module to
show it, so torch is imported inside `build`, never at the top.
"""

import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from tui_optim.spec.errors import UsageError, shown
from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.ids import PRESET_ID
from tui_optim.spec.optimizers import FAMILIES, OPTIMIZERS, Optimizer

GROUP = "tui_optim.plugins"
FILES_VARIABLE = "TUI_OPTIM_PLUGINS"
"""Environment variable with files, or folders of files, separated like PATH."""
_TEXTS = ("id", "name", "family", "formula", "source", "stores", "step_cost", "helps", "hurts", "extra")
_SWITCHES = ("is_full_batch", "needs_matrices", "remembers_examples", "is_by_hand")
_KINDS: tuple[tuple[str, type | tuple[type, ...], str], ...] = (
    *((name, str, "text") for name in _TEXTS),
    *((name, bool, "True or False") for name in _SWITCHES),
    ("max_parameters", (int, type(None)), "a whole number, or None"),
    ("hyperparameters", tuple, "a tuple: (Hyperparameter(name=…, default=…, help=…),)"),
)
"""Fields of an optimizer with their types, and these in words."""
_OTHER_KEYS = ("batch_size", "schedule", "averaging", "penalty")
"""What else a user may set by name."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A user's optimizer."""

    optimizer: Optimizer
    build: Callable[..., Any]

    def complaint(self, what: str, error: BaseException | None = None) -> UsageError:
        """The error that says what is wrong with it: the file, and the line of the file that `error` came from."""
        return _complaint(self.optimizer.origin, what, error)


@dataclass(frozen=True, slots=True)
class Plugins:
    """The plugins that could be loaded, by id; and what is wrong with those that could not."""

    by_id: dict[str, Plugin]
    problems: list[str]


def find_plugins() -> Plugins:
    """Load all plugins that this process knows of, once for each set of files."""
    return _load_all(os.environ.get(FILES_VARIABLE, ""))


def add_plugin_files(paths: Iterable[Path]) -> None:
    """Let this process and those that it starts know of more files or folders."""
    known = os.environ.get(FILES_VARIABLE, "").split(os.pathsep)
    new = [str(path.absolute()) for path in paths]
    os.environ[FILES_VARIABLE] = os.pathsep.join(part for part in [*known, *new] if part)


def load_plugin(origin: str) -> Plugin:
    """Load the plugin of a file (its path ends in .py) or of a module.

    Raises:
        UsageError: it is missing, fails, imports torch at its top, lacks a name, or describes its optimizer wrongly.
    """
    has_torch = "torch" in sys.modules
    try:
        module = _load_file(Path(origin)) if origin.endswith(".py") else importlib.import_module(origin)
    except (Exception, SystemExit) as error:  # a user's code may raise anything; it is named and left out
        raise _complaint(origin, f"{type(error).__name__}: {error}", error) from error
    if "torch" in sys.modules and not has_torch:
        raise _complaint(origin, "imports torch at its top; move the import into build")
    optimizer, build = getattr(module, "OPTIMIZER", None), getattr(module, "build", None)
    if not isinstance(optimizer, Optimizer):
        raise _complaint(origin, "expected OPTIMIZER, a tui_optim.spec.optimizers.Optimizer")
    if not callable(build):
        raise _complaint(origin, "expected a function build(model, hyperparameters)")
    if problem := _problem_of(optimizer):
        raise _complaint(origin, problem)
    return Plugin(replace(optimizer, origin=origin), build)


def _problem_of(optimizer: Optimizer) -> str:
    """What keeps a plugin's optimizer out of the registry, in words; empty where nothing does."""
    for name, kinds, expected in _KINDS:
        if not isinstance(value := getattr(optimizer, name), kinds):
            return f"{name} = {shown(value)}: expected {expected}"
    if problem := _problem_of_hyperparameters(optimizer.hyperparameters):
        return problem
    if not PRESET_ID.fullmatch(optimizer.id):  # it is part of the names of run folders
        return f"id = {shown(optimizer.id)}: expected a–z, 0–9 and '-' (for example my-sgd)"
    if optimizer.id in OPTIMIZERS:
        return f"id = {optimizer.id!r}: an optimizer of the program has this id; take another"
    if optimizer.family not in FAMILIES:
        return f"family = {shown(optimizer.family)}: expected {', '.join(FAMILIES)}"
    return ""


def _problem_of_hyperparameters(parameters: tuple[Any, ...]) -> str:
    names: set[str] = set()
    for parameter in parameters:
        if not isinstance(parameter, Hyperparameter):
            return f"hyperparameters has {shown(parameter)}: expected a Hyperparameter(name=…, default=…, help=…)"
        if not str(parameter.name).isidentifier() or parameter.name in _OTHER_KEYS or parameter.name in names:
            return f"hyperparameter {shown(parameter.name)}: expected a name of its own, of letters, digits and '_'"
        names.add(parameter.name)
        if not isinstance(parameter.help, str):
            return f"hyperparameter {parameter.name}: help = {shown(parameter.help)}: expected text"
        try:
            parameter.check(parameter.default, where=f"default of {parameter.name}")
        except UsageError as error:
            return str(error)
        except (TypeError, AttributeError):
            return f"hyperparameter {parameter.name}: its bounds are no numbers, or its choices no words"
    return ""


@cache
def _load_all(paths: str) -> Plugins:
    by_id: dict[str, Plugin] = {}
    problems: list[str] = []
    for origin in _origins(paths):
        try:
            plugin = load_plugin(origin)
        except UsageError as error:
            problems.append(str(error))
        else:
            first = by_id.setdefault(plugin.optimizer.id, plugin)
            if first.optimizer.origin != plugin.optimizer.origin:
                problems.append(f"plugin {origin}: id = {plugin.optimizer.id!r} is taken by {first.optimizer.origin}")
    return Plugins(by_id, problems)


def _origins(paths: str) -> Iterator[str]:
    for point in entry_points(group=GROUP):
        yield point.module
    for path in (Path(part) for part in paths.split(os.pathsep) if part):
        files = [path] if path.suffix == ".py" else sorted(path.glob("*.py"))  # a folder that is not there has none
        yield from (str(file.absolute()) for file in files)


def _complaint(origin: str, what: str, error: BaseException | None = None) -> UsageError:
    return UsageError(f"plugin {_named(origin)}: {what}{_line_in(origin, error)}")


def _named(origin: str) -> str:
    """The plugin for a message: its file, with the name of the module where it is one."""
    file = _file_of(origin)
    return origin if file in ("", origin) else f"{origin} ({file})"


def _file_of(origin: str) -> str:
    if origin.endswith(".py"):
        return origin
    try:
        spec = importlib.util.find_spec(origin)
    except (ImportError, ValueError):  # it, or the package that it is said to be in, is not there
        return ""
    return (spec.origin or "") if spec else ""


def _line_in(origin: str, error: BaseException | None) -> str:
    """The deepest line of the plugin's own file that an error came through: " (line 12)"."""
    if error is None or isinstance(error, SyntaxError):  # whose message has its line
        return ""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _file_of(origin)]
    return f" (line {lines[-1]})" if lines else ""


def _load_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tui_optim_plugin_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
