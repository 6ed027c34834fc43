"""Sweep files: TOML with the keys of a `SweepPlan`, the searched keys in their typed form or as lists and tables."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tui_optim.spec.errors import UsageError, nearest, shown
from tui_optim.spec.regular_file import open_regular
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.space import parse_dimension

SIZE_LIMIT_BYTES = 64 * 1024
_EXAMPLES = {
    "scenarios": '["circles"]',
    "presets": '["sgd", "adam"]',
    "seeds": "[1, 2, 3]",
    "final.seeds": "[101, 102, 103]",
}


def load_plan(path: Path) -> SweepPlan:
    """Read and validate a sweep file. Raises UsageError, which names the file and the key."""
    try:
        with open_regular(path) as stream:
            content = stream.read(SIZE_LIMIT_BYTES + 1)
        if len(content) > SIZE_LIMIT_BYTES:
            raise UsageError(f"{path}: larger than {SIZE_LIMIT_BYTES} bytes, not a sweep")
        body = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (ValueError, RecursionError) as error:  # also what is not UTF-8
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    if "name" in body:
        raise UsageError(f"{path}: unknown key name: a sweep is called by its file's name; its title is for people")
    try:
        return SweepPlan.model_validate({**body, "name": path.stem, "space": _space(body.get("space", {}))})
    except ValidationError as error:
        raise UsageError(f"{path}: {_first_problem(error)}") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def _space(space: Any) -> Any:
    """With what is typed (`lr = "1e-4..1"`) read as on the command line."""
    if not isinstance(space, dict):
        return space
    return {
        name: parse_dimension(f"{name}={given}")[1] if isinstance(given, str) else given
        for name, given in space.items()
    }


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"unknown key {where}: {nearest(str(problem['loc'][-1]), SweepPlan.model_fields)}"
    if problem["type"] == "missing":
        return f"{where} is missing"
    if problem["type"] == "tuple_type":
        return (
            f"{where} = {shown(problem['input'])}: expected a list, for example {where} = {_EXAMPLES.get(where, '[…]')}"
        )
    return f"{where} = {shown(problem['input'])}: {problem['msg'][0].lower()}{problem['msg'][1:]}"
