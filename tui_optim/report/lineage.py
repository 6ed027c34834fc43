"""Where a run comes from, what was forked from it, and where it can be forked, in lines."""

from collections.abc import Iterator, Sequence

from tui_optim.spec.branch import Branch
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.kept import kept_checkpoints
from tui_optim.store.summaries import RunSummary


def family_lines(run: StoredRun, runs: Sequence[RunSummary]) -> list[str]:
    """Its parents up to the run that began untrained, and its own forks among the runs of the home."""
    lines = [_parent_line(branch, known={one.run_id for one in runs}) for branch in branches(run.info.spec)]
    forks = [one for one in runs if one.parent == run.run_id]
    lines += [f"fork: {one.run_id} from step {one.branch_step:,} on: {one.state}" for one in forks]
    return lines


def repeat_line(run: StoredRun, runs: Sequence[RunSummary]) -> str:
    """The command that makes the same run again; a fork needs the run that it began with."""
    spec = run.info.spec
    if spec.parent is not None and spec.parent.run_id not in {one.run_id for one in runs}:
        return f"cannot be repeated, for its parent is deleted; it was made with: {spec.command}"
    return f"repeat with: {spec.command}"


def branches(spec: RunSpec) -> Iterator[Branch]:
    """From the youngest to the oldest."""
    branch = spec.parent
    while branch is not None:
        yield branch
        branch = branch.spec.parent


def kept_lines(run: StoredRun) -> list[str]:
    """The checkpoints that a run has kept."""
    kept = [f"{one.name} (epoch {one.epoch}, step {one.step:,})" for one in kept_checkpoints(run.folder)]
    return [f"checkpoints: {', '.join(kept)}"] if kept else []


def _parent_line(branch: Branch, *, known: set[str]) -> str:
    gone = "" if branch.run_id in known else ", deleted since"
    told = f", after {branch.commands}" if branch.commands else ""
    place = f"step {branch.step:,}, epoch {branch.effective_epochs:.4g}"
    return f"forked from: {branch.run_id} at {place} ({branch.spec.preset}{told}{gone})"
