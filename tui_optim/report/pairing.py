"""Settings against a reference: which one that is, how it is named, and how the others differ from it.

Seeds are paired (equal seeds mean equal initial weights and batch order), so differences are taken seed by seed.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tui_optim.report.cells import Column, format_cell
from tui_optim.report.columns import settings
from tui_optim.report.comparison import Setting, contest
from tui_optim.report.labels import setting_labels
from tui_optim.report.rows import row_list
from tui_optim.report.statistics import MAX_EXACT, SEEDS_FOR_INFERENCE, holm, probability_greater, sign_flip_p
from tui_optim.spec.errors import UsageError, nearest
from tui_optim.spec.run import RunSpec

DEFAULT_REFERENCE = "sgd"
"""The preset that others are compared with unless the user declares another: tuned SGD of constant rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """A setting against its reference, on the seeds that both have."""

    reference: Setting
    differences: list[float]
    """What runs are judged by minus the reference's: accuracies as fractions, else the gap or the loss."""
    p: float
    """Exact two-sided sign-flip p; NaN where the seeds are too few for inference."""
    p_holm: float
    """Adjusted over all settings with this reference."""
    greater: float
    """P(A > B): the chance that a run of the setting beats one of the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """All rows of a comparison against their references."""

    rows: tuple[Paired | None, ...]
    """None for a reference itself, and where there is none."""
    notes: tuple[str, ...]
    """Rows that have no reference, and how to name one; rows whose reference was trained for another number of epochs."""


def pair(compared: Sequence[Setting], reference: str | None = None) -> Pairing:
    """Compare each setting with the reference on the same scenario, split and data, of as many epochs where there is one.

    Where several settings are meant, that with the preset's own values is the reference. One of another length is taken only
    where the user names it.

    Args:
        compared: the settings, in the order of the rows.
        reference: a preset, or a setting as tables print it (`named_settings`); tuned SGD where none is named.

    Raises:
        UsageError: the named reference is not among the settings, or means several of them.
    """
    if reference is not None and not reference.strip():
        raise UsageError("an empty name is no reference; leave it out for sgd, or name a preset of the table")
    name = DEFAULT_REFERENCE if reference is None else reference
    candidates = named_settings(compared, name)
    if reference is not None and not candidates:
        raise UsageError(f"reference {reference!r} is not among the compared presets: {_valid(compared, reference)}")
    rows: list[Paired | None] = []
    without: dict[tuple[str, str], list[int]] = {}
    unequal: list[int] = []
    for number, setting in enumerate(compared, start=1):
        fitting = [one for one in candidates if contest(one.spec) == contest(setting.spec)]
        other = _reference(fitting, setting, wanted=reference)
        alike = [one for one in compared if contest(one.spec) == contest(setting.spec)]
        if other is None and len(alike) > 1:
            example = setting_labels([one.spec for one in fitting or alike])[0]
            without.setdefault((_why(fitting, name), example), []).append(number)
        if other is not None and other.spec.epochs != setting.spec.epochs:
            unequal.append(number)
        rows.append(None if other is None or other is setting else _paired(setting, other))
    notes = [
        f"no reference for {row_list(numbers)}: {why}; name one as the table does, for example --reference {_quoted(example)}"
        for (why, example), numbers in without.items()
    ]
    if unequal:
        notes.append(
            f"the reference of {row_list(unequal)} was trained for another number of epochs: Δ and p compare unequal budgets"
        )
    return Pairing(rows=tuple(_adjusted(rows)), notes=tuple(notes))


def named_settings(compared: Sequence[Setting], name: str) -> list[Setting]:
    """Those that a name means: a preset, alone or with what tells its settings apart, as tables and legends print it.

    `sgd` is every setting of this preset; `sgd lr=0.22`, `sgd batch_size=10 3 epochs`, `sgd held out` are those that have this.
    """
    labels = setting_labels([setting.spec for setting in compared])
    as_printed = [setting for setting, label in zip(compared, labels, strict=True) if label == name]
    return [setting for setting in compared if _is_named(setting.spec, name)] or as_printed


def _is_named(spec: RunSpec, name: str) -> bool:
    if spec.parent is not None:  # by its whole name alone: its preset's name means runs from the start
        return False
    if name == spec.preset:
        return True
    if not name.startswith(f"{spec.preset} "):
        return False
    words = name.removeprefix(spec.preset)
    words = re.sub(r" (\d+) epochs\b", r" epochs=\1", words).replace(" held out", " held_out=true")
    has = {**settings(spec), "epochs": spec.epochs, "held_out": spec.holdout}
    for word in words.replace(" (sample)", "").split():
        key, _, value = word.partition("=")
        if key not in has or value not in (str(has[key]).lower(), format_cell(Column(key=key, title=key), has[key])):
            return False
    return spec.data.kind == "sample" or not name.endswith(" (sample)")


def _reference(fitting: Sequence[Setting], setting: Setting, *, wanted: str | None) -> Setting | None:
    """That of one setting, which may be itself; None where there is none, or no telling which."""
    pool = [one for one in fitting if one.spec.epochs == setting.spec.epochs]
    pool = pool or (list(fitting) if wanted is not None else [])
    pool = [one for one in pool if _is_as_preset(one)] or pool
    if len(pool) > 1 and wanted is not None:
        names = ", ".join(map(_quoted, setting_labels([one.spec for one in pool])))
        raise UsageError(f"reference {wanted!r}: {len(pool)} settings have this name; name one of them: {names}")
    return pool[0] if len(pool) == 1 else None


def _is_as_preset(setting: Setting) -> bool:
    """Whether it has the preset's own values, and was told nothing else while it trained."""
    is_changed = setting.commands or setting.spec.parent
    return not is_changed and any(not entry.spec.overrides for entry in setting.entries)


def _why(fitting: Sequence[Setting], name: str) -> str:
    if not fitting:
        return f"{name} is not among the runs on the same scenario, split and data"
    if len(fitting) == 1:
        return f"{name} was trained for {fitting[0].spec.epochs} epochs, and they were not"
    return f"{len(fitting)} settings of {name} are there, and none alone has their epochs and the preset's own values"


def _valid(compared: Sequence[Setting], name: str) -> str:
    """What could have been meant."""
    presets = dict.fromkeys(setting.spec.preset for setting in compared)
    begun = [one for one in presets if name.startswith(f"{one} ")]
    if not begun:
        return nearest(name, presets)
    alike = [setting.spec for setting in compared if setting.spec.preset == max(begun, key=len)]
    return nearest(name, setting_labels(alike))


def _quoted(name: str) -> str:
    return f"'{name}'"


def _paired(setting: Setting, other: Setting) -> Paired:
    differences = setting.differences(other)
    sign = -1.0 if setting.measure.is_minimised else 1.0
    ours, theirs = ([sign * value for value in one.judged.values()] for one in (setting, other))
    greater = probability_greater(ours, theirs)
    return Paired(reference=other, differences=differences, p=_p(differences), p_holm=math.nan, greater=greater)


def _adjusted(found: Sequence[Paired | None]) -> list[Paired | None]:
    """With Holm's adjustment over all settings that share a reference."""
    adjusted = list(found)
    for reference in {id(one.reference) for one in found if one}:
        family = [(row, one) for row, one in enumerate(found) if one and id(one.reference) == reference]
        for (row, one), p in zip(family, holm([one.p for _, one in family]), strict=True):
            adjusted[row] = replace(one, p_holm=p)
    return adjusted


def _p(differences: Sequence[float]) -> float:
    return sign_flip_p(differences) if SEEDS_FOR_INFERENCE <= len(differences) <= MAX_EXACT else math.nan
