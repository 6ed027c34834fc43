"""Labelling and deleting runs: what may block, outside the UI thread, with its outcome as a sentence."""

import asyncio
from collections.abc import Sequence

from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.laboratory.laboratory import ClientLike
from tui_optim.ui.names import run_name


class RunDesk:
    """Wishes of the user about runs that need no worker. Every method may raise UsageError."""

    def __init__(self, client: ClientLike) -> None:
        """`client` carries them out."""
        self._client = client

    async def label(
        self, run: StoredRun, *, name: str | None = None, note: str | None = None, is_pinned: bool | None = None
    ) -> str:
        """Change what a run is labelled with; None leaves that as it is."""
        await asyncio.to_thread(self._client.label, run.run_id, name=name, note=note, is_pinned=is_pinned)
        before = run_name(run)
        if name is not None:
            return f"{before} is called {name} from now on." if name else f"{before} has no name of its own any more."
        if note is not None:
            return f"Noted: {before}." if note else f"The note of {before} is gone."
        return f"{before} stays at the top." if is_pinned else f"{before} stands among the others again."

    async def delete(self, runs: Sequence[StoredRun]) -> str:
        """Delete runs for good."""
        try:
            await asyncio.to_thread(self._client.delete, [run.run_id for run in runs])
        except UsageError as error:
            text = str(error)
            for run in runs:  # ids are for the command line; here runs have names
                text = text.replace(run.run_id, run_name(run)) if text.startswith(run.run_id) else text
            raise UsageError(text) from error
        return f"Deleted {run_name(runs[0]) if len(runs) == 1 else f'{len(runs)} runs'}."

    async def clean(self, *, keeps_best: bool) -> str:
        """Remove checkpoints that nothing needs."""
        from tui_optim.report.disk_table import cleaned_words, size_text  # a start does without

        gone = await asyncio.to_thread(self._client.clean, keeps_best=keeps_best)
        return f"Removed {cleaned_words(gone)}: {size_text(gone.freed_bytes)}."
