"""What a preset may put on any optimizer: a rule for its rate (schedules) or for its iterates (averaging)."""

from dataclasses import dataclass

from tui_optim.spec.hyperparameters import Hyperparameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that `kind` names in a preset's table, with the parameters that the table may hold beside it."""

    id: str
    name: str
    formula: str
    source: str
    parameters: tuple[Hyperparameter, ...]
    depends_on_length: bool = False
    """Whether its shape depends on the planned length of the run."""
