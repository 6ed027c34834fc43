"""Messages that cross from widgets to the screen and from the screen to the app; those of one widget are nested in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from tui_optim.spec.commands import Order
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.catalogue import StoredRun

if TYPE_CHECKING:  # what no first frame needs
    from tui_optim.spec.explain.topic import Topic
    from tui_optim.spec.sweeps.sweep import SweepSpec
    from tui_optim.store.sweepfolder import StoredSweep, SweepCommand
    from tui_optim.ui.laboratory.fork_draft import ForkDraft


class StartChosen(Message):
    """Request to the panes at the left: queue the marked presets, or the highlighted one, on the highlighted scenario."""


@dataclass
class EditSetting(Message):
    """Request to the screen: let the user change this row of the plan."""

    key: str


@dataclass
class ResetSetting(Message):
    """Request to the panes at the left: take this row of the plan back to the preset's value."""

    key: str


@dataclass
class OpenRun(Message):
    """Request to the screen: show this run's charts alone."""

    run_id: str


@dataclass
class ToggleRun(Message):
    """Request to the panes at the right: put this run on the charts, or take it off."""

    run_id: str


@dataclass
class ToggleSeeds(Message):
    """Request to the panes at the right: put all seeds of this run's setting on the charts, or take them off."""

    run_id: str


class RunHighlighted(Message):
    """The cursor of the run table stands on another run."""


@dataclass
class SortRuns(Message):
    """Request to the pane of runs: sort by the next column, or the same from its other end."""

    is_by_next: bool


@dataclass
class GroupRuns(Message):
    """Request to the pane of runs: a row for each setting, or for each run again."""


@dataclass
class ToggleGroup(Message):
    """Request to the pane of runs: list the runs of the setting in this row, or do not any more."""

    key: str


@dataclass
class QueueRuns(Message):
    """Request to the app: queue these presets with the plan's seeds."""

    scenario: Scenario
    presets: Sequence[Preset]


@dataclass
class StartExperiment(Message):
    """Request to the app: queue the runs that show what was explained."""

    topic: "Topic"


@dataclass
class PauseOrResume(Message):
    """Request to the app."""

    run: StoredRun


@dataclass
class StopRun(Message):
    """Request to the app."""

    run: StoredRun


@dataclass
class LabelRun(Message):
    """Request to the app: name a run, note something about it, pin it or let it go; None leaves that as it is."""

    run: StoredRun
    name: str | None = None
    note: str | None = None
    is_pinned: bool | None = None


@dataclass
class DeleteRuns(Message):
    """Request to the app: delete these runs for good, which the user has confirmed."""

    runs: Sequence[StoredRun]


@dataclass
class CleanUp(Message):
    """Request to the app: remove the checkpoints that nothing needs, which the user has confirmed."""

    keeps_best: bool


@dataclass
class RerunRun(Message):
    """Request to the app: queue a run again as its verdict suggests."""

    run: StoredRun
    spec: RunSpec
    changes: str
    """In words."""


@dataclass
class ForkRun(Message):
    """Request to the app: queue a fork as the user wants it."""

    draft: "ForkDraft"


@dataclass
class TellRun(Message):
    """Request to the app: give this command to a run that goes on after it, or end its process."""

    run: StoredRun
    order: Order


@dataclass
class StopQueued(Message):
    """Request to the app: stop those of these runs that still wait."""

    runs: Sequence[StoredRun]


@dataclass
class StopRuns(Message):
    """Request to the app: stop these runs of a sweep's point."""

    runs: Sequence[StoredRun]


@dataclass
class StartSweep(Message):
    """Request to the app."""

    spec: "SweepSpec"


@dataclass
class TellSweep(Message):
    """Request to the app: pause, stop or resume a sweep, or try its failed trials again."""

    sweep: "StoredSweep"
    command: "SweepCommand"


@dataclass
class SweepExported(Message):
    """The results of a sweep were written to a file."""

    text: str
    """The table in the file; '' for what is no text to paste: a report, a figure, a folder."""
    path: Path


@dataclass
class RunsExported(Message):
    """The results of runs were written to a file."""

    text: str
    """The table in the file; '' for what is no text to paste: a report, a figure, a folder."""
    num_runs: int
    path: Path


@dataclass
class FindData(Message):
    """Request to the app: look for the data of this scenario, and let a worker load it."""

    scenario: Scenario
    preset: Preset | None


@dataclass
class RunEnded(Message):
    """Runs that trained have come to their ends."""

    text: str
    """Which, and how."""


@dataclass
class Refused(Message):
    """Something cannot be done here: the app says why, once for a key that repeats."""

    text: str
