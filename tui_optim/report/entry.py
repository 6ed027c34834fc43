"""A run as a row of a results table: what it was, what came of it, and what it takes to repeat it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tui_optim.report.failure import failed_result
from tui_optim.report.measures import judged_split
from tui_optim.spec.events import AT_THEIR_END, Started
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.sweeps.pruning import pruned_after
from tui_optim.store.catalogue import StoredRun


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
        return self.run.status.state in AT_THEIR_END

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
        return self.run.status.best if self.has_own_validation else None

    @property
    def has_own_validation(self) -> bool:
        """Whether a validation set belongs to its scenario, so that an epoch can be chosen and yet tested."""
        return self.spec.scenario_info.validation_size > 0 and not self.spec.holdout

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
        return versions_of([self])

    @property
    def version_by_package(self) -> dict[str, str]:
        """Of what it was made with, and of what its latest attempt ran with."""
        return {**self.run.info.versions, **(self.started.versions if self.started else {})}

    @property
    def split_hash(self) -> str:
        """Hash of the validation indices; '' without a validation set or before the start."""
        return self.started.split_hash if self.started else ""


def command_of(entries: Sequence[Entry]) -> str:
    """What repeats runs that differ in the seed alone; forks one after the other, for each has its own parent."""
    spec = entries[0].spec
    if spec.parent is not None:
        return "; ".join(entry.spec.command for entry in entries)
    return spec.command_for(entry.spec.seed for entry in entries)


def make_entries(runs: Sequence[StoredRun], started: Mapping[str, Started] | None = None) -> list[Entry]:
    """Pair runs with what is known about their start, by run id."""
    known = started or {}
    return [Entry(run=run, started=known.get(run.run_id)) for run in runs]


def is_pruned(run: StoredRun) -> bool:
    """Whether the median rule of its sweep stopped it."""
    return run.status.state == "stopped" and pruned_after(run.status.reason) is not None


def versions_of(entries: Iterable[Entry]) -> str:
    """The packages of all of them in alphabetical order, each with its versions: `python 3.11.2, torch 2.9.0 or 2.9.1, …`."""
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        for name, version in entry.version_by_package.items():
            found.setdefault(name, {})[version] = None
    return ", ".join(f"{name} {' or '.join(found[name])}" for name in sorted(found))
