"""What the machine does, as a table: a row for its CPUs and memory, one for each accelerator, one for each process."""

from collections.abc import Mapping

from tui_optim.report.cells import Cell, Column, Table
from tui_optim.spec.system import AcceleratorReading, ProcessReading, SystemReading

WHAT = Column(key="what", title="what")
LOAD = Column(key="load", title="load")
MEMORY = Column(key="memory", title="memory")
TEMPERATURE = Column(key="temperature_c", title="°C", kind="number", decimals=0)
POWER = Column(key="power_w", title="W", kind="number", decimals=0)
TRAINS = Column(key="trains", title="trains")
MIB_PER_GIB = 1024


def system_table(reading: SystemReading, names: Mapping[str, str], *, is_narrow: bool = False) -> Table:
    """`names` are those of the runs that train, by id. Temperature and power are columns where a device tells them.

    Narrow, it fits 80 columns with all of them: long names are cut.
    """
    rows: list[dict[Column, Cell]] = [
        {
            WHAT: "CPU",
            LOAD: f"{_number(reading.busy_cpus)} of {reading.cpus}",
            MEMORY: _of(reading.memory_mib, reading.memory_total_mib),
        },
        *(_accelerator(one) for one in reading.accelerators),
        *(_process(one, names) for one in reading.processes),
    ]
    rows = [_narrowed(row) for row in rows] if is_narrow else rows
    told = {column for row in rows for column, value in row.items() if value is not None}
    columns = tuple(one for one in (WHAT, LOAD, MEMORY, TEMPERATURE, POWER, TRAINS) if one in told)
    notes = [
        "load: CPUs busy (processes: their own), kernels running in % (accelerators); means since the reading before",
        f"{_gib(reading.disk_free_mib)} GiB are free where the runs are kept",
    ]
    notes += [] if reading.accelerators else ["no NVIDIA device is visible"]
    return Table(
        title="System",
        columns=columns,
        rows=tuple(tuple(row.get(column) for column in columns) for row in rows),
        notes=tuple(notes),
    )


def _accelerator(one: AcceleratorReading) -> dict[Column, Cell]:
    return {
        WHAT: one.name,
        LOAD: None if one.utilisation is None else f"{one.utilisation:.0%}".replace("%", " %"),
        MEMORY: _of(one.memory_mib, one.memory_total_mib),
        TEMPERATURE: one.temperature_c,
        POWER: one.power_w,
    }


def _process(one: ProcessReading, names: Mapping[str, str]) -> dict[Column, Cell]:
    trains = [names.get(run_id, run_id) for run_id in one.run_ids]
    more = f" and {len(trains) - 1} more" if len(trains) > 1 else ""
    return {
        WHAT: f"{one.role} {one.pid}",
        LOAD: _number(one.cores),
        MEMORY: f"{one.memory_mib:.0f} MiB",
        TRAINS: f"{trains[0]}{more}" if trains else None,
    }


def _narrowed(row: dict[Column, Cell]) -> dict[Column, Cell]:
    what, trains, memory = (row.get(column) for column in (WHAT, TRAINS, MEMORY))
    return {
        **row,
        WHAT: _cut(str(what).replace("this program", "this"), 17),
        MEMORY: None if memory is None else str(memory).replace(" of ", "/"),
        TRAINS: None if trains is None else _cut(str(trains), 14),
    }


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _of(used_mib: float | None, total_mib: float | None) -> str | None:
    return None if used_mib is None or total_mib is None else f"{_gib(used_mib)} of {_gib(total_mib)} GiB"


def _gib(mib: float) -> str:
    return f"{mib / MIB_PER_GIB:.1f}"
