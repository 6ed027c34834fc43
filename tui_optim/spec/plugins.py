"""What users bring: a Python file, or the entry point of an installed package, with an optimizer or a scenario.

A module with an optimizer has two names. `OPTIMIZER` is an `Optimizer`: what the panel shows. `build(model, hyperparameters)`
returns a `torch.optim.Optimizer`, or an `engine.optimizers.method.Method` for more than one gradient a step. The app loads the
module to show it, so torch is imported inside `build`, never at the top. `spec.own_scenario` says what one with a scenario has.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_optim.spec.errors import UsageError, shown
from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.ids import PRESET_ID
from tui_optim.spec.optimizers import FAMILIES, OPTIMIZERS, Family, Optimizer
from tui_optim.spec.plugin_file import blaming, complaint, load_module

if TYPE_CHECKING:
    from tui_optim.spec.own_scenario import OwnScenario
    from tui_optim.spec.scenarios import Scenario

GROUP = "tui_optim.plugins"
FILES_VARIABLE = "TUI_OPTIM_PLUGINS"
"""Environment variable with files, or folders of files, separated like PATH."""
_KINDS: tuple[tuple[str, type | tuple[type, ...], str], ...] = (
    *((field.name, str, "text") for field in fields(Optimizer) if field.type in (str, Family)),
    *((field.name, bool, "True or False") for field in fields(Optimizer) if field.type is bool),
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
        return complaint(self.optimizer.origin, what, error)


@dataclass(frozen=True, slots=True)
class Plugins:
    """The plugins that could be loaded, by id; and what is wrong with those that could not."""

    by_id: dict[str, Plugin]
    """Optimizers."""
    problems: list[str]
    scenarios: "dict[str, OwnScenario]"


def find_plugins() -> Plugins:
    """Load all plugins that this process knows of, once for each set of files."""
    return _load_all(os.environ.get(FILES_VARIABLE, ""))


def add_plugin_files(paths: Iterable[Path]) -> None:
    """Let this process and those that it starts know of more files or folders."""
    known = os.environ.get(FILES_VARIABLE, "").split(os.pathsep)
    new = [str(path.absolute()) for path in paths]
    os.environ[FILES_VARIABLE] = os.pathsep.join(dict.fromkeys(part for part in [*known, *new] if part))


def load_plugin(origin: str) -> Plugin:
    """Load the plugin of a file (its path ends in .py) or of a module.

    Raises:
        UsageError: it is missing, fails, imports torch at its top, lacks a name, or describes its optimizer wrongly.
    """
    module, _ = load_module(origin)
    with _blaming_what_it_has(origin):
        return _read_optimizer(module, origin)


def use_plugin_files(paths: Iterable[Path]) -> list[str]:
    """Let this process know of files that the user has named; returns the ids of the optimizers that they bring.

    Raises:
        UsageError: what is wrong with a file; or an id in it is that of another file, which would be used in its place.
    """
    files = [str(path.absolute()) for path in paths]
    brought = [_load(file) for file in files]
    add_plugin_files(map(Path, files))
    known = find_plugins()
    for file, (optimizer, scenario) in zip(files, brought, strict=True):
        used: list[Optimizer | Scenario] = []
        if optimizer is not None:
            used.append(known.by_id[optimizer.optimizer.id].optimizer)
        if scenario is not None:
            used.append(known.scenarios[scenario.scenario.id].scenario)
        for one in used:
            if one.origin != file:
                raise complaint(file, f"id = {one.id!r} is that of {one.origin}: give one of them another id")
    return list(dict.fromkeys(optimizer.optimizer.id for optimizer, _ in brought if optimizer))


def _load(origin: str) -> "tuple[Plugin | None, OwnScenario | None]":
    """What a plugin brings: an optimizer, a scenario, or both."""
    module, sha256 = load_module(origin)
    with _blaming_what_it_has(origin):
        if not hasattr(module, "SCENARIO"):
            return _read_optimizer(module, origin), None
        from tui_optim.spec.own_scenario import read_scenario  # with it comes pydantic, which --help does without

        scenario = read_scenario(module, origin, sha256)
        return _read_optimizer(module, origin) if hasattr(module, "OPTIMIZER") else None, scenario


def _blaming_what_it_has(origin: str) -> AbstractContextManager[None]:
    """What a module has, and how it is looked up, may be code of the user's too; what we say of it is a UsageError already."""
    return blaming(origin, passing=lambda error: isinstance(error, UsageError))


def _read_optimizer(module: object, origin: str) -> Plugin:
    optimizer, build = getattr(module, "OPTIMIZER", None), getattr(module, "build", None)
    if not isinstance(optimizer, Optimizer):
        raise complaint(
            origin,
            "expected OPTIMIZER, a tui_optim.spec.optimizers.Optimizer, or SCENARIO, a tui_optim.spec.scenarios.Scenario",
        )
    if not callable(build):
        raise complaint(origin, "expected a function build(model, hyperparameters)")
    if problem := _problem_of(optimizer):
        raise complaint(origin, problem)
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
    found = Plugins({}, [], {})
    for origin in _origins(paths):
        try:
            optimizer, scenario = _load(origin)
        except UsageError as error:
            found.problems.append(str(error))
            continue
        taken: list[Optimizer | Scenario] = []
        if optimizer is not None:
            taken.append(found.by_id.setdefault(optimizer.optimizer.id, optimizer).optimizer)
        if scenario is not None:
            taken.append(found.scenarios.setdefault(scenario.scenario.id, scenario).scenario)
        found.problems.extend(
            f"plugin {origin}: id = {first.id!r} is taken by {first.origin}"
            for first in taken
            if first.origin != origin
        )
    return found


def _origins(paths: str) -> Iterator[str]:
    if _is_declared(GROUP):
        # Not above: with it come 30 modules (mail, zip …), which `--help` does without.
        from importlib.metadata import entry_points

        for point in entry_points(group=GROUP):
            yield point.module
    for path in (Path(part) for part in paths.split(os.pathsep) if part):
        files = [path] if path.suffix == ".py" else sorted(path.glob("*.py"))  # a folder that is not there has none
        yield from (str(file.absolute()) for file in files)


def _is_declared(group: str) -> bool:
    """Whether an installed package may have an entry point of a group: one has the group's name in its file of them."""
    return any(group.encode() in declared for folder in sys.path for declared in _declarations(folder or os.curdir))


def _declarations(folder: str) -> Iterator[bytes]:
    """What the packages that are installed in a folder declare as their entry points."""
    with suppress(OSError):  # not a folder, or there is none
        for entry in os.scandir(folder):
            if entry.name.endswith((".dist-info", ".egg-info")):
                with suppress(OSError):  # it declares none
                    yield Path(entry, "entry_points.txt").read_bytes()
