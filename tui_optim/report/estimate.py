"""How long planned runs will take and what memory they will need, judged by what similar runs of this home took."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is to be expected of runs that do not exist yet."""

    num_runs: int
    seconds: float | None
    """Wall clock for all of them, so many at a time; None where no run of the scenario has been kept."""
    memory_mib: float | None
    """For all workers together; on a CPU each process with its copy of the data."""
    num_similar: int
    """Number of earlier runs that this is judged by."""

    @property
    def text(self) -> str:
        """In words."""
        if self.seconds is None:
            return "no run of this scenario yet to judge time and memory by"
        memory = f", {self.memory_mib / 1024:.1f} GiB of memory" if self.memory_mib else ""
        return f"about {_duration(self.seconds)}{memory} (judged by {self.num_similar} earlier run(s))"


def estimate(
    specs: Sequence[RunSpec],
    kept: Sequence[StoredRun],
    *,
    num_slots: int,
    stack_of: Callable[[RunSpec], str | None] = lambda _: None,
) -> Estimate:
    """Estimate runs by earlier ones on the same scenario and kind of data: of the same optimizer where there are some.

    Args:
        specs: what is planned, of one or several scenarios.
        kept: runs of this home.
        num_slots: how many train at once.
        stack_of: what a run has in common with those that it trains with as one stack, which take the time of one.
    """
    stacks = [stack_of(spec) or number for number, spec in enumerate(specs)]
    num_slots = max(1, min(num_slots, len(set(stacks))))
    seconds: dict[str | int, float] = {}
    memory: list[float] = []
    used: set[str] = set()
    for stack, spec in zip(stacks, specs, strict=True):
        similar = _similar(spec, kept)
        if not similar:
            return Estimate(num_runs=len(specs), seconds=None, memory_mib=None, num_similar=0)
        paces = [pace for run in similar if (pace := _seconds_per_epoch(run)) is not None]
        seconds[stack] = max(seconds.get(stack, 0.0), median(paces) * spec.epochs)
        memory += [result.peak_memory_mib or 0.0 for run in similar if (result := run.status.result) is not None]
        used |= {run.run_id for run in similar}
    return Estimate(
        num_runs=len(specs),
        seconds=sum(seconds.values()) / num_slots,
        memory_mib=max(memory, default=0.0) * num_slots or None,
        num_similar=len(used),
    )


def _similar(spec: RunSpec, kept: Sequence[StoredRun]) -> list[StoredRun]:
    alike = [
        run
        for run in kept
        if run.info.spec.scenario == spec.scenario
        and run.info.spec.data.kind == spec.data.kind
        and _seconds_per_epoch(run) is not None
    ]
    of_method = [run for run in alike if run.info.spec.optimizer == spec.optimizer]
    return of_method or alike


def _seconds_per_epoch(run: StoredRun) -> float | None:
    """Wall clock, evaluation included, for the work of one epoch."""
    result = run.status.result
    if result is None or result.effective_epochs <= 0:
        return None
    return result.elapsed_s / result.effective_epochs


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
