"""A Ray cluster: connecting to it, and what its nodes offer."""

import atexit
import logging
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

import tui_optim
from tui_optim.runs.executors.process import WORKER_ENVIRONMENT
from tui_optim.runs.executors.ray_node import Node
from tui_optim.runs.machine import check_ray_address, cpu_budget
from tui_optim.spec.errors import UsageError
from tui_optim.spec.run import RunSpec

OWN_OBJECT_STORE_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Share:
    """What a run takes of a node."""

    num_cpus: int
    num_gpus: float

    def __str__(self) -> str:
        """For messages."""
        gpus = f" and {self.num_gpus:g} GPU{'s' if self.num_gpus > 1 else ''}" if self.num_gpus else ""
        return f"{self.num_cpus} CPU{'s' if self.num_cpus > 1 else ''}{gpus}"


def connect(address: str) -> None:
    """Join the cluster at an address ('' is RAY_ADDRESS, else a new one on this machine) with this package for its nodes.

    Raises:
        UsageError: there is no such cluster, or it has other versions.
    """
    where = address or os.environ.get("RAY_ADDRESS", "") or "local"
    check_ray_address(where)
    own: dict[str, Any] = {}
    if where == "local":
        own = {
            "num_cpus": cpu_budget(),
            "object_store_memory": OWN_OBJECT_STORE_BYTES,
            "include_dashboard": False,
            **_private_place(),
        }
    package = Path(tui_optim.__file__).parent
    environment = {
        "py_modules": [str(package)],
        "excludes": ["__pycache__", "sample"],  # data travels with the runs
        "env_vars": WORKER_ENVIRONMENT,  # OMP_NUM_THREADS follows num_cpus by Ray's own hand
    }
    try:
        ray.init(address=where, log_to_driver=False, logging_level=logging.WARNING, runtime_env=environment, **own)
    except (RayError, OSError, RuntimeError, ValueError, AssertionError) as error:
        raise UsageError(f"no Ray cluster at {where}: {first_line(error)}") from error


def _private_place() -> dict[str, str]:
    """Where a cluster of this machine keeps sockets, logs and the program, as Ray wants to hear it; gone with this process.

    Ray lets everybody write in its folders (mode 0777, whatever the umask), and what stands in them is run: they are below one
    that is nobody else's. `/tmp`, because paths of sockets may not be long. A place of the user's own, in RAY_TMPDIR, is left.
    """
    if os.environ.get("RAY_TMPDIR"):
        return {}
    folder = tempfile.mkdtemp(prefix="tui-optim-", dir="/tmp")

    def leave() -> None:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(leave)
    return {"_temp_dir": str(Path(folder) / "ray")}


def share_of(run: RunSpec, *, threads: int, num_gpus: float) -> Share:
    """What a run takes: a GPU, or the share of one that the user wants, where the device asks for it and there is one."""
    has_gpus = ray.cluster_resources().get("GPU", 0) > 0
    wants_gpu = run.device == "cuda" or (run.device == "auto" and has_gpus)
    return Share(threads, num_gpus if wants_gpu else 0.0)


def num_cpus() -> int:
    """Cores of all nodes together, as Ray counts them."""
    return int(ray.cluster_resources().get("CPU", 0))


def has_node_for(share: Share) -> bool:
    """Whether a node has as much, be it free or not."""
    offers = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return any(offer.get("CPU", 0) >= share.num_cpus and offer.get("GPU", 0) >= share.num_gpus for offer in offers)


def start_actor(share: Share) -> Any:
    """Ask for an actor; it comes when a node has room. Lost ones do not come back: their runs are queued again."""
    remote_class = ray.remote(num_cpus=share.num_cpus, num_gpus=share.num_gpus, max_restarts=0)(Node)
    return remote_class.remote()


def first_line(error: BaseException) -> str:
    """The first line of a message; Ray's go on with pages."""
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__
