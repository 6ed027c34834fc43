"""The ready-made sweeps: those that come with the program and the user's own, each a file whose name is its id."""

from pathlib import Path

from tui_optim.spec.errors import UsageError, unknown
from tui_optim.spec.sweeps.file import load_plan
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.store.home import config_folder
from tui_optim.store.library import packaged_presets_folder


def sweep_files() -> dict[str, Path]:
    """Id → file; a user's own with the id of a packaged one takes its place."""
    folders = (packaged_presets_folder() / "sweeps", config_folder() / "sweeps")
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def find_plan(name: str) -> SweepPlan:
    """The plan of this id, or of the file at this path (it ends in .toml). Raises UsageError."""
    if name.endswith(".toml"):
        return load_plan(Path(name))
    files = sweep_files()
    if name not in files:
        raise unknown("sweep", name, files)
    return load_plan(files[name])


def load_plans() -> tuple[dict[str, SweepPlan], list[str]]:
    """All ready-made sweeps by id, and what is wrong with those that cannot be read."""
    plans: dict[str, SweepPlan] = {}
    problems: list[str] = []
    for name, path in sweep_files().items():
        try:
            plans[name] = load_plan(path)
        except UsageError as error:
            problems.append(str(error))
    return plans, problems
