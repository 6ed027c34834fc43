"""Optional dependencies: whether what a feature needs is installed, found out without importing it."""

from importlib.util import find_spec

from tui_optim.spec.errors import UsageError
from tui_optim.spec.optimizers.optimizer import Optimizer

PACKAGES: dict[str, str] = {
    "zoo": "pytorch_optimizer",
    "tune": "optuna",
    "plot": "matplotlib",
    "ray": "ray",
    "slurm": "submitit",
    "tensorboard": "tensorboardX",
}
"""The module that each extra brings; the extras are those of pyproject.toml."""
INSTALL = ".venv/bin/pip install -e '.[{extra}]'"
"""The command that adds an extra, in the clone that the README's first command sets up."""


def missing_extra(optimizer: Optimizer) -> str | None:
    """The sentence that says what to install for an optimizer; None when nothing is missing."""
    return _missing(optimizer.extra, needed_by=optimizer.id)


def need_extra(extra: str, *, needed_by: str) -> None:
    """Raises UsageError with the install line where the extra's package is not installed."""
    if missing := _missing(extra, needed_by=needed_by):
        raise UsageError(missing)


def _missing(extra: str, *, needed_by: str) -> str | None:
    package = PACKAGES.get(extra)
    if package is None or find_spec(package) is not None:
        return None
    return f'{needed_by} needs the extra "{extra}"; in your clone: {INSTALL.format(extra=extra)}'
