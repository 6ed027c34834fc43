"""`list` and `show`: what may be chosen, and what has been run."""

import json
from typing import Annotated, Any

import typer

list_app = typer.Typer(help="List scenarios, presets, optimizers, schedules or runs.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@list_app.command()
def scenarios(is_json: Json = False) -> None:
    """Data + model + loss. Example: tui-optim list scenarios"""
    from tui_optim.spec.scenarios import SCENARIOS

    rows = [
        {
            "id": scenario.id,
            "title": scenario.title,
            "dataset": scenario.dataset,
            "parameters": scenario.num_parameters,
            "epochs": scenario.epochs,
            "description": scenario.description,
        }
        for scenario in SCENARIOS.values()
    ]
    _print("scenarios", rows, ("id", "parameters", "epochs", "description"), is_json=is_json)


@list_app.command()
def presets(
    family: Annotated[str | None, typer.Option(help="Only this family.")] = None, is_json: Json = False
) -> None:
    """Optimizers with their numbers. Example: tui-optim list presets --family momentum"""
    import sys

    from tui_optim.spec.errors import unknown
    from tui_optim.spec.optimizers import FAMILIES
    from tui_optim.store.library import load_library

    if family is not None and family not in FAMILIES:
        raise unknown("family", family, FAMILIES)
    library = load_library()
    rows = [
        {
            "id": preset.id,
            "name": preset.name,
            "family": preset.family,
            "optimizer": preset.optimizer,
            "hyperparameters": preset.hyperparameters,
            "batch_size": preset.batch_size,
            "schedule": preset.schedule,
            "formula": preset.formula_text,
            "source": preset.source_text,
            "advice": preset.advice,
        }
        for preset in library.presets.values()
        if family in (None, preset.family)
    ]
    for problem in library.problems:
        print(f"tui-optim: left out: {problem}", file=sys.stderr)
    _print("presets", rows, ("id", "family", "name", "advice"), is_json=is_json)


@list_app.command()
def optimizers(is_json: Json = False) -> None:
    """Update rules and their hyper-parameters. Example: tui-optim list optimizers"""
    from tui_optim.spec.optimizers import OPTIMIZERS

    rows = [
        {
            "id": optimizer.id,
            "name": optimizer.name,
            "family": optimizer.family,
            "stores": optimizer.stores,
            "hyperparameters": {parameter.name: parameter.default for parameter in optimizer.hyperparameters},
            "formula": optimizer.formula,
            "source": optimizer.source,
        }
        for optimizer in OPTIMIZERS.values()
    ]
    _print("optimizers", rows, ("id", "family", "stores", "source"), is_json=is_json)


@list_app.command()
def schedules(is_json: Json = False) -> None:
    """Learning-rate schedules and their keys. Example: tui-optim list schedules"""
    from tui_optim.spec.schedules import SCHEDULES

    rows = [
        {
            "id": schedule.id,
            "name": schedule.name,
            "formula": schedule.formula,
            "source": schedule.source,
            "parameters": {parameter.name: parameter.default for parameter in schedule.parameters},
        }
        for schedule in SCHEDULES.values()
    ]
    _print("schedules", rows, ("id", "formula", "source"), is_json=is_json)


@list_app.command()
def runs(is_json: Json = False) -> None:
    """All runs of this home, oldest first. Example: tui-optim list runs"""
    import sys

    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    catalogue = Catalogue(open_home())
    rows = [
        {
            "id": run.run_id,
            "scenario": run.info.spec.scenario,
            "preset": run.info.spec.preset,
            "seed": run.info.spec.seed,
            "state": run.status.state,
            "epoch": f"{run.status.epoch}/{run.status.epochs}",
            "data": run.info.spec.data.kind,
        }
        for run in catalogue.runs()
    ]
    for problem in catalogue.damaged.values():
        print(f"tui-optim: left out: {problem}", file=sys.stderr)
    _print("runs", rows, ("id", "scenario", "state", "epoch", "data"), is_json=is_json)


def show(
    run: Annotated[str, typer.Argument(help="Run id, a part of it, or 'last'.")],
    is_json: Json = False,
) -> None:
    """A run's specification and its figures per epoch. Example: tui-optim show last"""
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.runobject import runs_object
    from tui_optim.report.series import load_series
    from tui_optim.report.tables import history_table, parameter_table
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    stored = Catalogue(open_home()).find(run)
    if is_json:
        print(json.dumps(runs_object([stored]), indent=2))
        return
    spec, status = stored.info.spec, stored.status
    print(f"{stored.run_id}: {status.state}{': ' + status.reason if status.reason else ''}")
    print(f"repeat with: {spec.command}")
    print(f"{spec.optimizer} " + ", ".join(f"{name}={value}" for name, value in spec.hyperparameters.items()))
    schedule = ", ".join(f"{name}={value}" for name, value in spec.schedule_parameters.items())
    print(f"batch {spec.batch_size}, schedule {spec.schedule} {schedule}".rstrip())
    print_table(parameter_table(spec.scenario_info))
    print_table(history_table(stored, load_series(stored.folder)))


def _print(kind: str, rows: list[dict[str, Any]], columns: tuple[str, ...], *, is_json: bool) -> None:
    if is_json:
        print(json.dumps({kind: rows}, indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=column == "id", overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(row[column])) for column in columns))
    Console().print(table if rows else f"no {kind} yet")
