"""What the machine does now: its CPUs, memory and disk, its NVIDIA devices, and the processes of a home; read without torch."""

import contextlib
import shutil
from collections.abc import Iterator, Mapping

import psutil

from tui_optim.runs.accelerators import MIB, accelerator_readings
from tui_optim.runs.machine import cpu_budget
from tui_optim.spec.system import ProcessReading, Role, SystemReading
from tui_optim.store.home import Home
from tui_optim.store.liveness import ProcessIdentity, is_alive


class SystemMeter:
    """Reads the machine again and again."""

    def __init__(self, home: Home) -> None:
        """Nothing is read yet."""
        self._home = home
        self._known: dict[int, psutil.Process] = {}
        """The processes of the reading before: each remembers its CPU time then."""
        self._cpu_seconds: tuple[float, float] | None = None
        """Busy and in all, at the reading before; psutil remembers its own for each thread, and readings come from several."""

    def read(self, owners: Mapping[str, ProcessIdentity]) -> SystemReading:
        """Read once; `owners` are the processes that train, by run id. What leaves meanwhile is not in it."""
        memory = psutil.virtual_memory()
        return SystemReading(
            cpus=cpu_budget(),
            busy_cpus=self._busy_cpus(),
            memory_mib=(memory.total - memory.available) / MIB,
            memory_total_mib=memory.total / MIB,
            disk_free_mib=shutil.disk_usage(self._home.root).free / MIB,
            accelerators=tuple(accelerator_readings()),
            processes=tuple(self._processes(owners)),
        )

    def _busy_cpus(self) -> float | None:
        """Since the reading before; None at the first, and where no time has passed."""
        before, self._cpu_seconds = self._cpu_seconds, _cpu_seconds()
        if before is None:
            return None
        busy, total = (now - then for now, then in zip(self._cpu_seconds, before, strict=True))
        return max(0.0, busy / total) * (psutil.cpu_count() or 1) if total > 0 else None

    def _processes(self, owners: Mapping[str, ProcessIdentity]) -> Iterator[ProcessReading]:
        trained: dict[int, list[str]] = {}
        for run_id, owner in owners.items():
            if is_alive(owner, heartbeat_age_s=float("inf")):  # on this machine
                trained.setdefault(owner.pid, []).append(run_id)
        supervisor = supervisor_of(self._home)
        roles: dict[int, Role] = {psutil.Process().pid: "this program"}
        if supervisor is not None:
            roles[supervisor.pid] = "supervisor"
            with contextlib.suppress(psutil.Error):
                roles |= {child.pid: "worker" for child in supervisor.children()}
        roles |= dict.fromkeys(trained, "worker")
        before, self._known = self._known, {}
        for pid, role in roles.items():
            with contextlib.suppress(psutil.Error):
                process = before.get(pid) or psutil.Process(pid)
                percent, memory_mib = process.cpu_percent(), process.memory_info().rss / MIB
                self._known[pid] = process
                yield ProcessReading(
                    pid=pid,
                    role=role,
                    run_ids=tuple(trained.get(pid, ())),
                    cores=percent / 100 if pid in before else None,
                    memory_mib=memory_mib,
                )


def _cpu_seconds() -> tuple[float, float]:
    """Of all CPUs since the machine's start: busy, and in all. What guests of the machine take is in the user's time already."""
    times = psutil.cpu_times()
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - times.idle - getattr(times, "iowait", 0.0), total


def supervisor_of(home: Home) -> psutil.Process | None:
    """The process that supervises a home, by the number that it has left in its lock."""
    try:
        process = psutil.Process(int(home.supervisor_lock.read_text(encoding="ascii")))
        words = process.cmdline()
    except (OSError, ValueError, OverflowError, psutil.Error):
        return None
    return process if "tui_optim.runs.supervisor" in words and str(home.root) in words else None
