"""What the charts can show: the pages of the second one, their titles, and what stands where there is nothing to draw."""

from collections.abc import Sequence

from tui_optim.report.series import AXIS_NAMES, Axis, Quantity
from tui_optim.spec.events import ENDED_STATES
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.catalogue import StoredRun

PAGES: tuple[Quantity, ...] = ("accuracy", "gap", "lr", "grad_norm", "throughput")
"""What the second chart can show, the first that the runs have unless the user turns it."""
_NAMES: dict[Quantity, str] = {
    "loss": "Loss",
    "accuracy": "Accuracy %",
    "gap": "Gap",
    "lr": "Learning rate",
    "grad_norm": "Gradient norm",
    "throughput": "Examples/s",
}
_LOG_NAMES: dict[Quantity, str] = {
    **_NAMES,
    "loss": "Log loss",
    "gap": "Log gap",
    "grad_norm": "Log gradient norm",
}
SPLIT_WORDS = {"train": "training", "val": "validation", "test": "test"}
_NOTHING_YET: dict[Quantity, str] = {
    "accuracy": "The first points come\nwith the first epoch.",
    "grad_norm": "No gradient norm here: runs of earlier\nversions and of methods that leave\nno gradient have none.",
}


def name_of(quantity: Quantity) -> str:
    """What a chart shows, within a sentence."""
    return _NAMES[quantity].lower()


def pages_of(scenarios: Sequence[Scenario]) -> tuple[Quantity, ...]:
    """What the second chart can show of runs on these scenarios."""
    absent = set() if any(one.quadratic for one in scenarios) else {"gap"}
    if "gap" not in absent and not any(one.has_accuracy for one in scenarios):
        absent.add("accuracy")
    return tuple(one for one in PAGES if one not in absent)


def empty_text(quantity: Quantity, *, split: str, has_runs: bool, shown: Sequence[StoredRun]) -> str:
    """What stands where there is nothing to draw yet, or ever; `split` is the only one that is drawn, or all."""
    if not has_runs:
        return "Press ⟪preset.queue:enter⟫ on a preset\nto start a run."
    if quantity == "accuracy" and shown and not any(run.info.spec.scenario_info.has_accuracy for run in shown):
        return "No accuracy here:\nthere are no classes."
    if split != "all" and shown and not any(_may_have(run, split) for run in shown):
        return f"No {SPLIT_WORDS[split]} figures here:\n⟪chart.split:v⟫ shows the other splits."
    return _NOTHING_YET.get(quantity, "The first points\ncome soon.")


def _may_have(run: StoredRun, split: str) -> bool:
    """Whether figures of a split are there, or may come."""
    spec = run.info.spec
    if split == "val":
        is_measured = spec.holdout or bool(spec.scenario_info.validation_size)
    else:
        is_measured = split == "train" or (spec.scenario_info.has_test and not spec.holdout)
    return is_measured and run.status.state not in ENDED_STATES


def title_of(
    quantity: Quantity,
    axis: Axis,
    words: Sequence[tuple[str, str]],
    *,
    key: str,
    is_log_x: bool,
    is_log_y: bool,
    width: int,
) -> str:
    """The key that goes there, the quantity, x and what is unusual, (in full, in short), in as many words as have room."""
    name = f"{key} {(_LOG_NAMES if is_log_y else _NAMES)[quantity]}"
    label = f"{'log ' if is_log_x else ''}{AXIS_NAMES[axis]}"
    short = label.replace("gradient evaluations", "grad. evals")
    full, brief = ("".join(f" · {word[i]}" for word in words) for i in (0, 1))
    titles = (
        f"{name} over {label}{full}",
        f"{name} over {short}{full}",
        f"{name}, {short}{full}",
        f"{name}, {short}{brief}",
        f"{name}{brief}",
        f"{name}{brief.replace(' · ', '·')}",
    )
    return next((title for title in titles if len(title) + 4 <= width), titles[-1] if words else name)
