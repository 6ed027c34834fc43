"""What is said of a run at its end: a finding, the figures that it rests on, and the run that is suggested."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tui_optim.report.cells import short_value
from tui_optim.spec.evidence import Cause, Evidence
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.remedies import rounded
from tui_optim.spec.results import encode_number
from tui_optim.spec.run import RunSpec

Finding = Cause | Literal["unknown", "worse", "stalled", "overfit"]
Figures = tuple[tuple[str, str], ...]
"""(what, how much), in words."""


GROWN = 1.5
"""A loss that is so many times that of the untrained model is said to have grown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be said of a run, and what that rests on."""

    finding: Finding
    sentence: str
    figures: Figures = ()
    changes: dict[str, Value] = field(default_factory=dict)
    """Of the suggested run, by the names that `--set` takes, and `epochs`."""
    is_without_commands: bool = False
    """Whether the suggested run is the same one without the commands that changed its rate."""
    was_tried: bool = False
    """Whether the suggested run has been seen to live, as far as `how_far` says."""
    how_far: str = "its beginning"

    @property
    def has_suggestion(self) -> bool:
        """Whether there is a run to try next."""
        return bool(self.changes) or self.is_without_commands

    def to_json(self) -> dict[str, Any]:
        """As `show --json` has it."""
        return {
            "cause": self.finding,
            "sentence": self.sentence,
            "figures": dict(self.figures),
            "changes": {name: encode_number(value) for name, value in self.changes.items()},
            "without_commands": self.is_without_commands,
            "was_tried": self.was_tried,
        }


def changes_text(spec: RunSpec, changes: Mapping[str, Value]) -> str:
    """What is changed, in words: `lr=0.05 instead of 0.5`."""
    known: dict[str, Value] = {**spec.hyperparameters, "epochs": spec.epochs, "schedule.kind": spec.schedule}
    known |= {f"penalty.{name}": value for name, value in spec.penalty.items()}
    return ", ".join(
        f"{name}={short_value(value)}" + (f" instead of {short_value(known[name])}" if name in known else "")
        for name, value in changes.items()
    )


def growth_text(found: Evidence) -> str:
    """What the loss did at its death."""
    has_grown = found.last_loss is not None and found.last_loss > GROWN * found.first_loss
    grown = f" grew from {found.first_loss:.3g} to {found.last_loss:.3g} and" if has_grown else ""
    return f"the loss{grown} is not finite from step {found.step:,} on"


def smaller_rate(lr: float) -> dict[str, Value]:
    """A tenth of a rate; nothing where there is none."""
    return {"lr": rounded(lr / 10)} if lr > 0 else {}
