"""Forking a run: its checkpoint is held, and what goes on from there resolved."""

from collections.abc import Mapping
from pathlib import Path

from tui_optim.runs.machine import check_executor
from tui_optim.spec.forking import fork_run, planned_epochs
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.plugins import add_plugin_files
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec
from tui_optim.store.branches import hold_branch
from tui_optim.store.catalogue import StoredRun


def plan_fork(
    run: StoredRun,
    *,
    at: str = "last",
    preset: Preset | None = None,
    epochs: int | None = None,
    settings: Mapping[str, Value] | None = None,
    preset_file: str | None = None,
) -> RunSpec:
    """A fork of a run, to be executed where the run was; the checkpoint stays from now on, the fork itself is not made.

    Args:
        run: the parent, in whatever state; one that trains goes on.
        at: last, best, an epoch, step=N, or a checkpoint's name.
        preset: another one than the parent's.
        epochs: in all, those before the branch included.
        settings: values over the preset.
        preset_file: path of a preset given as a file.

    Raises:
        UsageError: there is no such checkpoint, or what is asked for does not suit.
        StoreError: the checkpoint is damaged, or cannot be kept.
    """
    parent = run.info.spec
    check_executor(run.info.executor, device=parent.device)
    add_plugin_files([Path(file) for file in parent.plugin_files])
    branch = hold_branch(run, at)
    num_epochs = planned_epochs(branch, max(parent.epochs, run.status.epochs)) if epochs is None else epochs
    return fork_run(branch, preset=preset, epochs=num_epochs, overrides=settings, preset_file=preset_file)
