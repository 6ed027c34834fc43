"""Starting sweeps and commanding them: everything that may block, outside the UI thread, with its outcome as a sentence."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui_optim.report.estimate import estimate
from tui_optim.report.sweep_table import SweepView
from tui_optim.runs.machine import check_executor
from tui_optim.spec.errors import UsageError
from tui_optim.spec.extras import need_extra
from tui_optim.spec.scenarios import find_scenario
from tui_optim.spec.sweeps.expected import at_once, describe, expected_runs
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.sweep import SweepSpec, resolve_sweep
from tui_optim.spec.sweeps.trial import SweepState
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.sweepfolder import StoredSweep, SweepCommand
from tui_optim.ui.laboratory.exporting import export_sweep
from tui_optim.ui.laboratory.launcher import Launcher
from tui_optim.ui.names import sweep_name
from tui_optim.ui.sweeping.draft import SweepDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A plan that can be carried out, and what that takes."""

    spec: SweepSpec
    text: str
    """Number of runs, how many at once, time and memory."""


@dataclass(slots=True)
class SweepDesk:
    """What the user asks of sweeps. Every method may raise UsageError."""

    launcher: Launcher
    draft: SweepDraft = field(default_factory=SweepDraft)
    """What was typed last, for as long as the app is open."""
    chosen: str = ""
    """Id of the sweep that is looked at."""
    started: str = ""
    """Id of one that was just started and is to be looked at; '' once it is."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by one command at a time: they are carried out in the order of the keys."""
    _under_way: dict[str, tuple[SweepCommand, SweepState]] = field(default_factory=dict)
    """Sweep id → what it was told, and its state then: no use telling it again before that has changed."""

    async def judge(self, plan: SweepPlan, kept: Sequence[StoredRun]) -> Judged:
        """Resolve a plan with the app's device, threads and engine, and estimate it by the runs of this home."""
        if plan.search == "tpe":
            need_extra("tune", needed_by="search tpe")
        lab, options = self.launcher.lab, self.launcher.plan.options
        presets = {name: lab.library.find(name) for name in plan.presets}
        data = {}
        for scenario in map(find_scenario, plan.scenarios):
            data[scenario.dataset] = await self.launcher.find_data(scenario)

        def work() -> Judged:
            check_executor(options.engine, device=options.device)
            spec = resolve_sweep(
                plan, presets, data=data, device=options.device, threads=options.threads, executor=options.engine
            )
            num_slots = lab.client.slots()
            expected = estimate(expected_runs(spec), kept, num_slots=num_slots, stack_of=spec.stack_of)
            return Judged(spec=spec, text=f"{describe(spec)}; {at_once(spec, num_slots)}; {expected.text}")

        return await asyncio.to_thread(work)

    async def start(self, spec: SweepSpec) -> str:
        """Start a sweep."""
        async with self._turn:
            self.started = await asyncio.to_thread(self.launcher.lab.client.submit_sweep, spec)
        return f"Started the sweep {sweep_name(spec.plan)}: {describe(spec)}."

    async def tell(self, sweep: StoredSweep, command: SweepCommand) -> str | None:
        """Pause, stop, resume, or try failed trials again; None where it has been told and has not done it yet."""
        order = (command, sweep.status.state)
        if command != "requeue" and self._under_way.get(sweep.sweep_id) == order:
            return None
        self._under_way[sweep.sweep_id] = order
        async with self._turn:
            try:
                await asyncio.to_thread(self.launcher.lab.client.tell_sweep, sweep.sweep_id, command)
            except UsageError as error:
                self._under_way.pop(sweep.sweep_id, None)
                raise UsageError(str(error).replace(sweep.sweep_id, "The sweep", 1)) from error
        return _OUTCOMES[command].format(name=sweep_name(sweep.spec.plan))

    def see(self, sweeps: Sequence[StoredSweep]) -> None:
        """Forget the commands that have had their effect."""
        for sweep in sweeps:
            _, state = self._under_way.get(sweep.sweep_id, ("", sweep.status.state))
            if state != sweep.status.state:
                del self._under_way[sweep.sweep_id]

    async def stop_runs(self, runs: Sequence[StoredRun]) -> str | None:
        """Stop the runs of a point; the sweep goes on without them."""
        told = [text for run in runs if (text := await self.launcher.stop(run)) is not None]
        if not told:
            return None
        return told[0] if len(told) == 1 else f"Stopping {len(told)} runs: their results so far are kept."

    async def export(self, view: SweepView, *, format: str, path: Path) -> str:
        """Write the table of a sweep to a file, or its map as a figure, a report, its curves; returns a table's text."""
        from tui_optim.report.figures.kinds import FigureRequest
        from tui_optim.report.formats import EXPORT_FORMATS

        if format in EXPORT_FORMATS:
            return await asyncio.to_thread(export_sweep, view, format, path)
        runs = [view.runs[trial.run_id] for trial in view.trials if trial.run_id in view.runs]
        figure = FigureRequest(kind="heatmap" if has_map(view) else "search")
        return await self.launcher.export(runs, format=format, path=path, figure=figure)


_OUTCOMES: dict[SweepCommand, str] = {
    "pause": "Pausing {name}: its runs keep a checkpoint first.",
    "stop": "Stopping {name}: what it has found is kept; ⟪sweep.pause:p⟫ goes on with it.",
    "resume": "{name} goes on.",
    "requeue": "{name} tries its failed and stopped trials again.",
}


def has_map(view: SweepView) -> bool:
    """Whether its points lie on lines that cross, as those of a grid do: others are drawn one after the other."""
    return view.sweep.spec.plan.search in ("grid", "rate")
