"""What is needed to trust and repeat the rows of a table, in sentences below it."""

from collections import Counter
from collections.abc import Sequence
from math import sqrt

from tui_optim.report.entry import Entry, command_of, is_pruned
from tui_optim.report.meaning import AREA_MEANING, inference_meaning, run_meaning, settings_meaning
from tui_optim.report.measures import judged_split
from tui_optim.report.rows import by_rows
from tui_optim.report.series import Axis, Split
from tui_optim.report.statistics import SEEDS_FOR_INFERENCE
from tui_optim.spec.datasets import DATASETS
from tui_optim.spec.events import AT_THEIR_END
from tui_optim.spec.seeds import format_seeds
from tui_optim.store.catalogue import StoredRun

SAMPLE_NOTE = (
    "sample: rows marked 'sample' were trained and tested on the packaged sample (the first 6,000 training and 1,000 "
    "test images), not on the full data; their figures are not comparable with full-data results"
)


def notes(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The sentences below a results table."""
    if not entries:
        return ()
    lines = [SAMPLE_NOTE] if any(entry.spec.data.kind == "sample" for entry in entries) else []
    lines.append(by_rows("device", [entry.device for entry in entries]))
    lines.append(by_rows("CPU threads", [str(entry.threads or "") for entry in entries]))
    lines.append(by_rows("versions", [entry.versions for entry in entries]))
    lines.append(_seeds(entries))
    lines += run_meaning(entries)
    lines.append(_standard_errors(entries))
    lines.append(_told([entry.run.status.commands for entry in entries]))
    lines.append(by_rows("validation split, SHA-256 of its indices", [entry.split_hash for entry in entries]))
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
    meaning = [*inference_meaning([len(setting) for setting in settings], pairs), *settings_meaning(settings, axis)]
    if areas:
        costs = " or ".join(map(str, areas))
        meaning.append(f"{AREA_MEANING}; up to {costs}, the fewest epochs of rows that may be compared")
    return settings_notes(settings, meaning, remarks=[*remarks, *left_out_sentences(left_out)])


def left_out_sentences(left_out: Sequence[StoredRun]) -> list[str]:
    """Why runs are not among the rows: of those that a sweep has given up nothing more will come."""
    num_pruned = sum(is_pruned(run) for run in left_out)
    num_others = len(left_out) - num_pruned
    sentences = [f"{num_pruned} run(s) left out: pruned by their sweep"] if num_pruned else []
    if num_others:
        sentences.append(f"{num_others} run(s) left out: not at their end, or run again later with equal numbers")
    return sentences


def left_out_words(left_out: Sequence[StoredRun]) -> str:
    """How many runs are not among the rows, and why, for one line: `30 pruned, 14 stopped`; '' where none is left out."""
    counts = Counter(_why_left_out(run) for run in left_out)
    return ", ".join(f"{count} {why}" for why, count in counts.most_common())


def _why_left_out(run: StoredRun) -> str:
    if is_pruned(run):
        return "pruned"
    return "run again later with equal numbers" if run.status.state in AT_THEIR_END else run.status.state


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
        lines.append(by_rows(label, [" and ".join(dict.fromkeys(map(text, setting))) for setting in settings]))
    seeds = [format_seeds(entry.spec.seed for entry in setting) for setting in settings]
    lines.append(by_rows("seeds", seeds) + "; ± is the sample standard deviation over them")
    lines += [*meaning, _standard_errors(entries), _told([setting[0].run.status.commands for setting in settings])]
    lines += remarks
    lines += [f"row {number}: {command_of(setting)}" for number, setting in enumerate(settings, start=1)]
    return tuple(line for line in lines if line)


def run_notes(entry: Entry) -> tuple[str, ...]:
    """The sentences below a table of one run."""
    lines = [SAMPLE_NOTE] if entry.spec.data.kind == "sample" else []
    lines += [f"device: {entry.device}", f"versions: {entry.versions}", f"command: {entry.command}"]
    lines += [told] if (told := _told([entry.run.status.commands])) else []
    return tuple(lines)


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
    return by_rows("changed by commands while training, which the command below does not repeat", commands)
