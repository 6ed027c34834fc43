"""Optional dependencies: whether what an optimizer needs is installed, found out without importing it."""

from importlib.util import find_spec

from tui_optim.spec.optimizers.optimizer import Optimizer

PACKAGES: dict[str, str] = {"zoo": "pytorch_optimizer"}
"""The module that each extra brings; the extras are those of pyproject.toml."""
INSTALL = ".venv/bin/pip install -e '.[{extra}]'"
"""The command that adds an extra, in the clone that the README's first command sets up."""


def missing_extra(optimizer: Optimizer) -> str | None:
    """The sentence that says what to install for an optimizer; None when nothing is missing."""
    package = PACKAGES.get(optimizer.extra)
    if package is None or find_spec(package) is not None:
        return None
    command = INSTALL.format(extra=optimizer.extra)
    return f'{optimizer.id} needs the extra "{optimizer.extra}"; in your clone: {command}'
