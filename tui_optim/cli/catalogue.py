"""`list` and `show`: what may be chosen, and what has been run."""

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_optim.cli.left_out import tell_damaged_logs, tell_left_out, tell_unread
from tui_optim.cli.options import Json

if TYPE_CHECKING:
    from tui_optim.spec.hyperparameters import Hyperparameter, Value
    from tui_optim.store.home import Home

list_app = typer.Typer(help="List scenarios, presets, optimizers, schedules, runs or sweeps.", no_args_is_help=True)


@list_app.command()
def scenarios(is_json: Json = False) -> None:
    """Data + model + loss. Example: tui-optim list scenarios"""
    from tui_optim.spec.scenarios import all_scenarios

    rows = [
        _fields(scenario, "id", "title", "dataset", "loss", "epochs", "description")
        | {"parameters": scenario.num_parameters}
        for scenario in all_scenarios().values()
    ]
    _print("scenarios", rows, ("id", "parameters", "epochs", "description"), is_json=is_json)


@list_app.command()
def presets(
    family: Annotated[str | None, typer.Option(help="Only this family.")] = None, is_json: Json = False
) -> None:
    """Optimizers with their numbers. Example: tui-optim list presets --family momentum"""
    from tui_optim.spec.errors import unknown
    from tui_optim.spec.optimizers import FAMILIES
    from tui_optim.store.library import load_library

    if family is not None and family not in FAMILIES:
        raise unknown("family", family, FAMILIES)
    library = load_library()
    rows = [
        _fields(
            preset,
            "id",
            "name",
            "family",
            "optimizer",
            "hyperparameters",
            "batch_size",
            "schedule",
            "averaging",
            "advice",
        )
        | {"formula": preset.formula_text, "source": preset.source_text}
        for preset in library.presets.values()
        if family in (None, preset.family)
    ]
    tell_left_out(library.problems)
    _print("presets", rows, ("id", "family", "name", "advice"), is_json=is_json)


@list_app.command()
def optimizers(is_json: Json = False) -> None:
    """Update rules and their hyper-parameters. Example: tui-optim list optimizers"""
    from tui_optim.spec.optimizers import all_optimizers

    rows = [
        _fields(optimizer, "id", "name", "family", "stores", "step_cost", "helps", "hurts", "formula", "source")
        | {"hyperparameters": _defaults(optimizer.hyperparameters)}
        for optimizer in all_optimizers().values()
    ]
    _print("optimizers", rows, ("id", "family", "stores", "source"), is_json=is_json)


@list_app.command()
def schedules(is_json: Json = False) -> None:
    """Learning-rate schedules and their keys. Example: tui-optim list schedules"""
    from tui_optim.spec.schedules import SCHEDULES

    rows = [
        _fields(schedule, "id", "name", "formula", "source") | {"parameters": _defaults(schedule.parameters)}
        for schedule in SCHEDULES.values()
    ]
    _print("schedules", rows, ("id", "formula", "source"), is_json=is_json)


@list_app.command()
def runs(is_json: Json = False) -> None:
    """All runs of this home, oldest first. Example: tui-optim list runs"""
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    catalogue = Catalogue(open_home(is_read_only=True))
    rows = [
        {
            "id": run.run_id,
            **_fields(run.info.spec, "scenario", "preset", "seed"),
            "state": run.status.state,
            "epoch": f"{run.status.epoch}/{run.status.epochs}",
            "data": run.info.spec.data.kind,
            "sweep": run.info.sweep,
        }
        for run in catalogue.runs()
    ]
    tell_unread(catalogue.damaged)
    if is_json or not rows:
        _print("runs", rows, (), is_json=is_json)
    else:
        _print_lines(rows, ("id", "state", "epoch", "data", "scenario"))


@list_app.command()
def sweeps(is_json: Json = False) -> None:
    """Sweeps of this home, and those that are ready-made. Example: tui-optim list sweeps"""
    from tui_optim.store.home import open_home
    from tui_optim.store.sweepfolder import read_sweeps
    from tui_optim.store.sweeplibrary import load_plans

    plans, problems = load_plans()
    started, damaged = read_sweeps(open_home(is_read_only=True))
    rows: list[dict[str, Any]] = [
        {
            "id": name,
            "state": "ready-made",
            "trials": plan.num_points or "as needed",
            "what": plan.title,
            "about": plan.about,
        }
        for name, plan in plans.items()
    ]
    for sweep in started:
        plan, counts = sweep.spec.plan, dict(sweep.status.counts)
        what = plan.title or f"{plan.search}: {', '.join(plan.presets)} on {', '.join(plan.scenarios)}"
        state = sweep.status.state if sweep.status.stage == "search" else f"{sweep.status.state}, winners"
        rows.append(
            {"id": sweep.sweep_id, "state": state, "trials": sum(counts.values()), "what": what, "counts": counts}
        )
    tell_left_out(problems)
    tell_unread(damaged)
    _print("sweeps", rows, ("id", "state", "trials", "what"), is_json=is_json)


