"""Starting runs and commanding them: everything that may block, outside the UI thread, with its outcome as a sentence."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tui_optim.report.cells import Table
from tui_optim.runs.machine import check_executor
from tui_optim.spec.commands import Order, about_extension
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.events import RunState
from tui_optim.spec.executors import ExecutorSpec
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import Scenario, find_scenario
from tui_optim.spec.stacking import about_command
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.datasets import source_of
from tui_optim.store.runfolder import RunFolder
from tui_optim.ui.laboratory.exporting import compare_runs, export_comparison, export_runs
from tui_optim.ui.laboratory.laboratory import Laboratory
from tui_optim.ui.laboratory.plan import Plan
from tui_optim.ui.names import run_name

if TYPE_CHECKING:
    from tui_optim.report.figures.kinds import FigureRequest
    from tui_optim.spec.explain.topic import Experiment
    from tui_optim.ui.laboratory.fork_draft import ForkDraft


Told = Literal["pause", "stop", "resume"]


@dataclass(slots=True)
class Launcher:
    """Commands of the user, carried out by the client in a thread. Every method may raise UsageError."""

    lab: Laboratory
    plan: Plan
    sources: dict[str, DataSource] = field(default_factory=dict)
    """Data set id → where its data was found."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by one command at a time: they are carried out in the order of the keys."""
    _submitted: dict[str, RunSpec] = field(default_factory=dict)
    """Run id → what was queued here; those that no longer wait are dropped at the next submission."""
    _under_way: dict[str, tuple[Told, RunState]] = field(default_factory=dict)
    """Run id → what it was told, and its state then: no use telling it again before that has changed."""

    def see(self, find: Callable[[str], StoredRun | None]) -> None:
        """Forget the commands that have had their effect; `find` gives a run as it is now."""
        for run_id, (_, state) in list(self._under_way.items()):
            run = find(run_id)
            if run is None or run.status.state != state:
                del self._under_way[run_id]

    async def find_data(self, scenario: Scenario) -> DataSource:
        """Where the scenario's data is; remembered unless it is the sample, which a download may replace."""
        known = self.sources.get(scenario.dataset)
        if known is None or known.kind == "sample":
            known = await asyncio.to_thread(source_of, scenario, data_dir=self.lab.data_dir)
            self.sources[scenario.dataset] = known
        return known

    async def warm_up(self, scenario: Scenario, preset: Preset) -> None:
        """Let a worker load what a run of these two would need."""
        data = await self.find_data(scenario)
        specs = self.plan.specs(scenario, [preset], data)
        await asyncio.to_thread(self.lab.client.prepare, specs[0])

    async def queue(self, scenario: Scenario, presets: Sequence[Preset], *, waiting: Sequence[StoredRun]) -> str:
        """Queue each preset with each seed, where it can be executed; not what waits already.

        `waiting` are the runs that were queued when the app last looked.
        """
        plan = self.plan.copy()  # the user may change it before the turn comes
        async with self._turn:
            await asyncio.to_thread(check_executor, plan.options.engine, device=plan.options.device)
            data = await self.find_data(scenario)
            specs = plan.specs(scenario, presets, data)
            new = await self._submit(specs, waiting, executor=plan.options.engine)
        names = ", ".join(preset.name for preset in presets[:3]) + (" …" if len(presets) > 3 else "")
        runs = "1 run" if len(new) == 1 else f"{len(new)} runs"
        others = f" {len(specs) - len(new)} of {len(specs)} were queued already." if len(new) < len(specs) else ""
        return f"Queued {runs}: {names}, {plan.options.summary}, {plan.epochs(scenario)} epochs.{others}"

    async def start_experiment(self, experiment: "Experiment", *, waiting: Sequence[StoredRun]) -> str:
        """Queue the runs of an experiment, on the device and with the threads that the user has set."""
        options = self.plan.options
        async with self._turn:
            await asyncio.to_thread(check_executor, options.engine, device=options.device)
            specs: list[RunSpec] = []
            for arm in experiment:
                data = await self.find_data(find_scenario(arm.scenario))
                specs += arm.runs(self.lab.library.find, data, device=options.device, threads=options.threads)
            new = await self._submit(specs, waiting, executor=options.engine)
        runs = "1 run" if len(new) == 1 else f"{len(new)} runs"
        return f"Queued {runs} of the experiment; the charts show the newest settings."

    async def rerun(self, run: StoredRun, spec: RunSpec, *, changes: str, waiting: Sequence[StoredRun]) -> str:
        """Queue a run again with other values, where it was executed before; `changes` are these in words."""
        async with self._turn:
            await asyncio.to_thread(check_executor, run.info.executor, device=spec.device)
            await self._submit([spec], waiting, executor=run.info.executor)
        return f"Queued {run_name(run)} again with {changes}."

    async def fork(self, draft: "ForkDraft") -> str:
        """Hold the checkpoint that a fork begins with, and queue the fork where its parent was executed."""
        from tui_optim.runs.forks import plan_fork  # a start does without

        run, plan = draft.run, partial(plan_fork, draft.run, at=draft.at, preset=draft.preset)
        async with self._turn:
            spec = await asyncio.to_thread(plan, epochs=draft.epochs, settings=draft.overrides)
            await asyncio.to_thread(self.lab.client.submit, [spec], executor=run.info.executor)
        assert spec.parent is not None, "a fork has a parent"
        place = f"epoch {spec.parent.effective_epochs:.4g}"
        return f"Queued a fork of {run_name(run)} from {place} on: {spec.preset}, {spec.epochs} epochs in all."

    async def pause_or_resume(self, run: StoredRun) -> str | None:
        """Pause what runs or waits, resume what can go on."""
        name = run_name(run)
        if run.status.state in ("running", "queued"):
            return await self._tell(run, "pause", f"Pausing {name}: it keeps a checkpoint first.")
        return await self._tell(run, "resume", f"Resuming {name} from its last checkpoint.")

    async def stop(self, run: StoredRun) -> str | None:
        """Stop a run for good; p can still resume it."""
        return await self._tell(run, "stop", f"Stopping {run_name(run)}: its results so far are kept.")

    async def order(self, run: StoredRun, order: Order) -> str:
        """Give a command to a run that goes on after it, or end its process."""
        async with self._turn:
            await self._send(run, partial(self.lab.client.order, run.run_id, order))
        told = _told(run, order)
        remark = about_command(order.command, run.info.spec, run.info.executor, state=run.status.state)
        return f"{told[:-1]}; {remark}." if remark else told

    async def stop_queued(self, runs: Sequence[StoredRun]) -> str:
        """Stop those of the runs that still wait."""
        async with self._turn:
            stopped = await asyncio.to_thread(self._stop_queued, runs)
            self._under_way.update((run_id, ("stop", "queued")) for run_id in stopped)
        return f"Stopping {len(stopped)} queued run{'' if len(stopped) == 1 else 's'}; ⟪run.pause:p⟫ queues one again."

    async def set_slots(self, num_slots: int) -> str:
        """Set how many runs train at once."""
        await asyncio.to_thread(self.lab.client.set_slots, num_slots)
        return f"{num_slots} run{'s' if num_slots > 1 else ''} at a time from now on."

    async def start_supervisor(self) -> None:
        """See that a supervisor runs and stays for as long as the app is open."""
        await asyncio.to_thread(self.lab.client.hold_open)
        await asyncio.to_thread(self.lab.client.ensure_supervisor)

    async def export(
        self, runs: Sequence[StoredRun], *, format: str, path: Path, figure: "FigureRequest | None" = None
    ) -> str:
        """Write the results of runs to a file, or a report, a figure, a folder for TensorBoard; returns a table's text."""
        return await asyncio.to_thread(export_runs, runs, format, path, figure)

    async def compare(self, runs: Sequence[StoredRun], reference: str | None) -> Table:
        """The comparison of runs with a reference, a preset's id, or the usual one."""
        return await asyncio.to_thread(compare_runs, runs, reference)

    async def export_comparison(
        self,
        table: Table,
        runs: Sequence[StoredRun],
        *,
        format: str,
        path: Path,
        figure: "FigureRequest | None" = None,
    ) -> str:
        """Write a comparison of runs to a file; returns the text. `figure` is what is drawn of them; their curves if None."""
        return await asyncio.to_thread(export_comparison, table, runs, format, path, figure)

    async def _tell(self, run: StoredRun, command: Told, outcome: str) -> str | None:
        """Send a command; returns `outcome`, or None where the run has been told and has not done it yet."""
        order = (command, run.status.state)
        if self._under_way.get(run.run_id) == order:
            return None
        self._under_way[run.run_id] = order
        send = {"pause": self.lab.client.pause, "resume": self.lab.client.resume, "stop": self.lab.client.stop}[command]
        async with self._turn:
            try:
                await self._send(run, partial(send, run.run_id))
            except UsageError:
                self._under_way.pop(run.run_id, None)
                raise
        return outcome

    async def _send(self, run: StoredRun, send: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(send)
        except UsageError as error:
            text = str(error)
            if text.startswith(run.run_id):  # ids are for the command line; here runs have names
                text = f"{run_name(run)}{text.removeprefix(run.run_id)}"
            raise UsageError(text) from error

    async def _submit(
        self, specs: Sequence[RunSpec], waiting: Sequence[StoredRun], *, executor: ExecutorSpec
    ) -> list[RunSpec]:
        """Queue what does not wait already; returns it."""
        queued = await asyncio.to_thread(self._queued, {run.run_id: run.info.spec for run in waiting}, specs)
        new = [spec for spec in specs if spec not in queued]
        if not new:
            runs = f"{specs[0].preset}·s{specs[0].seed} is" if len(specs) == 1 else f"These {len(specs)} runs are"
            raise UsageError(f"{runs} queued already; ⟪preset.edit:e⟫ changes seeds or values.")
        ids = await asyncio.to_thread(self.lab.client.submit, new, executor=executor)
        self._submitted.update(zip(ids, new, strict=True))
        return new

    def _queued(self, seen: dict[str, RunSpec], wanted: Sequence[RunSpec]) -> list[RunSpec]:
        """Those of the wanted runs that wait now; what was `seen` waiting, or submitted here, may have moved on."""
        self._submitted = {run_id: spec for run_id, spec in self._submitted.items() if self._is_queued(run_id)}
        candidates = {run_id: spec for run_id, spec in {**seen, **self._submitted}.items() if spec in wanted}
        return [spec for run_id, spec in candidates.items() if self._is_queued(run_id) and not self._is_leaving(run_id)]

    def _is_leaving(self, run_id: str) -> bool:
        command, _ = self._under_way.get(run_id, ("", ""))
        return command in ("pause", "stop")

    def _is_queued(self, run_id: str) -> bool:
        try:
            return RunFolder(self.lab.home.runs / run_id).read_status().state == "queued"
        except StoreError:
            return False

    def _stop_queued(self, runs: Sequence[StoredRun]) -> list[str]:
        """Stop what still waits, the last first: none of them moves up and starts meanwhile."""
        stopped: list[str] = []
        for run_id in (run.run_id for run in reversed(runs) if self._is_queued(run.run_id)):
            try:
                self.lab.client.stop(run_id)
            except StoreError:
                raise
            except UsageError:  # it has left the queue this very moment
                continue
            stopped.append(run_id)
        return stopped


def _told(run: StoredRun, order: Order) -> str:
    """What a run does upon a command, as a sentence."""
    name = run_name(run)
    if order.command == "rate":
        return f"{name}: rate × {order.value:g} from its next steps on."
    if order.command == "extend":
        held = f"; {about}" if (about := about_extension(run.info.spec)) else ""
        return f"{name} goes on for {order.value:g} more epoch{'' if order.value == 1 else 's'}{held}."
    return {
        "evaluate": f"{name} is evaluated at its next steps; the log tells the figures.",
        "checkpoint": f"{name} keeps a checkpoint.",
        "xray": f"{name} is X-rayed at its next step; ⟪run.xray:I⟫ shows it.",
    }.get(order.command, f"Killing {name}: ⟪run.pause:p⟫ goes on from its last checkpoint.")
