"""Training on a node of a cluster: in a thread of its own, while whoever asks is told what has happened since.

Knows the engine and the specification alone: no run folder, no path of the submitting machine. What a run needs from files
(data, a user's optimizer) comes as bytes and is written below a temporary folder for as long as it is read.
"""

import tempfile
import threading
import traceback
from collections import deque
from pathlib import Path

import torch

from tui_optim.engine.commands import Leave
from tui_optim.engine.data import KeptSplits, load_splits
from tui_optim.engine.devices import device_of
from tui_optim.engine.failures import failure_reason
from tui_optim.engine.loop import train
from tui_optim.engine.warmup import warm_up
from tui_optim.runs.executors.packing import with_data_files, with_own_files
from tui_optim.runs.executors.task import Failed, Files, Happening, Task, Wanted
from tui_optim.spec.commands import Order
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import Event
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Film, Picture
from tui_optim.spec.plugins import load_plugin


class Training:
    """One run after the other, and its data kept for the next one."""

    def __init__(self) -> None:
        """Does what torch does only once in a process."""
        self._splits = KeptSplits()
        self._told: list[Happening] = []
        self._lock = threading.Lock()
        self._wanted: Wanted | None = None
        self._orders: deque[Order] = deque()
        warm_up()

    def start(self, task: Task, files: Files) -> None:
        """Begin a run; the one before it has ended."""
        self._wanted = None
        self._orders.clear()
        threading.Thread(target=self._train, args=(task, files), daemon=True).start()

    def news(self, wanted: Wanted | None, orders: tuple[Order, ...] = ()) -> list[Happening]:
        """What has happened since the last call; `wanted` asks the run to end after its bin, `orders` to do something."""
        self._wanted = wanted
        self._orders.extend(orders)
        with self._lock:
            told, self._told = self._told, []
        return told

    def emit(self, event: Event) -> None:
        """The engine tells an event."""
        self._tell(event)

    def poll(self) -> Leave | Order | None:
        """The engine asks."""
        if self._orders:
            return self._orders.popleft()
        return Leave(*self._wanted) if self._wanted else None

    def wants_checkpoint(self) -> bool:
        """The engine asks; one that nobody has fetched yet is new enough."""
        return self._lacks(Kept)

    def keep(self, kept: Kept) -> None:
        """The engine keeps a checkpoint. One that nobody has fetched yet is dropped for it, unless it is better or stays."""
        with self._lock:
            self._told = [one for one in self._told if not isinstance(one, Kept) or _outlives(one, kept)]
        self._tell(kept)

    def wants_picture(self) -> bool:
        """The engine asks; one that nobody has fetched yet is new enough."""
        return self._lacks(Film)

    def show(self, picture: Picture) -> None:
        """The engine shows how the run looks; of what nobody has fetched yet the latest is enough."""
        with self._lock:
            self._told = [one for one in self._told if not isinstance(one, type(picture))]
        self._tell(picture)

    def _lacks(self, kind: type[Kept] | type[Film]) -> bool:
        with self._lock:
            return not any(isinstance(one, kind) for one in self._told)

    def _tell(self, happening: Happening) -> None:
        with self._lock:
            self._told.append(happening)

    def _train(self, task: Task, files: Files) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="tui-optim-") as folder:
                self._train_in(Path(folder), task, files)
        except Exception as error:  # noqa: BLE001 - the main of a worker
            trace = "".join(traceback.format_exception(error))
            self._tell(Failed(reason=failure_reason(error, log=task.log), trace=trace))

    def _train_in(self, folder: Path, task: Task, files: Files) -> None:
        torch.set_num_threads(task.threads)  # in this thread: OpenMP counts for each
        if task.plugin is None:
            _check_module(task.spec.optimizer_origin)
        spec = with_own_files(task, folder)
        device = device_of(spec)
        try:
            data = self._splits.of(
                task.spec, device, load=lambda: load_splits(with_data_files(spec, files, folder), device)
            )
            train(spec, self.emit, self, data=data, device=device, checkpoint=task.checkpoint, commands=task.commands)
        except UsageError as error:
            text = str(error)
            for here, there in zip(spec.plugin_files, task.spec.plugin_files, strict=True):
                text = text.replace(here, there)  # the user's own file is named, not this node's copy of it
            if text == str(error):
                raise
            raise UsageError(text) from error


def _outlives(earlier: Kept, kept: Kept) -> bool:
    return earlier.stays or (earlier.is_best and not kept.is_best)


def _check_module(origin: str) -> None:
    """Refuse an optimizer from an installed package that this node lacks."""
    try:
        if origin:
            load_plugin(origin)
    except UsageError as error:
        raise UsageError(f"{error}; install it on the nodes, or give its file with --plugin") from error
