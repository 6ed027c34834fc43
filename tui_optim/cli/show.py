"""`show`: a run with what the user has said about it, or a sweep."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.left_out import tell_damaged_logs, tell_left_out, tell_unread
from tui_optim.cli.options import Json

if TYPE_CHECKING:
    from tui_optim.spec.hyperparameters import Value
    from tui_optim.spec.run import RunSpec
    from tui_optim.store.catalogue import StoredRun
    from tui_optim.store.home import Home


def show(
    run: Annotated[str, typer.Argument(help="Id of a run or sweep, a part of it, or 'last' (the newest run).")],
    is_json: Json = False,
) -> None:
    """A run's specification, figures per epoch and verdict, or a sweep's points. Example: tui-optim show last"""
    from tui_optim.report.runobject import runs_object
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home
    from tui_optim.store.sweepnames import names_sweep

    home = open_home(is_read_only=True)
    if names_sweep(home, run, takes_scenarios=False):
        _show_sweep(home, run, is_json=is_json)
        return
    catalogue = Catalogue(home)
    stored = catalogue.find(run)
    tell_unread(catalogue.damaged)
    tell_left_out(problem for run_id, problem in catalogue.damaged_labels.items() if run_id == stored.run_id)
    if is_json:
        print(json.dumps(runs_object([stored]), indent=2))
    else:
        _show_run(home, stored)


def _show_run(home: "Home", run: "StoredRun") -> None:
    """What it is, what became of it, and its figures."""
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.cells import plain_text
    from tui_optim.report.commands_table import commands_table
    from tui_optim.report.series import load_results
    from tui_optim.report.tables import history_table, parameter_table
    from tui_optim.report.verdict import verdict_lines
    from tui_optim.report.xray_table import layer_table, xray_table

    series, spec = load_results(run.folder), run.info.spec
    for line in [*_standing_lines(home, run), *_setting_lines(spec), *verdict_lines(run, series)]:
        print(plain_text(line))
    tables = [
        parameter_table(spec.scenario_info),
        commands_table(series),
        history_table(run, series),
        xray_table(spec, series),
        layer_table(series),
    ]
    for table in tables:
        if table is not None:
            print_table(table)
    for line in _rate_lines(run):
        print(line)
    tell_damaged_logs([series])


def _standing_lines(home: "Home", run: "StoredRun") -> list[str]:
    """How a run stands: its state and label, its kin, what is kept of it, and how to repeat it."""
    from tui_optim.report.disk_table import run_disk_line
    from tui_optim.report.lineage import family_lines, kept_lines, repeat_line
    from tui_optim.spec.executors import LOCAL
    from tui_optim.store.disk import run_use
    from tui_optim.store.summaries import read_listing

    listed = read_listing(home).runs
    return [
        f"{run.run_id}: {run.status.state}{': ' + run.status.reason if run.status.reason else ''}",
        *_label_lines(run),
        *family_lines(run, listed),
        *kept_lines(run),
        run_disk_line(run_use(run.folder)),
        repeat_line(run, listed),
        *([f"executed by: {run.info.executor.words}"] if run.info.executor != LOCAL else []),
    ]


def _setting_lines(spec: "RunSpec") -> list[str]:
    """The method with its numbers."""
    laid = "" if spec.memory_format == "contiguous" else f", images {spec.memory_format} in memory"
    schedule = f"schedule {spec.schedule} {_assigned(spec.schedule_parameters)}"
    averaging = {name: value for name, value in spec.averaging.items() if name != "kind"}
    return [
        f"{spec.optimizer} {_assigned(spec.hyperparameters)}",
        f"batch {spec.batch_size}{laid}, {schedule}".rstrip(),
        *([f"averaging {spec.averaging_kind} {_assigned(averaging)}"] if spec.averaging else []),
    ]


def _assigned(values: "Mapping[str, Value]") -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _rate_lines(run: "StoredRun") -> list[str]:
    """How fast it came down a quadratic, by theory and as measured, where there is a theory."""
    from tui_optim.report.pictures.descent import MEASURED, long_run_factor, measured_rate
    from tui_optim.report.series import load_series

    rho = long_run_factor(run.info.spec)
    measured = measured_rate(run.info.spec, load_series(run.folder)) if rho is not None else None
    if rho is None or measured is None:
        return []
    return [f"ρ² a step: {rho * rho:.8g} by theory, {measured:.8g} measured {MEASURED}"]


def _label_lines(run: "StoredRun") -> list[str]:
    """What the user has said about a run."""
    label = run.label
    lines = [f"name: {label.name}{', pinned' if label.is_pinned else ''}"] if label.name else []
    lines += ["pinned"] if label.is_pinned and not label.name else []
    return lines + ([f"note: {label.note}"] if label.note else [])


def _show_sweep(home: "Home", name: str, *, is_json: bool) -> None:
    from tui_optim.cli.sweep import print_sweep
    from tui_optim.report.cells import plain_text
    from tui_optim.report.sweep_object import sweep_object
    from tui_optim.report.sweep_table import make_view
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.sweepnames import find_sweep

    view = make_view(find_sweep(home, name), Catalogue(home).runs())
    if is_json:
        print(json.dumps(sweep_object(view), indent=2))
        return
    status = view.sweep.status
    print(plain_text(f"{view.sweep.sweep_id}: {status.state}{': ' + status.reason if status.reason else ''}"))
    print_sweep(view)
