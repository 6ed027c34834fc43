"""Where runs are executed: worker processes of this machine, a Ray cluster, or Slurm jobs."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from tui_optim.spec.errors import unknown
from tui_optim.spec.hyperparameters import Value

ExecutorKind = Literal["local", "ray", "slurm"]
EXECUTOR_KINDS: tuple[ExecutorKind, ...] = get_args(ExecutorKind)


class ExecutorSpec(BaseModel):
    """What brings a run from 'queued' to its end. It decides no number of the run; stored beside its specification."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ExecutorKind = "local"
    address: str = ""
    """Ray: address of the cluster; '' starts one on this machine."""
    parameters: dict[str, Value] = Field(default_factory=dict)
    """Slurm: partition, time and the like, by submitit's names."""


LOCAL = ExecutorSpec()


def find_executor(kind: str) -> ExecutorKind:
    """The executor of this name. Raises UsageError with the nearest valid one."""
    for known in EXECUTOR_KINDS:
        if known == kind:
            return known
    raise unknown("engine", kind, EXECUTOR_KINDS)
