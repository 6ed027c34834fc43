"""`tui-optim data`: which data is on this machine, fetching it, checking it, and cutting the sample."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui_optim.cli.json_answer import json_answer
from tui_optim.cli.options import Json
from tui_optim.cli.saying import say

if TYPE_CHECKING:
    from tui_optim.store.datasets import OnProgress, SourceReport

data_app = typer.Typer(name="data", help="List, fetch and verify the data sets.", no_args_is_help=True)

_Names = Annotated[
    list[str] | None, typer.Argument(metavar="[DATASET…]", help="fashion-mnist, mnist; all when left out.")
]
_DataDir = Annotated[
    Path | None, typer.Option("--data-dir", metavar="D", help="Folder that holds the data (else TUI_OPTIM_DATA).")
]


@data_app.command("list")
def list_data(*, data_dir: _DataDir = None, is_json: Json = False) -> None:
    """Show where each data set was looked for, what was found, and which one a run takes.

    Example: tui-optim data list
    """
    from tui_optim.spec.datasets import DATASETS
    from tui_optim.store.datasets import survey

    surveys = {dataset_id: survey(dataset_id, data_dir=data_dir) for dataset_id in DATASETS}
    if is_json:
        _print_json({"data": [_survey_json(dataset_id, reports) for dataset_id, reports in surveys.items()]})
        return
    for dataset_id, reports in surveys.items():
        taken = _taken(reports)
        print(f"{DATASETS[dataset_id].title} ({dataset_id}) · {DATASETS[dataset_id].licence}")
        for report in reports:
            mark = "▸" if report is taken else " "
            say(f" {mark} {report.origin:<12}{report.state:<9}{report.problem or _described(report)}")
        say(f"   a run takes: {_described(taken) if taken else 'nothing; see above'}")


@data_app.command("fetch")
def fetch_data(datasets: _Names = None) -> None:
    """Download the full data sets into the cache and verify their content.

    Example: tui-optim data fetch fashion-mnist
    """
    from tui_optim.spec.datasets import DATASETS
    from tui_optim.store.datasets import fetch

    for dataset_id in _checked(datasets):
        with _progress() as on_progress:
            source = fetch(dataset_id, on_progress=on_progress)
        say(f"{DATASETS[dataset_id].title}: complete and verified in {source.folder}")


@data_app.command("verify")
def verify_data(datasets: _Names = None, *, data_dir: _DataDir = None, is_json: Json = False) -> None:
    """Read every file that was found and compare its content with the published SHA-256.

    A folder that you name need not hold every set, but one of them.

    Example: tui-optim data verify --data-dir /data
    """
    from tui_optim.spec.errors import DataError
    from tui_optim.store.datasets import survey

    rows: list[dict[str, Any]] = []
    for dataset_id in _checked(datasets):
        for report in survey(dataset_id, data_dir=data_dir):
            if report.state == "absent" and report.origin != "data-dir":
                continue
            rows.append(_report_json(report) | _verdict(report))
            if not is_json:
                say(f"{dataset_id:<15}{report.origin:<12}{rows[-1]['state']:<10}{rows[-1]['problem'] or report.folder}")
    if is_json:
        _print_json({"verified": rows})
    named = [row for row in rows if row["origin"] == "data-dir"]
    is_nothing_there = bool(named) and all(row["state"] == "absent" for row in named)
    failures = named if is_nothing_there else [row for row in rows if row["state"] == "damaged"]
    if failures:
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        raise DataError(failures[0]["problem"] + more)


@data_app.command("sample")
def sample_data(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the samples are written.")],
    *,
    data_dir: _DataDir = None,
) -> None:
    """Cut the packaged sample (first 6,000 / 1,000 examples of each data set) from the full sets.

    Example: tui-optim data sample ./sample --data-dir /data
    """
    from tui_optim.spec.datasets import DATASETS
    from tui_optim.store.datasets import find_source, make_sample

    sources = [find_source(dataset_id, data_dir=data_dir) for dataset_id in DATASETS]
    for source, dataset in zip(sources, DATASETS.values(), strict=True):
        target = folder / dataset.folder
        make_sample(source, target)
        say(f"{dataset.title}: sample written to {target}")


def _checked(names: list[str] | None) -> list[str]:
    """All data sets when none is named. Raises UsageError for an unknown one before anything is done."""
    from tui_optim.spec.datasets import DATASETS
    from tui_optim.spec.errors import unknown

    for name in names or []:
        if name not in DATASETS:
            raise unknown("data set", name, DATASETS)
    return list(dict.fromkeys(names or DATASETS))


def _taken(reports: "list[SourceReport]") -> "SourceReport | None":
    """The link that a run takes: the first sound one, but nothing past a folder that the user named."""
    for report in reports:
        if report.state == "ok":
            return report
        if report.origin == "data-dir":
            return None
    return None


def _described(report: "SourceReport") -> str:
    kind = "" if report.source is None else f" [{report.source.kind}]"
    return f"{report.folder}{kind}"


def _verdict(report: "SourceReport") -> dict[str, str]:
    """State and problem once the content has been read, too."""
    from tui_optim.spec.errors import DataError
    from tui_optim.store.datasets import verify_source

    if report.source is None:
        return {"state": report.state, "problem": report.problem}
    try:
        verify_source(report.source)
    except DataError as error:
        return {"state": "damaged", "problem": str(error)}
    return {"state": "verified", "problem": ""}


def _survey_json(dataset_id: str, reports: "list[SourceReport]") -> dict[str, Any]:
    from tui_optim.spec.datasets import DATASETS

    taken = _taken(reports)
    return {
        "id": dataset_id,
        "title": DATASETS[dataset_id].title,
        "licence": DATASETS[dataset_id].licence,
        "taken": _report_json(taken) if taken else None,
        "sources": [_report_json(report) for report in reports],
    }


def _report_json(report: "SourceReport") -> dict[str, Any]:
    return {
        "dataset": report.dataset,
        "origin": report.origin,
        "folder": str(report.folder),
        "state": report.state,
        "data": report.source.kind if report.source else None,
        "problem": report.problem,
    }


def _print_json(body: dict[str, Any]) -> None:
    print(json_answer(body))


@contextmanager
def _progress() -> "Iterator[OnProgress]":
    """A bar per file on a terminal, one line per complete file elsewhere."""
    if not sys.stderr.isatty():
        yield _print_when_complete
        return

    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(name: str, received: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=received, total=total)

        yield show


def _print_when_complete(name: str, received: int, total: int | None) -> None:
    if received == total:
        print(f"{name}: {received:,} bytes", file=sys.stderr)
