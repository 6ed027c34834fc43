"""What is needed to trust and repeat the rows of a results table: notes for people, columns for files."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from tui_optim.report.cells import Cell, Column
from tui_optim.report.columns import GAP
from tui_optim.report.failure import FAILURE, failed_result
from tui_optim.report.measures import judged_split
from tui_optim.report.series import AXIS_NAMES, Axis, Split
from tui_optim.report.statistics import MAX_EXACT, smallest_p
from tui_optim.spec.datasets import DATASETS
from tui_optim.spec.events import Started
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.seeds import format_seeds
from tui_optim.spec.sweeps.trial import pruned_after
from tui_optim.store.catalogue import StoredRun

SEEDS_FOR_INFERENCE = 5
SAMPLE_NOTE = (
    "sample: rows marked 'sample' were trained and tested on the packaged sample (the first 6,000 training and 1,000 "
    "test images), not on the full data; their figures are not comparable with full-data results"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A run as a row of a results table."""

    run: StoredRun
    started: Started | None = None

    @property
    def spec(self) -> RunSpec:
        """What was run."""
        return self.run.info.spec

    @property
    def is_over(self) -> bool:
        """Whether its figures are final: finished or diverged."""
        return self.run.status.state in ("finished", "diverged")

    @property
    def outcome(self) -> EpochResult | None:
        """The final result, of a diverged run what it counts as; the latest epoch's before the end; None before the first."""
        status = self.run.status
        if status.state == "diverged":
            return failed_result(self.spec, status.result)
        return status.result if self.is_over else status.latest or status.final

    @property
    def val_best(self) -> EpochResult | None:
        """The epoch with the lowest validation loss, where the scenario has a validation set of its own."""
        has_own = self.spec.scenario_info.validation_size > 0 and not self.spec.holdout
        return self.run.status.best if has_own else None

    @property
    def num_judged(self) -> int | None:
        """Examples that its accuracy is a share of; None for a part of the training set before the start."""
        split = judged_split(self.spec)
        if split == "test":
            return self.spec.scenario_info.data_set.num_examples[self.spec.data.kind][1]
        if self.started is None:
            return None
        return self.started.num_val if split == "val" else self.started.num_train

    @property
    def device(self) -> str:
        """Kind and name of the device."""
        if self.started is None:
            return self.run.status.device or "not started yet"
        name = self.started.device_name
        return f"{self.started.device} ({name})" if name else self.started.device

    @property
    def threads(self) -> int | None:
        """CPU threads."""
        return self.started.threads if self.started else self.spec.threads

    @property
    def command(self) -> str:
        """What repeats the run: with the threads that it got, which decide its last bits on a CPU."""
        return self.spec.model_copy(update={"threads": self.threads}).command

    @property
    def versions(self) -> str:
        """`python 3.11.2, torch 2.9.0, …` in alphabetical order."""
        versions = {**self.run.info.versions, **(self.started.versions if self.started else {})}
        return ", ".join(f"{name} {versions[name]}" for name in sorted(versions))

    @property
    def split_hash(self) -> str:
        """Hash of the validation indices; '' without a validation set or before the start."""
        return self.started.split_hash if self.started else ""


def make_entries(runs: Sequence[StoredRun], started: Mapping[str, Started] | None = None) -> list[Entry]:
    """Pair runs with what is known about their start, by run id."""
    known = started or {}
    return [Entry(run=run, started=known.get(run.run_id)) for run in runs]


