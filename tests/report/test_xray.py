"""What tables, JSON, CSV and panels make of X-rays."""

import csv
import io
import math
from dataclasses import replace
from pathlib import Path

from tests.factories import make_spec
from tests.report.figures.drawing import drawn
from tests.xray_runs import LAYERS, make_xray, write_xrayed
from tui_optim.report.figures.kinds import FigureRequest, make_picture
from tui_optim.report.formats import export_text
from tui_optim.report.runobject import series_object
from tui_optim.report.series import RunSeries, load_results, load_series
from tui_optim.report.xray import MAX_LAYERS, layers_shown, xray_panels
from tui_optim.report.xray_table import layer_table, xray_cost, xray_table
from tui_optim.spec.events import Record, Rewound, XRayed
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec
from tui_optim.store.home import Home, open_home

XRAYS = [make_xray(step) for step in (1, 5, 10)]


def spec_of(optimizer: str) -> RunSpec:
    return make_spec(preset=Preset(id=optimizer, name="P", family="basic", optimizer=optimizer, advice=""))


def test_panels_have_a_line_for_each_layer_and_the_rule() -> None:
    """Six of them; sharpness with the bound of the rate at each step, noise with the batch size."""
    panels = {panel.id: panel for panel in xray_panels(make_spec(), XRAYS)}
    assert list(panels) == ["gradients", "updates", "sharpness", "noise", "rates", "angle"]
    assert [line.name for line in panels["updates"].lines] == [*LAYERS, "0.001"]
    assert panels["updates"].lines[-1].ys == (1e-3,) * 3
    assert panels["gradients"].lines[1].ys == tuple(one.layers[1].grad_norm for one in XRAYS)
    measured, bound = panels["sharpness"].lines
    assert measured.xs == (1.0, 5.0, 10.0)
    assert (bound.name, bound.ys[0], bound.is_rule) == ("2/η", 2 / 0.05, True)
    assert panels["noise"].lines[-1].name == "batch 64"
    assert panels["angle"].is_log is False


def test_what_a_method_does_not_have_is_said() -> None:
    """In a sentence, by the method's name."""
    plain = [replace(one, effective_rate=None, momentum_angle=None) for one in XRAYS]
    panels = {panel.id: panel for panel in xray_panels(make_spec(), plain)}
    assert panels["rates"].note == "SGD has one rate for all weights."
    assert panels["angle"].note == "SGD keeps no momentum that can be read."
    assert not panels["rates"].lines
    by_kfac = {panel.id: panel for panel in xray_panels(spec_of("kfac"), plain)}
    assert by_kfac["rates"].note == "K-FAC keeps none that can be read."
    assert by_kfac["sharpness"].note == "2/η is the bound of gradient descent, not of K-FAC"
    assert [line.name for line in by_kfac["sharpness"].lines] == ["λ_max"]


def test_noise_without_a_gradient_is_a_gap() -> None:
    """And how many there are is said."""
    lost = [XRAYS[0], replace(XRAYS[1], noise_scale=math.inf)]
    panel = xray_panels(make_spec(), lost)[3]
    assert panel.note == "noise hides the gradient in 1 of 2: gaps"
    assert panel.lines[0].ys[1] == math.inf


def test_of_many_layers_some_are_drawn() -> None:
    """From the first to the last, and that is said."""
    deep = [make_xray(1, layers=[f"layer{number}" for number in range(30)])]
    assert len(layers_shown(deep)) == MAX_LAYERS
    assert (layers_shown(deep)[0], layers_shown(deep)[-1]) == ("layer0", "layer29")
    assert xray_panels(make_spec(), deep)[0].note == f"{MAX_LAYERS} of 30 layers are drawn"


def test_a_rewind_takes_xrays_back() -> None:
    """What comes after the checkpoint is measured again."""
    series = RunSeries()
    series.absorb([Record(seq=n, time=0.0, event=XRayed(xray=one)) for n, one in enumerate(XRAYS, start=1)])
    assert series.absorb([Record(seq=4, time=0.0, event=Rewound(to_seq=2))])
    assert series.xrays == XRAYS[:2]


def test_tables_and_objects_tell_the_same(tmp_path: Path) -> None:
    """`show`, its JSON and the long CSV have each figure of the log; the cost is told with its share."""
    run = write_xrayed(_home(tmp_path))
    series = load_results(run.folder)
    table, layers = xray_table(run.info.spec, series), layer_table(series)
    assert table is not None
    assert layers is not None
    keys = [column.key for column in table.columns]
    assert len(table.rows) == len(series.xrays)
    assert table.rows[0][keys.index("sharpness")] == float(f"{series.xrays[0].sharpness:.4g}")
    assert "stability_bound" not in keys  # Adam has none
    assert [row[0] for row in layers.rows] == list(LAYERS)
    assert table.notes[0] == xray_cost(series)
    assert table.notes[0].startswith("X-ray: ")
    assert f"% of training time, {len(series.xrays)} in" in table.notes[0]

    found = series_object(run, series)
    assert [one["sharpness"] for one in found["xrays"]] == [one.sharpness for one in series.xrays]
    assert found["xrays"][0]["layers"][0] == {
        "name": "conv1",
        "grad_norm": series.xrays[0].layers[0].grad_norm,
        "update_ratio": series.xrays[0].layers[0].update_ratio,
    }
    assert found["xray_time_s"] == sum(one.seconds for one in series.xrays)

    rows = [row for row in csv.DictReader(io.StringIO(export_text([run], format="csv-long"))) if row["stage"] == "xray"]
    first = {row["measure"]: float(row["value"]) for row in rows if row["step"] == "1"}
    assert first["update_ratio/fc3"] == series.xrays[0].layers[-1].update_ratio
    assert first["noise_scale"] == series.xrays[0].noise_scale
    assert first["effective_rate_p95"] == (series.xrays[0].effective_rate or (0, 0, 0))[2]
    assert xray_table(run.info.spec, RunSeries()) is None


def test_the_figure_has_all_panels_of_the_newest_run(tmp_path: Path) -> None:
    """And the same bytes each time; of runs without an X-ray there is none."""
    home = _home(tmp_path)
    run = write_xrayed(home)
    picture = make_picture([run], {run.run_id: load_series(run.folder)}, FigureRequest(kind="xray"))
    assert picture.about == "X-ray: adam s42 on LeNet-5 on Fashion-MNIST"


def test_a_figure_reaches_to_the_last_xray(tmp_path: Path) -> None:
    """Every panel with lines, and the dashed bounds over the whole of it."""
    home = _home(tmp_path)
    run = write_xrayed(home)
    series = load_series(run.folder)
    figure = drawn(make_picture([run], {run.run_id: series}, FigureRequest(kind="xray")))
    last = series.xrays[-1].step
    with_lines = [axes for axes in figure.axes if axes.lines]
    assert with_lines
    assert all(axes.get_xlim()[0] == 0.0 and last <= axes.get_xlim()[1] < 1.2 * last for axes in with_lines)


def _home(tmp_path: Path) -> Home:
    return open_home(tmp_path)
