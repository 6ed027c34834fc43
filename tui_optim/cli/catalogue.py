"""`list`: what may be chosen, and what has been run."""

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_optim.cli.json_answer import json_answer
from tui_optim.cli.left_out import tell_left_out, tell_unread
from tui_optim.cli.options import Filter, Json

if TYPE_CHECKING:
    from tui_optim.spec.hyperparameters import Hyperparameter, Value
    from tui_optim.spec.optimizers import Optimizer
    from tui_optim.store.summaries import RunSummary

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
    from tui_optim.spec.optimizers import FAMILIES, find_optimizer
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
        | _missing(find_optimizer(preset.optimizer))
        for preset in library.presets.values()
        if family in (None, preset.family)
    ]
    tell_left_out(library.problems)
    _print("presets", rows, ("id", "family", "name", *_with_missing(rows), "advice"), is_json=is_json)


@list_app.command()
def optimizers(is_json: Json = False) -> None:
    """Update rules and their hyper-parameters. Example: tui-optim list optimizers"""
    from tui_optim.spec.optimizers import all_optimizers

    rows = [
        _fields(optimizer, "id", "name", "family", "stores", "step_cost", "helps", "hurts", "formula", "source")
        | {"hyperparameters": _defaults(optimizer.hyperparameters)}
        | _missing(optimizer)
        for optimizer in all_optimizers().values()
    ]
    _print("optimizers", rows, ("id", "family", *_with_missing(rows), "stores", "source"), is_json=is_json)


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
def runs(
    passing: Filter = None,
    sort: Annotated[
        str | None, typer.Option(help="A field to sort by, e.g. test_accuracy; -test_accuracy has the largest first.")
    ] = None,
    is_json: Json = False,
) -> None:
    """All runs of this home, oldest first. Example: tui-optim list runs --filter 'lr>=0.01 state=diverged' --sort seed"""
    from tui_optim.store.home import open_home

    home = open_home(is_read_only=True)
    if passing is None and sort is None:
        from tui_optim.store.summaries import read_listing

        listing = read_listing(home)
        summaries, damaged, damaged_labels = listing.runs, listing.damaged, listing.damaged_labels
    else:
        from tui_optim.cli.chosen import filtered_runs, sorted_runs
        from tui_optim.store.catalogue import Catalogue
        from tui_optim.store.summaries import summary_of

        catalogue = Catalogue(home)
        listed, order = sorted_runs(filtered_runs(catalogue.runs(), passing), sort)
        summaries = [summary_of(run) for run in listed]
        damaged, damaged_labels = catalogue.damaged, catalogue.damaged_labels
    rows = [_run_row(summary) for summary in summaries]
    tell_unread(damaged)
    tell_left_out(damaged_labels.values())
    if is_json or not rows:
        _print("runs", rows, (), is_json=is_json)
        return
    columns = ["id", "state", "epoch", "data", "scenario"]
    if sort is not None and order and order.field.name not in columns:
        columns.insert(3, order.field.name)
        rows = [row | {order.field.name: order.field.text(run)} for row, run in zip(rows, listed, strict=True)]
    columns += [one for one in ("name", "parent") if one not in columns and any(row[one] for row in rows)]
    if "reason" not in columns and any(row["reason"] for row in rows if row["state"] in ("running", "failed")):
        columns.append("reason")
    _print_lines(rows, columns)


def _run_row(run: "RunSummary") -> dict[str, Any]:
    return {
        "id": run.run_id,
        **_fields(run, "scenario", "preset", "seed", "state"),
        "epoch": f"{run.epoch}/{run.epochs}",
        **_fields(run, "reason", "data", "sweep", "name", "note"),
        "pinned": run.is_pinned,
        **_fields(run, "parent", "branch_step"),
    }


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


def _missing(optimizer: "Optimizer") -> dict[str, str | None]:
    """The extra that has to be installed for it; None where it can be run."""
    from tui_optim.spec.extras import lacks_extra

    return {"missing": optimizer.extra if lacks_extra(optimizer) else None}


def _with_missing(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return ("missing",) if any(row["missing"] for row in rows) else ()


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
        print(json_answer({kind: rows}))
        return
    from rich.table import Table
    from rich.text import Text

    from tui_optim.cli.rich_table import out_console
    from tui_optim.report.cells import plain_text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=column == "id", overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if row[column] is None else plain_text(str(row[column]))) for column in columns))
    out_console().print(table if rows else f"no {kind} yet")
