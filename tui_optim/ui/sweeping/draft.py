"""What the user has typed for a new sweep, word by word, and the plan that it says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value, parse_value
from tui_optim.spec.seeds import parse_seeds
from tui_optim.spec.sweeps.plan import METRICS, PRUNE_RULES, SEARCH_KINDS, WINNER_RULES, FinalSpec, SweepPlan
from tui_optim.spec.sweeps.space import Dimension, parse_dimension

CHOICES: dict[str, tuple[str, ...]] = {
    "search": SEARCH_KINDS,
    "metric": METRICS,
    "prune": PRUNE_RULES,
    "winner": WINNER_RULES,
    "final_test": ("each epoch", "once"),
}
"""Fields that are chosen, with what they may be; all others are typed."""
_BETWEEN = re.compile(r"[;\n]\s*|\s+(?=[\w.]+\s*=)")
"""What separates `key=…` from the next: a blank will do."""
_DIGITS = re.compile(r"\s*\d{1,9}\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepDraft:
    """The fields of the form, as typed."""

    search: str = "grid"
    space: str = "lr=0.01,0.03,0.1,0.3"
    tuned: str = "lr"
    trials: str = "20"
    seeds: str = "7"
    epochs: str = ""
    metric: str = "val_loss"
    prune: str = "none"
    patience: str = ""
    final_seeds: str = ""
    final_epochs: str = ""
    winner: str = "each"
    final_test: str = "each epoch"
    settings: str = ""

    def asks_for(self, name: str) -> bool:
        """Whether a field means something with the chosen search."""
        if name in ("space", "tuned"):
            return (name == "tuned") == (self.search == "rate")
        if name in ("winner", "final_test"):
            return bool(self.final_seeds.strip())
        return name != "trials" or self.search in ("random", "tpe")

    def plan(self, scenarios: Sequence[str], presets: Sequence[str]) -> SweepPlan:
        """The plan for these arms. Raises UsageError, which names the field and what was expected."""
        has_finals = bool(self.final_seeds.strip())
        final = {
            "seeds": tuple(parse_seeds(self.final_seeds)) if has_finals else (),
            "epochs": _number("final epochs", self.final_epochs),
            "winner": self.winner if has_finals else "each",
            "test_once": has_finals and self.final_test == "once",
        }
        values: dict[str, object] = {
            "scenarios": tuple(scenarios),
            "presets": tuple(presets),
            "search": self.search,
            "space": self._space() if self.asks_for("space") else {},
            "tuned": (self.tuned.strip() if self.asks_for("tuned") else "") or "lr",
            "trials": self._trials() if self.asks_for("trials") else None,
            "seeds": tuple(parse_seeds(self.seeds)),
            "epochs": _number("epochs", self.epochs),
            "settings": _settings(self.settings),
            "metric": self.metric,
            "prune": self.prune,
            "patience": _number("patience", self.patience),
            "final": FinalSpec.model_validate(final),
        }
        return SweepPlan.model_validate(values)

    def _space(self) -> dict[str, Dimension]:
        words = [word for word in _BETWEEN.split(self.space.strip()) if word]
        if not words:
            raise UsageError("space: say what to search, for example lr=0.01,0.1 or, for random and tpe, lr=1e-4..1")
        pairs = [parse_dimension(word) for word in words]
        if len(dict(pairs)) < len(pairs):
            raise UsageError("space: a key stands twice; give all its values in one, as in lr=0.01,0.1")
        return dict(pairs)

    def _trials(self) -> int:
        number = _number("trials", self.trials)
        if number is None:
            raise UsageError("trials: say how many points each preset gets, for example 20")
        return number


DRAFT_FIELDS = tuple(field.name for field in fields(SweepDraft))
"""In the order of the form."""


def _settings(text: str) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for word in _BETWEEN.split(text.strip()):
        name, separator, value = (part.strip() for part in word.partition("="))
        if word and not (separator and name and value):
            raise UsageError(f"set: {word!r}: expected key=value, for example momentum=0.9")
        if word:
            values[name] = parse_value(value)
    return values


def _number(name: str, text: str) -> int | None:
    """A whole number, or None for an empty field."""
    if not text.strip():
        return None
    if not _DIGITS.fullmatch(text):
        raise UsageError(f"{name}: {text.strip()!r} is no whole number")
    return int(text)
