"""How fast runs train against the limit of their machine, and the energy that they took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_optim.report.cells import Column, Table
from tui_optim.store.bare_loops import bare_key
from tui_optim.store.catalogue import StoredRun

COLUMNS = (
    Column(key="run", title="run"),
    Column(key="examples_per_s", title="examples/s", kind="number", decimals=0),
    Column(key="bare_per_s", title="bare loop", kind="number", decimals=0),
    Column(key="share", title="of it %", kind="percent", decimals=0),
)
ENERGY = Column(key="energy_kj", title="energy kJ", kind="number", decimals=1)
MEANING = (
    "examples/s: gradients of examples over the seconds in training steps, mean since the run began; bare loop: forward, "
    "backward and SGD step over one ready batch, measured once for this scenario, batch size, device and threads; – not measured"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """A run that trains."""

    run_id: str
    name: str
    examples_per_s: float | None
    """None before its first epoch has ended."""
    bare_per_s: float | None
    """None where the limit has not been measured."""
    energy_j: float | None
    """None where no power is readable."""

    @property
    def share(self) -> float | None:
        """Of the limit."""
        return None if self.examples_per_s is None or self.bare_per_s is None else self.examples_per_s / self.bare_per_s


def speeds(runs: Sequence[StoredRun], names: Mapping[str, str], limits: Mapping[str, float]) -> list[Speed]:
    """Those of runs, with `names` and measured `limits` (`store.bare_loops`)."""
    return [
        Speed(
            run_id=run.run_id,
            name=names.get(run.run_id, run.run_id),
            examples_per_s=_examples_per_s(run),
            bare_per_s=_limit(run, limits),
            energy_j=run.status.energy_j,
        )
        for run in runs
    ]


def speed_table(found: Sequence[Speed]) -> Table:
    """A row for each; energy is a column where one has some."""
    has_energy = any(one.energy_j is not None for one in found)
    rows = [
        (
            *(one.name, one.examples_per_s, one.bare_per_s, one.share),
            *([None if one.energy_j is None else one.energy_j / 1000] if has_energy else []),
        )
        for one in found
    ]
    energy = ("energy: of the whole device while a worker worked on the run",) if has_energy else ()
    return Table(
        title="Runs",
        columns=(*COLUMNS, *((ENERGY,) if has_energy else ())),
        rows=tuple(rows),
        notes=(MEANING, *energy) if found else (),
    )


def _examples_per_s(run: StoredRun) -> float | None:
    result = run.status.latest
    if result is None or result.train_time_s <= 0 or not result.cost.gradient_evaluations:
        return None
    return result.cost.gradient_evaluations / result.train_time_s


def _limit(run: StoredRun, limits: Mapping[str, float]) -> float | None:
    status = run.status
    if status.threads is None:
        return None
    return limits.get(bare_key(run.info.spec, device=status.device, threads=status.threads))
