"""Optional dependencies: whether what a feature needs is installed, found out without importing it."""

from importlib import metadata
from importlib.util import find_spec

from tui_optim.spec.errors import UsageError
from tui_optim.spec.optimizers.optimizer import Optimizer

PACKAGES: dict[str, tuple[str, ...]] = {
    "zoo": ("pytorch_optimizer", "opt_einsum"),
    "tune": ("optuna",),
    "plot": ("matplotlib",),
    "ray": ("ray",),
    "slurm": ("submitit",),
    "tensorboard": ("tensorboardX",),
    "web": ("textual_serve",),
}
"""The modules that each extra brings; the extras are those of pyproject.toml.

`opt_einsum` is for PSGD Kron: without it torch contracts its products from left to right, and a step on LeNet-5 takes minutes
and 12 GB.
"""
INSTALL = ".venv/bin/pip install -e '.[{extra}]'"
"""The command that adds an extra, in the clone that the README's first command sets up."""


def lacks_extra(optimizer: Optimizer) -> bool:
    """Whether a package is missing without which an optimizer of an extra cannot run."""
    return _missing(optimizer.extra, needed_by="") is not None


def missing_extra(optimizer: Optimizer) -> str | None:
    """The sentence that says what to install for an optimizer; None when nothing is missing."""
    return _missing(optimizer.extra, needed_by=optimizer.id)


def extra_versions(optimizer: Optimizer) -> dict[str, str]:
    """The versions of the packages that an optimizer of an extra comes from, by their modules."""
    return {package: metadata.version(package) for package in PACKAGES.get(optimizer.extra, ()) if find_spec(package)}


def need_extra(extra: str, *, needed_by: str) -> None:
    """Raises UsageError with the install line where the extra's packages are not all installed."""
    if missing := _missing(extra, needed_by=needed_by):
        raise UsageError(missing)


def _missing(extra: str, *, needed_by: str) -> str | None:
    if all(find_spec(package) is not None for package in PACKAGES.get(extra, ())):
        return None
    return f'{needed_by} needs the extra "{extra}"; in your clone: {INSTALL.format(extra=extra)}'
