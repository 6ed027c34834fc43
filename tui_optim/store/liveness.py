"""Whether the process that wrote a status still lives: host, boot, pid and start ticks, because pids are reused."""

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

STALE_AFTER_S = 30.0
"""A heartbeat from another host that is older than this counts as dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessIdentity:
    """Names one process on one boot of one host."""

    host: str
    boot_id: str
    pid: int
    start_ticks: int
    """Field 22 of `/proc/PID/stat`; where there is no /proc, the creation time in hundredths of a second."""

    def to_json(self) -> dict[str, Any]:
        """JSON object of the four fields."""
        return {"host": self.host, "boot_id": self.boot_id, "pid": self.pid, "start_ticks": self.start_ticks}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "ProcessIdentity":
        """Inverse of `to_json`."""
        return cls(
            host=str(body["host"]),
            boot_id=str(body["boot_id"]),
            pid=int(body["pid"]),
            start_ticks=int(body["start_ticks"]),
        )


def current_identity() -> ProcessIdentity:
    """Identity of the calling process."""
    return ProcessIdentity(
        host=platform.node(), boot_id=_boot_id(), pid=os.getpid(), start_ticks=_start_ticks(os.getpid()) or 0
    )


def is_alive(identity: ProcessIdentity, *, heartbeat_age_s: float) -> bool:
    """Whether that process runs; on another host only its heartbeat can tell."""
    if identity.host != platform.node():
        return heartbeat_age_s < STALE_AFTER_S
    return identity.boot_id == _boot_id() and _start_ticks(identity.pid) == identity.start_ticks


@cache
def _boot_id() -> str:
    """The same for as long as a process lives."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        import psutil  # only where there is no /proc

        return str(int(psutil.boot_time()))


def _start_ticks(pid: int) -> int | None:
    """Start time of a process that is not a zombie; None where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return None if fields[0] in "ZX" else int(fields[19])
    except OSError:
        pass
    if Path("/proc/self/stat").exists():
        return None
    import psutil  # only where there is no /proc

    try:
        return int(psutil.Process(pid).create_time() * 100)
    except psutil.Error:
        return None
