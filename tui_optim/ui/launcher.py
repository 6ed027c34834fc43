"""Starting runs and commanding them: everything that may block, outside the UI thread, with its outcome as a sentence."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui_optim.report.series import load_series
from tui_optim.runs.machine import check_device
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.presets import Preset
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.datasets import find_source
from tui_optim.store.files import replace_file
from tui_optim.ui.laboratory import Laboratory
from tui_optim.ui.plan import Plan


@dataclass(slots=True)
class Launcher:
    """Commands of the user, carried out by the client in a thread. Every method may raise UsageError."""

    lab: Laboratory
    plan: Plan
    sources: dict[str, DataSource] = field(default_factory=dict)
    """Data set id → where its data was found."""

    async def find_data(self, scenario: Scenario) -> DataSource:
        """Where the scenario's data is; remembered unless it is the sample, which a download may replace."""
        known = self.sources.get(scenario.dataset)
        if known is None or known.kind == "sample":
            known = await asyncio.to_thread(find_source, scenario.dataset, data_dir=self.lab.data_dir)
            self.sources[scenario.dataset] = known
        return known

    async def warm_up(self, scenario: Scenario, preset: Preset) -> None:
        """Let a worker load what a run of these two would need."""
        data = await self.find_data(scenario)
        specs = self.plan.specs(scenario, [preset], data)
        await asyncio.to_thread(self.lab.client.prepare, specs[0])

    async def queue(self, scenario: Scenario, presets: Sequence[Preset]) -> str:
        """Queue each preset with each seed, on a device that this machine has."""
        await asyncio.to_thread(check_device, self.plan.options.device)
        data = await self.find_data(scenario)
        specs = self.plan.specs(scenario, presets, data)
        await asyncio.to_thread(self.lab.client.submit, specs)
        names = ", ".join(preset.name for preset in presets[:3]) + (" …" if len(presets) > 3 else "")
        runs = "1 run" if len(specs) == 1 else f"{len(specs)} runs"
        return f"Queued {runs}: {names}, {self.plan.options.summary}, {self.plan.epochs(scenario)} epochs."

    async def pause_or_resume(self, run: StoredRun) -> str:
        """Pause what runs or waits, resume what can go on."""
        if run.status.state in ("running", "queued"):
            await asyncio.to_thread(self.lab.client.pause, run.run_id)
            return f"Pausing {run.info.spec.preset}: it keeps a checkpoint first."
        await asyncio.to_thread(self.lab.client.resume, run.run_id)
        return f"Resuming {run.info.spec.preset} from its last checkpoint."

    async def stop(self, run: StoredRun) -> str:
        """Stop a run for good; p can still resume it."""
        await asyncio.to_thread(self.lab.client.stop, run.run_id)
        return f"Stopping {run.info.spec.preset}: its results so far are kept."

    async def set_slots(self, num_slots: int) -> str:
        """Set how many runs train at once."""
        await asyncio.to_thread(self.lab.client.set_slots, num_slots)
        return f"{num_slots} run{'s' if num_slots > 1 else ''} at a time from now on."

    async def start_supervisor(self) -> None:
        """See that a supervisor runs and stays for as long as the app is open."""
        await asyncio.to_thread(self.lab.client.hold_open)
        await asyncio.to_thread(self.lab.client.ensure_supervisor)

    async def export(self, runs: Sequence[StoredRun], *, format: str, path: Path) -> str:
        """Write the results of runs to a file; returns the text."""
        return await asyncio.to_thread(_export, runs, format, path)


def _export(runs: Sequence[StoredRun], format: str, path: Path) -> str:
    from tui_optim.report.formats import export_text  # csv, html and more: nothing that the first frame shows

    text = export_text(runs, format=format, series={run.run_id: load_series(run.folder) for run in runs})
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder; choose another file name")
    replace_file(path, text.encode(), mode=0o666)
    return text
