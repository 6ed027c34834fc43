"""What our live processes of a home hold in memory, as the system counts it."""

from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from tui_optim.store.home import Home

_MODULE_PREFIX = "tui_optim.runs."


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """A process and its memory."""

    pid: int
    role: str
    """'supervisor', 'worker', 'ray_bridge' or 'slurm_bridge'."""
    own_mib: float
    """Pages that no other process shares (USS): what one such process more costs, and what its end would free."""
    resident_mib: float
    """All its pages in memory; shared ones, such as torch's code, count in every process that has them."""

    @property
    def summary(self) -> str:
        """For people."""
        memory = f"{self.own_mib:.0f} MiB of its own, {self.resident_mib:.0f} MiB with shared pages"
        return f"{self.role} {self.pid}: {memory}"


def footprints(home: Home) -> list[Footprint]:
    """Those of this machine, the supervisor first, then by process id; processes of other users cannot be measured."""
    found = list(_find(home))
    return sorted(found, key=lambda one: (one.role != "supervisor", one.pid))


def _find(home: Home) -> Iterator[Footprint]:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        modules = [word for word in words if word.startswith(_MODULE_PREFIX)]
        if not modules or str(home.root) not in words:
            continue
        try:
            memory = process.memory_full_info()
        except psutil.Error:  # gone meanwhile, or not ours
            continue
        yield Footprint(
            pid=process.pid,
            role=modules[0].rpartition(".")[2],
            own_mib=memory.uss / 2**20,
            resident_mib=memory.rss / 2**20,
        )
