"""Which optimizers suit which scenarios: one sentence for the panel, the command line and the run folder's door."""

from tui_optim.spec.extras import missing_extra
from tui_optim.spec.optimizers import Optimizer
from tui_optim.spec.scenarios import Scenario


def why_unsuited(scenario: Scenario, optimizer: Optimizer) -> str | None:
    """The reason why an optimizer cannot or should not be run on a scenario; None when it can."""
    if missing := missing_extra(optimizer):
        return missing
    if optimizer.needs_matrices and not scenario.has_weight_matrices:
        return f"{optimizer.name} works on weight matrices and {scenario.id} has none; take sgd or adam"
    if optimizer.max_parameters is not None and scenario.num_parameters > optimizer.max_parameters:
        return (
            f"{optimizer.name} keeps dense {scenario.num_parameters:,} × {scenario.num_parameters:,} matrices here; it is for at "
            f"most {optimizer.max_parameters:,} parameters; take newton-cg or lbfgs"
        )
    if optimizer.remembers_examples and scenario.has_batchnorm:
        return (
            f"{optimizer.name} compares gradients of the same examples at different times; with BatchNorm an example's gradient "
            "depends on its batch too; take sgd or adam"
        )
    if optimizer.remembers_examples and scenario.has_dropout:
        return (
            f"{optimizer.name} compares gradients of the same examples at different times; with dropout an example's gradient "
            "is drawn anew each time; take sgd or adam"
        )
    if optimizer.compares_points and scenario.has_dropout:
        return (
            f"{optimizer.name} compares the same examples before and after it has moved; with dropout they meet another network "
            "each time; take sgd or adam"
        )
    if optimizer.needs_cross_entropy and scenario.loss != "cross-entropy":
        return f"{optimizer.name} draws labels as cross-entropy does; {scenario.id} has another loss; take newton-cg"
    if optimizer.is_by_hand and not scenario.is_written_by_hand:
        return f"{optimizer.name} needs gradients that are written out, and those of {scenario.id} are not; take sgd"
    return None
