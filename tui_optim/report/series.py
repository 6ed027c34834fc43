"""The event log of a run as chart data, folded in record by record."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tui_optim.report.logged import Line, Logged, Places, Results
from tui_optim.spec.commands import words
from tui_optim.spec.errors import unknown
from tui_optim.spec.events import (
    CommandSeen,
    Ended,
    EpochEnded,
    Evaluated,
    Examined,
    Notice,
    Progress,
    Record,
    Rewound,
    Started,
    XRayed,
)
from tui_optim.spec.evidence import Evidence
from tui_optim.spec.keeping import is_early
from tui_optim.spec.results import EpochResult
from tui_optim.spec.xray import XRay
from tui_optim.store.eventlog import read_log
from tui_optim.store.runfolder import RunFolder

Quantity = Literal["loss", "accuracy", "gap", "lr", "grad_norm", "throughput"]
Split = Literal["train", "val", "test"]
Axis = Literal["step", "epoch", "seconds", "gradient_evaluations"]
"""What a curve may be drawn over: steps, gradient evaluations ÷ n, training time, gradient evaluations."""
WITHOUT_SPLIT: tuple[Quantity, ...] = ("gap", "lr", "grad_norm", "throughput")
"""One curve each, whatever the split."""
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
SPLITS: tuple[Split, ...] = get_args(Split)
AXES: tuple[Axis, ...] = get_args(Axis)
AXIS_NAMES: dict[Axis, str] = {
    "epoch": "epochs",
    "step": "steps",
    "seconds": "seconds",
    "gradient_evaluations": "gradient evaluations",
}
"""In the order in which a user turns through them."""

Curve = tuple[Sequence[float], Sequence[float]]
"""xs and ys, of the same length; ys may hold non-finite values."""


def is_smoothable(quantity: Quantity, split: Split) -> bool:
    """Whether a curve is noisy because it has a point for each bin of steps; a learning rate is chosen, not found."""
    return quantity in ("gap", "grad_norm", "throughput") or (quantity == "loss" and split == "train")


def find_axis(text: str) -> Axis:
    """Read an axis as users type it: `epochs`, `epoch`, `gradient-evaluations`. Raises UsageError with the nearest name."""
    name = text.strip().replace("-", "_").replace(" ", "_")
    for axis in AXES:
        if name.rstrip("s") == axis.rstrip("s"):
            return axis
    raise unknown("axis", text, [axis.replace("_", "-") for axis in AXES])


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandMark:
    """A command that a run has carried out, and where."""

    command: str
    value: float | None
    """The factor of a 'rate', the epochs of an 'extend'."""
    step: int
    position: tuple[float, ...]
    """For each axis."""

    def at(self, axis: Axis) -> float:
        """Where it stands on an axis."""
        return self.position[AXES.index(axis)]


class RunSeries:
    """Chart data of one run. The curves are the arrays that grow with the log: read them, never change them."""

    def __init__(self) -> None:
        """Empty until records are absorbed."""
        self.revision = 0
        """Counts the calls of `absorb` that changed something."""
        self.started: Started | None = None
        """The latest attempt."""
        self.ended: Ended | None = None
        """How the latest attempt ended; None while it goes on."""
        self.evidence: Evidence | None = None
        """What was found where the loss of the latest attempt stopped being finite."""
        self._epochs, self._evaluations = Logged(Results()), Logged(Results())
        self._xrays, self._path = Logged[XRay](), Logged[tuple[float, ...]]()
        self.epochs = self._epochs.items
        """Results so far, the untrained model (epoch 0) among them; training figures are running means."""
        self.marks: list[tuple[int, str]] = []
        """(step, text) of commands, sentences and ends."""
        self.commands: list[CommandMark] = []
        """What the user has told it, in the order of the log."""
        self.early_end: CommandMark | None = None
        """Where its patience was at an end."""
        self.evaluations = self._evaluations.items
        """Results between the ends of epochs, asked for by the user."""
        self.xrays = self._xrays.items
        """In the order of their steps."""
        self._position: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
        """The latest that was reported."""
        self.last_step = 0
        """The latest step that was reported."""
        self.problem = ""
        """What is wrong with the log, where it was loaded from a folder; '' where nothing is."""
        self.path = self._path.items
        """The parameters after each bin of steps, where they are few; the start is the scenario's."""
        bins = Places.none(AXES)
        self._loss = Line(bins)
        self._by_bin: dict[Quantity, Line] = {quantity: Line(bins) for quantity in WITHOUT_SPLIT}
        by_split = {split: Places.none(AXES) for split in SPLITS}
        self._by_epoch = {
            (quantity, split): Line(by_split[split]) for quantity in ("loss", "accuracy") for split in SPLITS
        }

    def absorb(self, records: Iterable[Record]) -> bool:
        """Fold records in, in the order of the log; returns whether anything changed."""
        is_changed = False
        for record in records:
            is_changed |= self._take(record)
        self.revision += is_changed
        return is_changed

    def curve(self, quantity: Quantity, split: Split, axis: Axis, *, smoothing: float = 0.0) -> Curve:
        """The xs and ys of a line.

        The training loss has a point per bin of steps, every other loss or accuracy one per epoch; the quantities without
        a split have one per bin. Where there is a gap, it and the training loss begin at the start, and a bin is a step.
        'epoch' is work done, gradient evaluations ÷ n; 'seconds' is training time. `smoothing` is the weight of an
        exponential moving average, which changes only what `is_smoothable`.
        """
        if quantity in WITHOUT_SPLIT:
            line = self._by_bin[quantity]
        elif quantity == "loss" and split == "train":
            line = self._loss
        else:
            line = self._by_epoch[quantity, split]
        return line.xs[axis], line.smoothed(smoothing) if smoothing and is_smoothable(quantity, split) else line.ys

    def _take(self, record: Record) -> bool:
        event = record.event
        if isinstance(event, Progress):
            self._take_progress(record.seq, event)
        elif isinstance(event, EpochEnded):
            self._take_epoch(record.seq, event.result)
        elif isinstance(event, Started):
            self.started, self.ended, self.evidence, self.early_end = event, None, None, None
        elif isinstance(event, Examined):
            self.evidence = event.evidence
        elif isinstance(event, CommandSeen):
            self.marks.append((event.step, words(event.command, event.value)))
            self.commands.append(self._mark(event))
        elif isinstance(event, Evaluated):
            self._take_evaluation(record.seq, event.result)
        elif isinstance(event, XRayed):
            self._xrays.append(record.seq, event.xray)
        elif isinstance(event, Notice):
            self.marks.append((self.last_step, event.text))
        elif isinstance(event, Ended):
            self.ended = event
            self.marks.append((self.last_step, f"{event.state}: {event.reason}" if event.reason else event.state))
            if event.state == "finished" and is_early(event.reason):
                self.early_end = CommandMark(command="early", value=None, step=self.last_step, position=self._position)
        else:
            return self._rewind(event)
        return True

    def _take_progress(self, seq: int, event: Progress) -> None:
        self.last_step = event.step
        num_train = self.started.num_train if self.started else 1  # a log that lost its beginning counts in units of n
        work = event.effective_epochs
        position = (event.step, work, event.train_time_s, round(work * num_train, 3))
        values: dict[Quantity, float | None] = {
            "gap": event.gap,
            "lr": event.lr,
            "grad_norm": event.grad_norm,
            "throughput": self._throughput(work, event.train_time_s, num_train),
        }
        self._position = position
        self._loss.append(seq, position, event.loss)
        for quantity, value in values.items():
            if value is not None:
                self._by_bin[quantity].append(seq, position, value)
        if event.point is not None:
            self._path.append(seq, event.point)

    def _throughput(self, work: float, train_time_s: float, num_train: int) -> float:
        """Gradients of examples per second of training since the bin before; NaN where no time has passed."""
        works, times = self._loss.xs["epoch"], self._loss.xs["seconds"]
        elapsed_s = train_time_s - (times[-1] if times else 0.0)
        return (work - (works[-1] if works else 0.0)) * num_train / elapsed_s if elapsed_s > 0.0 else math.nan

    def _take_epoch(self, seq: int, result: EpochResult) -> None:
        self.last_step = max(self.last_step, result.step)
        self._epochs.append(seq, result)
        self._take_result(seq, result, SPLITS)
        if result.epoch == 0 and result.gap is not None and result.train_loss is not None:
            self._loss.append(seq, self._position, result.train_loss)
            self._by_bin["gap"].append(seq, self._position, result.gap)

    def _take_evaluation(self, seq: int, result: EpochResult) -> None:
        """A point more on the lines of data that is not trained on: there it means what it means at the end of an epoch."""
        self._evaluations.append(seq, result)
        self._take_result(seq, result, ("val", "test"))

    def _take_result(self, seq: int, result: EpochResult, splits: Sequence[Split]) -> None:
        position = self._position = tuple(position_of(result, axis) for axis in AXES)
        for (quantity, split), line in self._by_epoch.items():
            value: float | None = getattr(result, f"{split}_{quantity}")
            if split in splits and value is not None and line.last_x("step") != result.step:
                line.append(seq, position, value)

    def _mark(self, event: CommandSeen) -> CommandMark:
        position = (float(event.step), *self._position[1:])
        return CommandMark(command=event.command, value=event.value, step=event.step, position=position)

    def _rewind(self, event: Rewound) -> bool:
        were_cut = [one.cut_after(event.to_seq) for one in (self._epochs, self._evaluations, self._xrays, self._path)]
        lines = (self._loss, *self._by_bin.values(), *self._by_epoch.values())
        were_cut += [line.cut_after(event.to_seq) for line in lines]
        is_changed = any(were_cut)
        if is_changed:
            steps = [*self._loss.xs["step"][-1:], *(float(result.step) for result in self.epochs[-1:])]
            self.last_step = int(max(steps, default=0))
        return is_changed


def position_of(result: EpochResult, axis: Axis) -> float:
    """What a run had spent when it got this result."""
    match axis:
        case "step":
            return result.step
        case "epoch":
            return result.effective_epochs
        case "seconds":
            return result.train_time_s
        case "gradient_evaluations":
            return result.cost.gradient_evaluations


def load_series(folder: RunFolder) -> RunSeries:
    """Read a run's whole log once."""
    return _load(folder, is_brief=False)


def load_results(folder: RunFolder) -> RunSeries:
    """Read what tables need, several times faster: starts, epochs, ends and gaps; other curves within epochs are empty."""
    return _load(folder, is_brief=True)


def _load(folder: RunFolder, *, is_brief: bool) -> RunSeries:
    series = RunSeries()
    records, series.problem = read_log(folder.events, is_brief=is_brief)
    series.absorb(records)
    return series
