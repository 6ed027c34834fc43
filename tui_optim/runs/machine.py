"""What this machine offers, read without torch: CPU budget, accelerator, versions, and what could end our processes."""

import os
import platform
import shutil
import socket
import sys
from importlib import metadata
from pathlib import Path

from tui_optim.spec.errors import UsageError
from tui_optim.spec.executors import ExecutorSpec
from tui_optim.spec.run import DeviceRequest

PACKAGES = ("torch", "torchvision", "textual", "plotext")
RAY_ANSWER_LIMIT_S = 5.0
SLURM_COMMANDS = ("sbatch", "srun", "sacct", "scancel")


def cpu_budget(*, cgroup_root: Path = Path("/sys/fs/cgroup"), own_cgroup: Path = Path("/proc/self/cgroup")) -> int:
    """CPUs that this process may use: the smaller of its affinity and its cgroup's quota, at least 1.

    torch counts the machine's physical cores and ignores quotas, so that a container of two CPUs on a host of 64 would start
    far too many threads.
    """
    try:
        num_cpus = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        num_cpus = os.cpu_count() or 1
    quota = _cgroup_quota(cgroup_root, own_cgroup)
    budget = num_cpus if quota is None else min(num_cpus, max(1, int(quota)))
    import psutil  # the app does not count CPUs and starts earlier without it

    physical = psutil.cpu_count(logical=False) or budget
    return max(1, min(budget, physical))


def default_threads(slots: int) -> int:
    """Threads per run so that `slots` runs share the CPU budget without fighting."""
    return max(1, cpu_budget() // slots)


def versions() -> dict[str, str]:
    """Versions of what decides a run's numbers, read from package metadata."""
    found = {"tui-optim": _version("tui-optim"), "python": platform.python_version()}
    return found | {name: _version(name) for name in PACKAGES}


def accelerator_names() -> list[str]:
    """Names of the NVIDIA devices that the driver shows; empty without one."""
    from tui_optim.runs.accelerators import accelerator_readings

    return [one.name for one in accelerator_readings()]


def check_device(request: DeviceRequest) -> None:
    """Refuse what this machine surely lacks; the worker has the last word. Raises UsageError."""
    if request == "cuda" and not accelerator_names():
        raise UsageError("device 'cuda': no NVIDIA device is visible on this machine; use cpu or auto")
    if request == "mps" and sys.platform != "darwin":
        raise UsageError("device 'mps' exists on macOS only; use cpu or auto")


def check_executor(executor: ExecutorSpec, *, device: DeviceRequest) -> None:
    """Refuse what surely cannot work from this machine; the executor has the last word. Raises UsageError."""
    if executor.kind == "local":
        check_device(device)  # of a cluster only its nodes know
    if executor.kind == "ray":
        check_ray_address(executor.address)
    if executor.kind == "slurm" and executor.parameters.get("cluster", "slurm") == "slurm":
        missing = [command for command in SLURM_COMMANDS if shutil.which(command) is None]
        if missing:
            raise UsageError(
                f"engine slurm: no {' and no '.join(missing)} on this machine; start from a login node of the cluster"
            )


def check_ray_address(address: str) -> None:
    """Refuse a host and port where nothing answers: Ray itself takes minutes to say so. Raises UsageError."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host:
        return  # 'auto', or none: Ray looks for the cluster itself
    if not port.isdecimal():  # RAY_ADDRESS may be anything
        raise UsageError(f"no Ray cluster at {address}: expected host:port, for example 10.0.0.1:6379")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=RAY_ANSWER_LIMIT_S).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"no Ray cluster answers at {address}: {reason}") from error


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _cgroup_quota(root: Path, own: Path) -> float | None:
    """Smallest quota in CPUs on the way from this process's cgroup to the root (version 2), or of version 1's root."""
    quotas: list[float] = []
    try:
        lines = own.read_text(encoding="ascii", errors="replace").splitlines()
        relative = next((line.split("::", 1)[1] for line in lines if line.startswith("0::")), "/").strip("/")
    except OSError:
        relative = ""
    folder = root / relative
    for candidate in (folder, *folder.parents):
        quotas += _read_quota(candidate / "cpu.max")
        if candidate == root:
            break
    quotas += _read_quota(root / "cpu" / "cpu.cfs_quota_us", root / "cpu" / "cpu.cfs_period_us")
    return min(quotas, default=None)


def _read_quota(*files: Path) -> list[float]:
    try:
        words = " ".join(path.read_text(encoding="ascii") for path in files).split()
        quota, period = float(words[0]), float(words[1])
    except (OSError, ValueError, IndexError):
        return []
    return [quota / period] if quota > 0 and period > 0 else []
