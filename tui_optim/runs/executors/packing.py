"""What a run needs from files of the submitting machine, for a node of a cluster that cannot see them.

The bridge packs it as names and bytes; the node unpacks it below a folder of its own, and trains what the specification says with
the paths that it has there.
"""

from dataclasses import replace
from pathlib import Path

from tui_optim.runs.executors.task import Files, Task
from tui_optim.spec.datasets import DataSource, read_verified
from tui_optim.spec.errors import DataError, UsageError
from tui_optim.spec.run import RunSpec


def data_files(source: DataSource) -> Files:
    """Name and content of each file of a data source, verified here: messages name this machine's paths. Raises DataError."""
    files: Files = {}
    for role, path in source.files.items():
        read_verified(source, role)
        try:
            files[role] = (path.name, path.read_bytes())
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    return files


def plugin_source(run: RunSpec) -> str | None:
    """Source of the user's optimizer where it is a file; None for others. Raises UsageError."""
    if not run.optimizer_origin.endswith(".py"):
        return None
    try:
        return Path(run.optimizer_origin).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"plugin {run.optimizer_origin}: cannot be read ({error})") from error


def scenario_content(run: RunSpec) -> bytes | None:
    """Content of the file of the user's scenario; None for others. Raises UsageError."""
    if run.own_scenario is None or not run.own_scenario.origin.endswith(".py"):
        return None
    try:
        return Path(run.own_scenario.origin).read_bytes()
    except OSError as error:
        raise UsageError(f"plugin {run.own_scenario.origin}: cannot be read ({error})") from error


def with_own_files(task: Task, folder: Path) -> RunSpec:
    """The run with the user's optimizer and scenario as files in a folder, where it has them as files."""
    return _with_scenario(task, _with_plugin(task, folder), folder)


def with_data_files(run: RunSpec, files: Files, folder: Path) -> RunSpec:
    """The run with its data as files in a folder."""
    here = {role: folder / name for role, (name, _) in files.items()}
    for role, (_, content) in files.items():
        here[role].write_bytes(content)
    return run.model_copy(update={"data": run.data.model_copy(update={"folder": folder, "files": here})})


def _with_plugin(task: Task, folder: Path) -> RunSpec:
    if task.plugin is None:
        return task.spec
    path = folder / Path(task.spec.optimizer_origin).name
    path.write_text(task.plugin, encoding="utf-8")
    return task.spec.model_copy(update={"optimizer_origin": str(path)})


def _with_scenario(task: Task, run: RunSpec, folder: Path) -> RunSpec:
    own = run.own_scenario
    if own is None or task.scenario is None:
        return run
    if run.optimizer_origin and task.spec.optimizer_origin == own.origin:  # one file has both
        path = Path(run.optimizer_origin)
    else:
        (folder / "scenario").mkdir()
        path = folder / "scenario" / Path(own.origin).name
    path.write_bytes(task.scenario)
    return run.model_copy(update={"own_scenario": replace(own, origin=str(path))})
