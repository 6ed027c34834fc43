"""Optimizers that users bring: a Python file, or the entry point of an installed package.

Such a module has two names. `OPTIMIZER` is an `Optimizer`: what the panel shows. `build(model, hyperparameters)` returns a
`torch.optim.Optimizer`, or an `engine.optimizers.method.Method` for more than one gradient a step. The app loads the module to
show it, so torch is imported inside `build`, never at the top.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from tui_optim.spec.errors import UsageError, shown
from tui_optim.spec.optimizers import FAMILIES, OPTIMIZERS, Optimizer
from tui_optim.spec.presets import PRESET_ID

GROUP = "tui_optim.plugins"
FILES_VARIABLE = "TUI_OPTIM_PLUGINS"
"""Environment variable with files, or folders of files, separated like PATH."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A user's optimizer."""

    optimizer: Optimizer
    build: Callable[..., Any]


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
        raise UsageError(f"plugin {origin}: {type(error).__name__}: {error}") from error
    if "torch" in sys.modules and not has_torch:
        raise UsageError(f"plugin {origin}: imports torch at its top; move the import into build")
    optimizer, build = getattr(module, "OPTIMIZER", None), getattr(module, "build", None)
    if not isinstance(optimizer, Optimizer):
        raise UsageError(f"plugin {origin}: expected OPTIMIZER, a tui_optim.spec.optimizers.Optimizer")
    if not callable(build):
        raise UsageError(f"plugin {origin}: expected a function build(model, hyperparameters)")
    if problem := _problem_of(optimizer):
        raise UsageError(f"plugin {origin}: {problem}")
    return Plugin(replace(optimizer, origin=origin), build)


def _problem_of(optimizer: Optimizer) -> str:
    """What keeps a plugin's optimizer out of the registry, in words; empty where nothing does."""
    if not PRESET_ID.fullmatch(str(optimizer.id)):  # it is part of the names of run folders
        return f"id = {shown(optimizer.id)}: expected a–z, 0–9 and '-' (for example my-sgd)"
    if optimizer.id in OPTIMIZERS:
        return f"id = {optimizer.id!r}: an optimizer of the program has this id; take another"
    if optimizer.family not in FAMILIES:
        return f"family = {shown(optimizer.family)}: expected {', '.join(FAMILIES)}"
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
        yield point.value
    for path in (Path(part) for part in paths.split(os.pathsep) if part):
        files = [path] if path.suffix == ".py" else sorted(path.glob("*.py"))  # a folder that is not there has none
        yield from (str(file.absolute()) for file in files)


def _load_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tui_optim_plugin_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
