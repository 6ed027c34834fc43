"""Names of settings for legends and rows: the preset, and whatever tells it from the others with the same name."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from tui_optim.report.cells import format_cell, plain_text
from tui_optim.report.columns import setting_columns
from tui_optim.spec.run import RunSpec

MAX_LENGTH = 60
"""Of a name in a legend."""


def setting_labels(specs: Sequence[RunSpec]) -> list[str]:
    """A name for each setting, given by one of its runs; ready to print.

    Settings of one preset on one scenario name what differs among them; the sample is always said. Settings on several
    scenarios share names: whoever shows them together says the scenario beside.
    """
    return [plain_text(_label(spec, [other for other in specs if _name(other) == _name(spec)])) for spec in specs]


class Told(Protocol):
    """A setting, with what its runs were told that changed their numbers."""

    @property
    def spec(self) -> RunSpec: ...
    @property
    def commands(self) -> str: ...


def told_labels(settings: Sequence[Told]) -> list[str]:
    """The same for settings whose runs may have been told something: those say it."""
    labels = setting_labels([one.spec for one in settings])
    return [with_commands(label, one.commands) for label, one in zip(labels, settings, strict=True)]


def with_commands(name: str, commands: str) -> str:
    """A name that says what a run was told."""
    return f"{name} ({commands})" if commands else name


def distinct(labels: Sequence[str]) -> list[str]:
    """The labels, cut to `MAX_LENGTH`; those that then read the same are numbered."""
    names = [label if len(label) <= MAX_LENGTH else f"{label[: MAX_LENGTH - 1]}…" for label in labels]
    seen: Counter[str] = Counter()
    found: list[str] = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})" if names.count(name) > 1 else name)
    return found


def _name(spec: RunSpec) -> tuple[str, str]:
    return spec.scenario, spec.preset


def _label(spec: RunSpec, alike: Sequence[RunSpec]) -> str:
    words = [spec.preset]
    for column, value in setting_columns(alike):
        cell = value(spec)
        words += [f"{column.title}={format_cell(column, cell)}"] if cell is not None else []
    words += [f"← {spec.parent.words}"] if spec.parent else []
    words += [f"{spec.epochs} epochs"] if len({other.epochs for other in alike}) > 1 else []
    words += ["held out"] if spec.holdout and not all(other.holdout for other in alike) else []
    words += ["(sample)"] if spec.data.kind == "sample" else []
    return " ".join(words)
