"""In what runs differ: only the keys that do, a row for each, a column for each run."""

from collections.abc import Sequence

from tui_optim.report.cells import Cell, Column, Table
from tui_optim.report.columns import settings
from tui_optim.report.run_names import spoken_name
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun

KEY = Column(key="key", title="key")


def difference_table(runs: Sequence[StoredRun]) -> Table:
    """The table of two runs or more, in the order given.

    A key that a run has no value for, since its method takes none, is empty there. Runs are told apart by their names where these
    differ, else by their ids, which files use in any case.

    Raises:
        UsageError: there are not two different runs.
    """
    if len({run.run_id for run in runs}) < 2:
        raise UsageError("a difference needs two runs or more: tui-optim diff RUN RUN")
    values = [_configuration(run) for run in runs]
    keys = dict.fromkeys(key for one in values for key in one)
    rows = [(key, *(one.get(key) for one in values)) for key in keys if len({repr(one.get(key)) for one in values}) > 1]
    num_equal = len(keys) - len(rows)
    notes = [f"{num_equal} keys that are the same in all of these runs are left out"]
    notes += [] if rows else ["these runs have equal configurations: they differ in nothing that decides their numbers"]
    titles = _titles(runs)
    notes += [f"{title}: {run.run_id}" for title, run in zip(titles, runs, strict=True) if title != run.run_id]
    columns = [Column(key=run.run_id, title=title) for run, title in zip(runs, titles, strict=True)]
    return Table(
        title=f"In what {len(runs)} runs differ",
        columns=(KEY, *columns),
        rows=tuple((key, *map(_shown, cells)) for key, *cells in rows),
        notes=tuple(notes),
    )


def _configuration(run: StoredRun) -> dict[str, Cell]:
    """Everything that decides a run's numbers, by the names of the command line, and with what it was run."""
    spec, info = run.info.spec, run.info
    values: dict[str, Cell] = {"scenario": spec.scenario, "preset": spec.preset, "optimizer": spec.optimizer}
    values |= {"forked from": f"{spec.parent.run_id}, step {spec.parent.step}"} if spec.parent else {}
    values |= settings(spec)
    values |= {"epochs": spec.epochs, "seed": spec.seed, "holdout": spec.holdout, "data": spec.data.kind}
    values |= {"device": run.status.device or spec.device, "threads": spec.threads, "engine": info.executor.words}
    return values | {f"version of {name}": version for name, version in info.versions.items()}


def _shown(value: Cell) -> Cell:
    """Numbers as they were given: a column has values of many kinds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else value


def _titles(runs: Sequence[StoredRun]) -> list[str]:
    names = list(map(spoken_name, runs))
    return [name if names.count(name) == 1 else run.run_id for name, run in zip(names, runs, strict=True)]