def show(
    run: Annotated[str, typer.Argument(help="Id of a run or sweep, a part of it, or 'last' (the newest run).")],
    is_json: Json = False,
) -> None:
    """A run's specification and its figures per epoch, or a sweep's points. Example: tui-optim show last"""
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.cells import plain_text
    from tui_optim.report.commands_table import commands_table
    from tui_optim.report.runobject import runs_object
    from tui_optim.report.series import load_results
    from tui_optim.report.tables import history_table, parameter_table
    from tui_optim.spec.executors import LOCAL
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home
    from tui_optim.store.sweepfolder import names_sweep

    home = open_home(is_read_only=True)
    if names_sweep(home, run):
        _show_sweep(home, run, is_json=is_json)
        return
    catalogue = Catalogue(home)
    stored = catalogue.find(run)
    tell_unread(catalogue.damaged)
    if is_json:
        print(json.dumps(runs_object([stored]), indent=2))
        return
    spec, status = stored.info.spec, stored.status
    print(plain_text(f"{stored.run_id}: {status.state}{': ' + status.reason if status.reason else ''}"))
    print(plain_text(f"repeat with: {spec.command}"))
    if stored.info.executor != LOCAL:
        print(plain_text(f"executed by: {stored.info.executor.words}"))
    print(f"{spec.optimizer} " + ", ".join(f"{name}={value}" for name, value in spec.hyperparameters.items()))
    schedule = ", ".join(f"{name}={value}" for name, value in spec.schedule_parameters.items())
    print(f"batch {spec.batch_size}, schedule {spec.schedule} {schedule}".rstrip())
    if spec.averaging:
        averaging = ", ".join(f"{name}={value}" for name, value in spec.averaging.items() if name != "kind")
        print(f"averaging {spec.averaging_kind} {averaging}")
    print_table(parameter_table(spec.scenario_info))
    series = load_results(stored.folder)
    if commands := commands_table(series):
        print_table(commands)
    print_table(history_table(stored, series))
    tell_damaged_logs([series])


def _show_sweep(home: "Home", name: str, *, is_json: bool) -> None:
    from tui_optim.cli.sweep import print_sweep
    from tui_optim.report.sweep_object import sweep_object
    from tui_optim.report.sweep_table import make_view
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.sweepfolder import find_sweep

    view = make_view(find_sweep(home, name), Catalogue(home).runs())
    if is_json:
        print(json.dumps(sweep_object(view), indent=2))
        return
    status = view.sweep.status
    print(f"{view.sweep.sweep_id}: {status.state}{': ' + status.reason if status.reason else ''}")
    print_sweep(view)


def _fields(item: object, *names: str) -> dict[str, Any]:
    return {name: getattr(item, name) for name in names}


def _defaults(parameters: "Iterable[Hyperparameter]") -> "dict[str, Value]":
    return {parameter.name: parameter.default for parameter in parameters}


def _print_lines(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> None:
    """A line per row, cut where a terminal is too narrow: a list may have a thousand, on which rich spends half a second."""
    from tui_optim.report.cells import plain_text

    grid = [columns, *([plain_text(row[column]) for column in columns] for row in rows)]
    widths = [max(map(len, texts)) for texts in zip(*grid, strict=True)]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    lines = [
        "  ".join(f"{text:<{width}}" for text, width in zip(texts, widths, strict=True)).rstrip()[:room]
        for texts in grid
    ]
    typer.secho(lines[0], bold=True)
    print("\n".join(lines[1:]))


def _print(kind: str, rows: list[dict[str, Any]], columns: tuple[str, ...], *, is_json: bool) -> None:
    if is_json:
        print(json.dumps({kind: rows}, indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tui_optim.cli.rich_table import PIPE_WIDTH
    from tui_optim.report.cells import plain_text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=column == "id", overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain_text(str(row[column]))) for column in columns))
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table if rows else f"no {kind} yet")
