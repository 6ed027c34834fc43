"""How fast runs train against their machine's limit."""

from dataclasses import replace
from pathlib import Path

from tests.factories import make_run, make_spec
from tui_optim.report.cells import text_grid
from tui_optim.report.runobject import run_object
from tui_optim.report.speed_table import speed_table, speeds
from tui_optim.report.tables import results_table
from tui_optim.store.bare_loops import bare_key
from tui_optim.store.home import open_home


def test_a_speed_stands_beside_its_limit(tmp_path: Path) -> None:
    """60,000 gradients in 2 s of steps; nothing is made up where nothing was measured, or before the first epoch."""
    home = open_home(tmp_path)
    done = make_run(home, make_spec(epochs=1), state="running")
    measured = replace(done, status=replace(done.status, device="cpu: Test CPU", threads=2, energy_j=1500.0))
    fresh = replace(measured, status=replace(measured.status, latest=None, threads=None, energy_j=None))
    limits = {bare_key(done.info.spec, device="cpu: Test CPU", threads=2): 40_000.0}

    table = speed_table(speeds([measured, fresh], {done.run_id: "sgd"}, limits))

    assert text_grid(table) == [
        ["run", "examples/s", "bare loop", "of it %", "energy kJ"],
        ["sgd", "30000", "40000", "75", "1.5"],
        ["sgd", "–", "–", "–", "–"],
    ]
    assert "not measured" in table.notes[0]
    assert len(speed_table(speeds([fresh], {}, {})).columns) == 4
    assert speed_table([]).notes == ()


def test_energy_is_in_tables_where_it_was_told(tmp_path: Path) -> None:
    """Results and objects have it; a machine that tells none has no such column."""
    run = make_run(open_home(tmp_path), make_spec(epochs=1))
    warm = replace(run, status=replace(run.status, energy_j=1500.0))
    assert "energy_j" not in [column.key for column in results_table([run]).columns]
    table = results_table([run, warm])
    place = [column.key for column in table.columns].index("energy_j")
    assert [row[place] for row in table.rows] == [None, 1500.0]
    assert (run_object(run, [])["energy_j"], run_object(warm, [])["energy_j"]) == (None, 1500.0)
