"""What a home takes on disk, and what of it nothing needs: as a table, and in sentences."""

from tui_optim.report.cells import Cell, Column, Table
from tui_optim.store.disk import Cleaning, DiskUse, RunUse

WHAT = Column(key="what", title="what")
NUMBER = Column(key="number", title="number", kind="number", decimals=0)
TAKES = Column(key="takes", title="takes")


def loses(*, keeps_best: bool) -> str:
    """What cleaning costs."""
    most = "extended any more, and forked from their best epoch alone" if keeps_best else "extended or forked any more"
    return f"Logs, results and pictures stay, but these runs cannot be {most}."


def disk_table(use: DiskUse, removable: Cleaning) -> Table:
    """A row for each kind of thing that takes room."""
    rows: tuple[tuple[Cell, ...], ...] = (
        ("runs", use.num_runs, size_text(use.runs)),
        ("their checkpoints", None, size_text(use.checkpoints)),
        ("of these nothing needs", removable.num_files, size_text(removable.freed_bytes)),
        ("sweeps", use.num_sweeps, size_text(use.sweeps)),
        ("queue, logs, lists", None, size_text(use.others)),
        ("cache of data", None, size_text(use.cache)),
    )
    return Table(title="Disk", columns=(WHAT, NUMBER, TAKES), rows=rows, notes=(cleaning_line(removable),))


def disk_line(use: DiskUse) -> str:
    """The same in one line."""
    return (
        f"disk: {use.num_runs:,} run{'' if use.num_runs == 1 else 's'} {size_text(use.runs)}, checkpoints "
        f"{size_text(use.checkpoints)}, sweeps {size_text(use.sweeps)}, cache of data {size_text(use.cache)}"
    )


def cleaning_line(one: Cleaning) -> str:
    """What could be removed, or that there is nothing."""
    if not one.num_files:
        return "there is no checkpoint that nothing needs"
    return f"nothing needs {cleaned_words(one)}: {size_text(one.freed_bytes)}"


def cleaned_words(one: Cleaning) -> str:
    """`24 checkpoints of 12 runs at their end`."""
    files = f"{one.num_files:,} checkpoint{'' if one.num_files == 1 else 's'}"
    runs = "1 run at its end" if len(one.run_ids) == 1 else f"{len(one.run_ids):,} runs at their end"
    return f"{files} of {runs}"


def run_disk_line(use: RunUse) -> str:
    """What a run takes."""
    held = f"checkpoints {size_text(use.checkpoint_bytes)}" if use.checkpoint_bytes else "no checkpoint"
    return f"disk: {size_text(use.total_bytes)}, {held}"


def size_text(size_bytes: int) -> str:
    """`1.8 GiB`, `12.3 MiB`, `4 KiB`."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20)):
        if size_bytes >= size:
            return f"{size_bytes / size:.1f} {unit}"
    return f"{-(-size_bytes // 1024)} KiB"
