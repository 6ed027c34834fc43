"""What the columns of a table mean, in sentences: splits, costs, targets, and what the seeds allow to conclude."""

from collections.abc import Sequence

from tui_optim.report.columns import GAP
from tui_optim.report.entry import Entry
from tui_optim.report.failure import FAILURE
from tui_optim.report.rows import row_list
from tui_optim.report.series import AXIS_NAMES, Axis
from tui_optim.report.statistics import MAX_EXACT, SEEDS_FOR_INFERENCE, smallest_p
from tui_optim.spec.stacking import is_stackable

AREA_MEANING = (
    "area: under the error–cost curve, error (1 − accuracy, or f − f*) over grad. evals ÷ n, divided by that cost: the mean "
    "error on the way"
)
_COST_MEANING = (
    "grad. evals ÷ n: work in forward and backward passes over the training set; a forward pass counts ⅓",
    "time: seconds spent in training steps; evaluation is off the clock",
)
_STACK_MEANING = (
    "time of a run that trained in a stack of models: its share of the stack's, which says nothing of the method beside runs "
    "that trained alone (--no-stack trains all alone)"
)
_MEMORY_MEANING = (
    "memory: the peak since the run's start of what its process had resident, Python, torch and data included; on a GPU of what "
    "was allocated there; runs of a stack share one process"
)


def run_meaning(entries: Sequence[Entry]) -> list[str]:
    """Of a table whose rows are runs."""
    lines = _measure_meaning(entries)
    train = "train: the whole training set, evaluated once after the last step"
    if not all(entry.is_over for entry in entries):
        train += "; rows that are not at their end show the latest epoch, with running means over its mini-batches"
    lines.append(train)
    lines += _split_meaning(entries)
    if any(entry.val_best for entry in entries):
        lines.append("val-best: the epoch with the lowest validation loss, chosen without the test set")
    if any(entry.spec.scenario_info.has_handout_loss for entry in entries):
        lines.append(
            "handout loss: the assignment's figure, the sum of the test batches' mean losses ÷ number of test examples"
        )
    if any(entry.spec.scenario_info.is_regularised for entry in entries):
        lines.append("penalty: the penalty term at the end; sparsity: share of its weights below 0.001 in magnitude")
    lines += _cost_meaning(entries)
    diverged = [number for number, entry in enumerate(entries, start=1) if entry.run.status.state == "diverged"]
    if diverged:
        lines.append(f"diverged ({row_list(diverged)}): a result like any other, never dropped; {FAILURE}")
    return lines


def _cost_meaning(entries: Sequence[Entry]) -> list[str]:
    has_memory = any(entry.outcome is not None and entry.outcome.peak_memory_mib for entry in entries)
    may_be_of_stacks = any(is_stackable(entry.spec.scenario_info) for entry in entries)
    return [
        *_COST_MEANING,
        *((_STACK_MEANING,) if may_be_of_stacks else ()),
        *((_MEMORY_MEANING,) if has_memory else ()),
    ]


def _measure_meaning(entries: Sequence[Entry]) -> list[str]:
    has_accuracy = any(entry.spec.scenario_info.has_accuracy for entry in entries)
    losses = "losses are means per example without any penalty"
    lines = [f"accuracies in %; {losses}" if has_accuracy else losses]
    if any(entry.spec.scenario_info.quadratic for entry in entries):
        lines.append(
            f"{GAP.title}: the objective minus its minimum, which is known; targets of it count after every step; with it, train "
            "loss is the objective itself"
        )
    return lines


def _split_meaning(entries: Sequence[Entry]) -> list[str]:
    """Which data the figures are of, beside the training set."""
    is_tested = any(entry.spec.scenario_info.has_test and not entry.spec.holdout for entry in entries)
    is_held_out = any(entry.spec.holdout for entry in entries)
    return [
        *(["test: the test set at the last epoch"] if is_tested else []),
        *(["holdout rows chose on a part of the training set (val) and never saw the test set"] if is_held_out else []),
    ]


def inference_meaning(counts: Sequence[int], pairs: Sequence[tuple[str, int]]) -> list[str]:
    """What the seeds allow to conclude."""
    lines: list[str] = []
    if min(counts) < SEEDS_FOR_INFERENCE:
        lines.append(f"fewer than {SEEDS_FOR_INFERENCE} seeds: no interval and no p is shown")
    if max(counts) >= SEEDS_FOR_INFERENCE:
        lines.append("95 % CI: of the mean over seeds, by Student's t")
    for reference in dict.fromkeys(reference for reference, _ in pairs):
        text = (
            f"Δ: mean difference to {reference} over paired seeds; P(A > B): chance that a run beats one of {reference}"
        )
        tested = sorted({n for other, n in pairs if other == reference and SEEDS_FOR_INFERENCE <= n <= MAX_EXACT})
        if tested:
            floor = ", ".join(f"{smallest_p(n):.4g} with {n}" for n in tested)
            text += f"; p: exact two-sided sign-flip test, Holm-adjusted over the rows; the smallest possible is {floor} seeds"
        lines.append(text)
    return lines


def settings_meaning(settings: Sequence[Sequence[Entry]], axis: Axis) -> list[str]:
    """Of a table whose rows are settings; costs of targets are counted along an axis."""
    entries = [entry for setting in settings for entry in setting]
    lines = _measure_meaning(entries)
    lines += _split_meaning(entries)
    if any(entry.val_best for entry in entries):
        lines.append(
            "at val-best: at each run's epoch with the lowest validation loss, chosen without the test set; a diverged run has "
            "chosen none and counts as at its end"
        )
    lines += _cost_meaning(entries)
    lines.append(target_note(axis, max(map(len, settings))))
    if any(entry.run.status.state == "diverged" for entry in entries):
        lines.append(f"diverged runs count: {FAILURE}, infinite cost")
    return lines


def target_note(axis: Axis, num_seeds: int) -> str:
    """What the columns of targets mean, where the largest setting has `num_seeds`."""
    cost = "grad. evals ÷ n" if axis == "epoch" else "training seconds" if axis == "seconds" else AXIS_NAMES[axis]
    note = (
        f"to …: median {cost} at the first epoch with this accuracy or loss (runs that reached it/all), ∞ where missed"
    )
    if num_seeds < SEEDS_FOR_INFERENCE:
        return note
    return (
        f"{note}; in brackets, where it has a width, its 95 % bootstrap interval over seeds (percentile, 1,999 resamples), which "
        "of so few holds the median in 88 to 96 % of cases"
    )
