"""What the machine does at one moment: its CPUs, memory and disk, its NVIDIA devices, the processes of the program."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["this program", "supervisor", "worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceleratorReading:
    """One device at one moment; None for what its driver does not tell."""

    name: str
    utilisation: float | None = None
    """Share of the driver's last sampling period in which a kernel ran, in [0, 1]."""
    memory_mib: float | None = None
    """In use, by whomever."""
    memory_total_mib: float | None = None
    temperature_c: float | None = None
    power_w: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessReading:
    """One process of the program at one moment."""

    pid: int
    role: Role
    run_ids: tuple[str, ...]
    """What it trains."""
    cores: float | None
    """CPU seconds per second since the reading before; None where it was not there then."""
    memory_mib: float
    """Resident size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemReading:
    """The machine at one moment; loads are means since the reading before."""

    cpus: int
    """CPUs that the program may use."""
    busy_cpus: float | None
    """CPUs that were busy, whoever kept them so; None in the first reading."""
    memory_mib: float
    """In use, by whomever."""
    memory_total_mib: float
    disk_free_mib: float
    """Where the home is."""
    accelerators: tuple[AcceleratorReading, ...]
    processes: tuple[ProcessReading, ...]
