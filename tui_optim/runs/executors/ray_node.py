"""The actor that trains on a node of a Ray cluster. Ray loads this module on both sides; torch is loaded on the node alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ray

from tui_optim.runs.executors.task import Files, Happening, Task, Wanted
from tui_optim.spec.commands import Order

if TYPE_CHECKING:
    from tui_optim.runs.executors.remote import Training


class Node:
    """A place for one run at a time; its calls return at once."""

    def __init__(self) -> None:
        """Loads torch."""
        from tui_optim.runs.executors.remote import Training

        self._training: Training = Training()

    def name(self) -> str:
        """Address of the node."""
        return str(ray.util.get_node_ip_address())

    def start(self, task: Task, files: Files) -> list[Happening]:
        """Begin a run."""
        self._training.start(task, files)
        return []

    def news(self, wanted: Wanted | None, orders: tuple[Order, ...] = ()) -> list[Happening]:
        """What has happened since the last call."""
        return self._training.news(wanted, orders)
