"""What the machine does, as a table."""

from tui_optim.report.cells import text_grid
from tui_optim.report.system_table import system_table
from tui_optim.spec.system import AcceleratorReading, ProcessReading, SystemReading

WORKER = ProcessReading(pid=12, role="worker", run_ids=("a", "b"), cores=0.984, memory_mib=640.4)


def reading(*accelerators: AcceleratorReading, busy_cpus: float | None = 1.5) -> SystemReading:
    """Of a machine with 24 GiB and one worker."""
    return SystemReading(
        cpus=2,
        busy_cpus=busy_cpus,
        memory_mib=3072,
        memory_total_mib=24576,
        disk_free_mib=51200,
        accelerators=accelerators,
        processes=(WORKER,),
    )


def test_without_a_device_there_is_no_column_for_one() -> None:
    """CPUs, memory, and the processes with the runs that they train; the first reading has no load."""
    table = system_table(reading(busy_cpus=None), {"a": "adam·s1"})
    assert text_grid(table) == [
        ["what", "load", "memory", "trains"],
        ["CPU", "– of 2", "3.0 of 24.0 GiB", "–"],
        ["worker 12", "0.98", "640 MiB", "adam·s1 and 1 more"],
    ]
    assert "50.0 GiB are free" in table.notes[1]
    assert table.notes[2] == "no NVIDIA device is visible"


def test_a_device_tells_what_it_can() -> None:
    """What a driver does not tell is empty."""
    device = AcceleratorReading(
        name="GPU 9", utilisation=0.63, memory_mib=1024, memory_total_mib=81920, temperature_c=61.0, power_w=340.4
    )
    table = system_table(reading(device, AcceleratorReading(name="GPU 8")), {})
    assert text_grid(table)[2:4] == [
        ["GPU 9", "63 %", "1.0 of 80.0 GiB", "61", "340", "–"],
        ["GPU 8", "–", "–", "–", "–", "–"],
    ]
    assert len(table.notes) == 2


def test_narrow_it_fits_80_columns() -> None:
    """Long names are cut; every column is still there."""
    device = AcceleratorReading(
        name="NVIDIA H100 80GB HBM3",
        utilisation=1.0,
        memory_mib=70000,
        memory_total_mib=81920,
        temperature_c=61.0,
        power_w=700,
    )
    rows = text_grid(system_table(reading(device), {"a": "nesterov-cosine lr=0.05·s42"}, is_narrow=True))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    assert len(widths) == 6
    assert sum(widths) + 2 * len(widths) <= 70
    assert rows[2][0] == "NVIDIA H100 80GB…"
