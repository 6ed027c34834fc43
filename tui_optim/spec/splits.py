"""How much of a training set is held out as validation."""

from tui_optim.spec.scenarios import Scenario

FULL_SIZE = 60_000
"""Training examples of the sets that `Scenario.validation_size` counts in; a sample holds out in proportion."""
HOLDOUT_SHARE = 1 / 6
"""Share of the training set held out for choosing: 10,000 of 60,000."""


def num_held_out(scenario: Scenario, num_examples: int, *, is_holdout: bool) -> int:
    """Validation examples of a training set of this size; `is_holdout` where something is being chosen."""
    share = HOLDOUT_SHARE if is_holdout and not scenario.validation_size else scenario.validation_size / FULL_SIZE
    return round(share * num_examples)
