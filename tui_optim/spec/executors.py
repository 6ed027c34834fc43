"""Where runs are executed: worker processes of this machine, a Ray cluster, or Slurm jobs."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from tui_optim.spec.errors import UsageError, find_word, shown
from tui_optim.spec.extras import need_extra
from tui_optim.spec.hyperparameters import Hyperparameter, Value, check_all, parse_value, word_of

ExecutorKind = Literal["local", "ray", "slurm"]
EXECUTOR_KINDS: tuple[ExecutorKind, ...] = get_args(ExecutorKind)

LOCAL_PARAMETERS = (
    Hyperparameter(
        name="stack",
        kind="bool",
        default=True,
        help="whether small runs that are alike train as one stack of models; false: one process each",
    ),
)
RAY_PARAMETERS = (
    Hyperparameter(
        name="num_gpus",
        default=1.0,
        help="GPUs per run on machines that have some; a share such as 0.25 puts four runs on one",
        maximum=64,
    ),
)
SLURM_PARAMETERS = (
    Hyperparameter(name="partition", kind="text", default="", help="partition of the jobs"),
    Hyperparameter(name="account", kind="text", default="", help="account that pays"),
    Hyperparameter(name="qos", kind="text", default="", help="quality of service"),
    Hyperparameter(name="constraint", kind="text", default="", help="features that the nodes must have"),
    Hyperparameter(name="nodelist", kind="text", default="", help="nodes to use"),
    Hyperparameter(name="exclude", kind="text", default="", help="nodes to avoid"),
    Hyperparameter(name="gres", kind="text", default="", help="generic resources, as sbatch takes them"),
    Hyperparameter(
        name="time",
        kind="int",
        default=60,
        help="minutes of a job; a run that needs more goes on from its checkpoint in another job",
        minimum=3,
        maximum=525_600,
    ),
    Hyperparameter(name="mem_gb", default=4.0, help="memory of a job in GB", is_open=True),
    Hyperparameter(
        name="gpus_per_node",
        kind="int",
        default=0,
        help="GPUs of a job; 1 unless set for runs with --device cuda, else none",
        maximum=64,
    ),
    Hyperparameter(
        name="cluster",
        kind="choice",
        default="slurm",
        help="slurm, or submitit's stand-ins on this machine for trying: local (own processes), debug (in one)",
        choices=("slurm", "local", "debug"),
    ),
)
_ADDRESS = re.compile(r"auto|(ray://)?[\w.-]+:\d{1,5}|(ray://)?\[[0-9a-fA-F:.]+\]:\d{1,5}")
PARAMETERS: dict[ExecutorKind, tuple[Hyperparameter, ...]] = {
    "local": LOCAL_PARAMETERS,
    "ray": RAY_PARAMETERS,
    "slurm": SLURM_PARAMETERS,
}
"""What `--engine-set` may set, by submitit's names for Slurm."""


class ExecutorSpec(BaseModel):
    """What brings a run from 'queued' to its end. It decides no number of the run; stored beside its specification."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ExecutorKind = "local"
    address: str = ""
    """Ray: host:port of the cluster, or 'auto' for the one that this machine is in; '' is RAY_ADDRESS, else one of our own."""
    parameters: dict[str, Value] = Field(default_factory=dict)
    """What the user set of `PARAMETERS`."""

    @property
    def words(self) -> str:
        """As `parse_executor` reads it: ``"slurm partition=gpu time=120"``."""
        set_words = (f"{name}={word_of(value)}" for name, value in self.parameters.items())
        return " ".join([self.kind, *([self.address] if self.address else []), *set_words])


LOCAL = ExecutorSpec()


def resolve_executor(
    kind: str, *, address: str = "", parameters: Mapping[str, Value] | None = None, where: str = "--engine-set "
) -> ExecutorSpec:
    """Check what the user wants to execute runs with; `where` stands before the names of parameters in messages.

    Raises:
        UsageError: an unknown name, a value out of bounds, an address where there is none, or an extra that is not installed.
    """
    known = find_word("engine", kind, EXECUTOR_KINDS)
    if address and known != "ray":
        raise UsageError(f"engine {known} has no address; --engine ray takes one")
    if address and not _ADDRESS.fullmatch(address):
        raise UsageError(f"address {shown(address)}: expected host:port, for example 10.0.0.1:6379, or auto")
    checked = check_all(parameters or {}, PARAMETERS[known], where=where, kind=f"engine {known}")
    if known != "local":
        need_extra(known, needed_by=f"engine {known}")
    return ExecutorSpec(kind=known, address=address, parameters=checked)


def read_parameters(kind: str, typed: Iterable[tuple[str, str]]) -> dict[str, Value]:
    """What was typed for an engine. Text stays as it was typed: an account ``0815`` is no 815."""
    known = next((parameters for one, parameters in PARAMETERS.items() if one == kind), ())
    texts = {parameter.name for parameter in known if parameter.kind == "text"}
    return {name: text.strip() if name in texts else parse_value(text) for name, text in typed}


def parse_executor(text: str) -> ExecutorSpec:
    """Read the kind, the address where there is one, and parameters, in one line. Raises UsageError."""
    kind, *words = text.split() or [""]
    addresses = [word for word in words if "=" not in word]
    if len(addresses) > 1:
        raise UsageError(f"engine {text.strip()!r}: expected name=value after the address, found {addresses[1]!r}")
    pairs = (word.partition("=") for word in words if "=" in word)
    parameters = read_parameters(kind, ((name, value) for name, _, value in pairs))
    return resolve_executor(kind, address="".join(addresses), parameters=parameters, where="")
