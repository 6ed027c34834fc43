"""What the screens work on: the home, the commands to runs, the preset library and the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tui_optim.spec.commands import Order
from tui_optim.spec.executors import LOCAL, ExecutorSpec
from tui_optim.spec.run import RunSpec
from tui_optim.store.home import Home
from tui_optim.store.label import Label
from tui_optim.store.library import Library

if TYPE_CHECKING:
    from tui_optim.spec.sweeps.sweep import SweepSpec
    from tui_optim.store.disk import Cleaning
    from tui_optim.store.sweepfolder import SweepCommand


class ClientLike(Protocol):
    """Commands to the runs of a home; `runs.client.Client` is the real one. Any call may block: never on the UI thread."""

    def submit(self, specs: Sequence[RunSpec], *, executor: ExecutorSpec = LOCAL) -> list[str]:
        """Queue runs; returns their ids. Raises UsageError."""
        ...

    def submit_sweep(self, spec: "SweepSpec") -> str:
        """Start a sweep; returns its id. Raises UsageError."""
        ...

    def tell_sweep(self, sweep_id: str, command: "SweepCommand") -> None:
        """Raises UsageError."""
        ...

    def is_sweeping(self) -> bool:
        """Whether some sweep is under way."""
        ...

    def pause(self, run_id: str) -> None:
        """Raises UsageError."""
        ...

    def stop(self, run_id: str) -> None:
        """Raises UsageError."""
        ...

    def order(self, run_id: str, order: Order) -> None:
        """Raises UsageError."""
        ...

    def resume(self, run_id: str) -> None:
        """Raises UsageError."""
        ...

    def label(
        self, run_id: str, *, name: str | None = None, note: str | None = None, is_pinned: bool | None = None
    ) -> Label:
        """Change what a user says about a run; None leaves that as it is. Raises UsageError."""
        ...

    def delete(self, run_ids: Sequence[str]) -> None:
        """Raises UsageError."""
        ...

    def clean(self, *, keeps_best: bool = False) -> "Cleaning":
        """Remove checkpoints that nothing needs. Raises UsageError."""
        ...

    def prepare(self, spec: RunSpec) -> None:
        """Let a warm worker load what this run would need. Raises StoreError."""
        ...

    def ensure_supervisor(self) -> bool:
        """Start the supervisor where none runs; False where one ran. Raises StoreError."""
        ...

    def lack_of_space(self) -> str:
        """A sentence where the disk of the home is full; '' else."""
        ...

    def hold_open(self) -> None:
        """Say that an app is open, for the life of this process."""
        ...

    def slots(self) -> int:
        """How many runs may train at once."""
        ...

    def set_slots(self, num_slots: int) -> None:
        """Raises UsageError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """Everything outside the screen that the screen uses."""

    home: Home
    client: ClientLike
    library: Library
    data_dir: Path | None = None
    is_read_only: bool = False
    """Whether the client only looks: what would change the home is refused before anything is asked."""
