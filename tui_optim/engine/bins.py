"""How much work a run does between two looks at its losses, and how many epochs between two results.

Where the minimum of the objective is known (problems of one or two parameters), every step is a bin and is measured against
it, off the clock; so long a run that this would be more than `MAX_MEASURED` measurements is measured at equal distances.
"""

from tui_optim.engine.batches import read_size
from tui_optim.spec.run import RunSpec

MAX_MEASURED = 10_000


def bin_work(run: RunSpec, num_train: int) -> int:
    """Gradient evaluations in a bin of a run alone."""
    batch_size = run.examples_per_step(num_train)
    if run.scenario_info.quadratic:
        return max(batch_size, -(-run.epochs * num_train // MAX_MEASURED))
    return read_size(num_train, batch_size) * batch_size


def epochs_per_result(run: RunSpec) -> int:
    """Epochs from one evaluation to the next."""
    return -(-run.epochs // MAX_MEASURED) if run.scenario_info.quadratic else 1
