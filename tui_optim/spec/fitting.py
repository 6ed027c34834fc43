"""What of a run does not go together with its scenario, its data or its method: each is refused in a sentence."""

from collections.abc import Mapping

from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import Optimizer
from tui_optim.spec.optimizers.noise_reduction import table_problem
from tui_optim.spec.presets import BatchSize
from tui_optim.spec.scenarios import Scenario


def check_splits(scenario: Scenario, *, holdout: bool, test_once: bool) -> None:
    """Refuse to hold out, or to evaluate at the end, what a scenario does not have. Raises UsageError."""
    if holdout and scenario.quadratic:
        raise UsageError(
            f"{scenario.id} is a function to minimise, there is nothing to hold out: leave --holdout out (in a sweep: "
            "--no-holdout --metric train_loss)"
        )
    if test_once and (holdout or not scenario.has_test):
        why = "a run that holds data out never does" if holdout else f"{scenario.id} has none"
        raise UsageError(f"--test-once evaluates the test set at the end, and {why}: leave --test-once out")


def check_holdout(*, holdout: bool, num_examples: int, num_train: int) -> None:
    """Refuse to hold out a part of so few examples that it has none. Raises UsageError."""
    if holdout and num_train == num_examples:
        raise UsageError(
            f"of {_counted(num_examples)} nothing can be held out: leave --holdout out (in a sweep: "
            "--no-holdout --metric train_loss)"
        )


def check_batches(
    batch_size: BatchSize, scenario: Scenario, optimizer: Optimizer, *, num_examples: int, num_train: int
) -> None:
    """Refuse batches that the method cannot step with, or the data does not fill.

    Args:
        batch_size: examples per step.
        scenario: what is trained.
        optimizer: by what.
        num_examples: those of the training set.
        num_train: those of them that are not held out.

    Raises:
        UsageError: says which batch size to take.
    """
    if optimizer.is_full_batch and batch_size != "full":
        raise UsageError(f"batch_size = {batch_size}: {optimizer.name} needs exact gradients; expected 'full'")
    if batch_size != "full" and batch_size > num_train:
        beside = "" if num_train == num_examples else f" beside the {num_examples - num_train:,} of its validation part"
        raise UsageError(
            f"batch_size = {batch_size}: the training set has {_counted(num_train)}{beside}; take fewer, or 'full'"
        )
    if scenario.has_batchnorm:
        _check_last_batch(batch_size, num_train)


def check_table(hyperparameters: Mapping[str, Value], scenario: Scenario, optimizer: Optimizer, num_train: int) -> None:
    """Refuse a table of gradients that is too large to be kept. Raises UsageError."""
    if "blocks" not in hyperparameters or optimizer.origin:  # a plugin's blocks may be anything
        return
    blocks = int(hyperparameters["blocks"])
    if problem := table_problem(blocks, num_examples=num_train, num_parameters=scenario.num_parameters):
        raise UsageError(problem)


def check_one_mean(averaging: Mapping[str, Value], optimizer: Optimizer) -> None:
    """Refuse a mean of the iterates over a method that is judged by its own. Raises UsageError."""
    if averaging and optimizer.is_averaging:
        raise UsageError(
            f"averaging.kind = {averaging['kind']}: {optimizer.name} is judged by a mean of its own; leave averaging.kind out"
        )


def _counted(num_examples: int) -> str:
    return f"{num_examples:,} example{'' if num_examples == 1 else 's'}"


def _check_last_batch(batch_size: BatchSize, num_train: int) -> None:
    """BatchNorm divides by the spread within a batch, which one example does not have."""
    if num_train == 1:
        raise UsageError("the training set has 1 example, and BatchNorm needs two or more in a batch")
    if batch_size == "full":
        return
    if batch_size == 1:
        raise UsageError("batch_size = 1: BatchNorm needs two examples or more in a batch")
    if num_train % batch_size == 1:
        raise UsageError(
            f"batch_size = {batch_size}: the last batch of {num_train:,} examples would have one, and BatchNorm needs two or more"
        )