def notes(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The sentences below a results table."""
    if not entries:
        return ()
    lines = [SAMPLE_NOTE] if any(entry.spec.data.kind == "sample" for entry in entries) else []
    lines.append(_by_rows("device", [entry.device for entry in entries]))
    lines.append(_by_rows("CPU threads", [str(entry.threads or "") for entry in entries]))
    lines.append(_by_rows("versions", [entry.versions for entry in entries]))
    lines.append(_seeds(entries))
    lines += _meaning(entries)
    lines.append(_standard_errors(entries))
    lines.append(_told([entry.run.status.commands for entry in entries]))
    lines.append(_by_rows("validation split, SHA-256 of its indices", [entry.split_hash for entry in entries]))
    lines += [f"row {number}: {entry.command}" for number, entry in enumerate(entries, start=1)]
    return tuple(line for line in lines if line)


def comparison_notes(
    settings: Sequence[Sequence[Entry]],
    *,
    pairs: Sequence[tuple[str, int]],
    areas: Sequence[int] = (),
    remarks: Sequence[str] = (),
    left_out: Sequence[StoredRun],
    axis: Axis = "epoch",
) -> tuple[str, ...]:
    """The sentences below a comparison table, whose rows are settings: runs that differ in the seed alone.

    `pairs` has, for each row that is compared with a reference, its name and the number of seeds that both have; `areas` are the
    costs that areas are taken over, `remarks` are about references, `axis` is what the costs of targets are counted in.
    """
    meaning = [*_inference([len(setting) for setting in settings], pairs), *_meaning_of_settings(settings, axis)]
    if areas:
        costs = " or ".join(map(str, areas))
        meaning.append(f"{_AREA_MEANING}; up to {costs}, the fewest epochs of rows that may be compared")
    return settings_notes(settings, meaning, remarks=[*remarks, *left_out_sentences(left_out)])


def left_out_sentences(left_out: Sequence[StoredRun]) -> list[str]:
    """Why runs are not among the rows: of those that a sweep has given up nothing more will come."""
    num_pruned = sum(is_pruned(run) for run in left_out)
    num_others = len(left_out) - num_pruned
    sentences = [f"{num_pruned} run(s) left out: pruned by their sweep"] if num_pruned else []
    if num_others:
        sentences.append(f"{num_others} run(s) left out: not at their end, or run again later with equal numbers")
    return sentences


def is_pruned(run: StoredRun) -> bool:
    """Whether the median rule of its sweep stopped it."""
    return run.status.state == "stopped" and pruned_after(run.status.reason) is not None


def settings_notes(
    settings: Sequence[Sequence[Entry]], meaning: Sequence[str], *, remarks: Sequence[str] = ()
) -> tuple[str, ...]:
    """The sentences below a table whose rows are settings, with `meaning` and `remarks` of its own among them."""
    entries = [entry for setting in settings for entry in setting]
    lines = [SAMPLE_NOTE] if any(entry.spec.data.kind == "sample" for entry in entries) else []
    for label, text in (
        ("device", lambda entry: entry.device),
        ("CPU threads", lambda entry: str(entry.threads or "")),
        ("versions", lambda entry: entry.versions),
    ):
        lines.append(_by_rows(label, [" and ".join(dict.fromkeys(map(text, setting))) for setting in settings]))
    seeds = [format_seeds(entry.spec.seed for entry in setting) for setting in settings]
    lines.append(_by_rows("seeds", seeds) + "; ± is the sample standard deviation over them")
    lines += [*meaning, _standard_errors(entries), _told([setting[0].run.status.commands for setting in settings])]
    lines += remarks
    commands = [setting[0].spec.command_for(entry.spec.seed for entry in setting) for setting in settings]
    lines += [f"row {number}: {command}" for number, command in enumerate(commands, start=1)]
    return tuple(line for line in lines if line)


def run_notes(entry: Entry) -> tuple[str, ...]:
    """The sentences below a table of one run."""
    lines = [SAMPLE_NOTE] if entry.spec.data.kind == "sample" else []
    lines += [f"device: {entry.device}", f"versions: {entry.versions}", f"command: {entry.command}"]
    lines += [told] if (told := _told([entry.run.status.commands])) else []
    return tuple(lines)


FILE_FIELDS: tuple[tuple[Column, Callable[[Entry], Cell]], ...] = (
    (Column(key="run_id", title="run"), lambda entry: entry.run.run_id),
    (Column(key="scenario", title="scenario"), lambda entry: entry.spec.scenario),
    (Column(key="preset", title="preset"), lambda entry: entry.spec.preset),
    (Column(key="seed", title="seed", kind="number"), lambda entry: entry.spec.seed),
    (Column(key="data", title="data"), lambda entry: entry.spec.data.kind),
    (Column(key="planned_epochs", title="planned epochs", kind="number"), lambda entry: entry.spec.epochs),
    (Column(key="reason", title="reason"), lambda entry: entry.run.status.reason),
    (Column(key="device", title="device"), lambda entry: entry.device),
    (Column(key="threads", title="threads", kind="number"), lambda entry: entry.threads),
    (Column(key="versions", title="versions"), lambda entry: entry.versions),
    (Column(key="split_hash", title="split"), lambda entry: entry.split_hash),
    (Column(key="command", title="command"), lambda entry: entry.command),
    (Column(key="told", title="told while training"), lambda entry: entry.run.status.commands),
)
"""What the notes say about a run, as columns for files."""


_AREA_MEANING = (
    "area: under the error–cost curve, error (1 − accuracy, or f − f*) over grad. evals ÷ n, divided by that cost: the mean "
    "error on the way"
)
_COST_MEANING = (
    "grad. evals ÷ n: work in forward and backward passes over the training set; a forward pass counts ⅓",
    "time: seconds spent in training steps; evaluation is off the clock",
)
_MEMORY_MEANING = (
    "memory: the peak since the run's start of what its process had resident, Python, torch and data included; on a GPU of what "
    "was allocated there; runs of a stack share one process"
)


def _meaning(entries: Sequence[Entry]) -> list[str]:
    lines = _measure_meaning(entries)
    train = "train: the whole training set, evaluated once after the last step"
    if not all(entry.is_over for entry in entries):
        train += "; rows that are not at their end show the latest epoch, with running means over its mini-batches"
    lines.append(train)
    if any(entry.spec.scenario_info.has_test and not entry.spec.holdout for entry in entries):
        lines.append("test: the test set at the last epoch")
    if any(entry.spec.holdout for entry in entries):
        lines.append("holdout rows chose on a part of the training set (val) and never saw the test set")
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
    return [*_COST_MEANING, *((_MEMORY_MEANING,) if has_memory else ())]


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


def _inference(counts: Sequence[int], pairs: Sequence[tuple[str, int]]) -> list[str]:
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


def _meaning_of_settings(settings: Sequence[Sequence[Entry]], axis: Axis) -> list[str]:
    entries = [entry for setting in settings for entry in setting]
    lines = _measure_meaning(entries)
    if any(entry.spec.scenario_info.has_test and not entry.spec.holdout for entry in entries):
        lines.append("test: the test set at the last epoch")
    if any(entry.spec.holdout for entry in entries):
        lines.append("holdout rows chose on a part of the training set (val) and never saw the test set")
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


def _standard_errors(entries: Sequence[Entry]) -> str:
    """Of each set of examples that the rows' accuracies are shares of; those that never began have none."""
    sizes: dict[tuple[int, str], None] = {}
    for entry in entries:
        if entry.spec.scenario_info.has_accuracy and (count := entry.num_judged):
            what = (
                "images" if entry.spec.data.dataset in DATASETS else "examples" if entry.spec.own_scenario else "points"
            )
            sizes[count, f"{_EVALUATED[judged_split(entry.spec)]} {what}"] = None
    floors = [f"{100 * sqrt(0.9 * 0.1 / count):.2f} points on {count:,} {what}" for count, what in sizes]
    return "floor: the standard error of an accuracy of 90 % is " + ", ".join(floors) if floors else ""


_EVALUATED: dict[Split, str] = {"val": "held-out", "test": "test", "train": "training"}


def _seeds(entries: Sequence[Entry]) -> str:
    seeds = ", ".join(str(seed) for seed in sorted({entry.spec.seed for entry in entries}))
    settings = Counter(entry.spec.model_copy(update={"seed": 0}).command for entry in entries)
    if min(settings.values()) < SEEDS_FOR_INFERENCE:
        return f"seeds: {seeds}; fewer than {SEEDS_FOR_INFERENCE} for a setting: no inference is drawn"
    return f"seeds: {seeds}"


def _told(commands: Sequence[str]) -> str:
    """Which rows are not what their specification, or the command that repeats them, would give."""
    return _by_rows("changed by commands while training, which the command below does not repeat", commands)


def _by_rows(label: str, texts: Sequence[str]) -> str:
    """`label: text` where all rows agree, else each text with its rows; '' where there is none."""
    rows: dict[str, list[int]] = {}
    for number, text in enumerate(texts, start=1):
        if text:
            rows.setdefault(text, []).append(number)
    if not rows:
        return ""
    if len(rows) == 1 and len(next(iter(rows.values()))) == len(texts):
        return f"{label}: {next(iter(rows))}"
    return f"{label}: " + "; ".join(f"{text} ({row_list(numbers)})" for text, numbers in rows.items())


def row_list(numbers: Sequence[int]) -> str:
    """`row 3`, or `rows 1–3, 5`; numbers rise, counted from 1."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    text = ", ".join("–".join(str(end) for end in span) for span in spans)
    return f"row {text}" if len(numbers) == 1 else f"rows {text}"
