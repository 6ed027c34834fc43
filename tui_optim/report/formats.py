"""Writers of tables: CSV, Markdown, LaTeX, HTML; and the export of runs in each of them or as JSON.

Text comes from files that others may have written (preset names, reasons, device names): it is escaped in every format.
"""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence

from tui_optim.report.cells import Cell, Table, plain_text, text_grid
from tui_optim.report.html_table import escaped, table_element
from tui_optim.report.latex_table import latex_text
from tui_optim.report.long_table import long_table
from tui_optim.report.runobject import runs_object
from tui_optim.report.series import RunSeries, load_results
from tui_optim.report.tables import results_table
from tui_optim.spec.errors import unknown
from tui_optim.spec.results import encode_number
from tui_optim.store.catalogue import StoredRun


def export_text(runs: Sequence[StoredRun], *, format: str, series: Mapping[str, RunSeries] | None = None) -> str:
    """The results of runs in one of `EXPORT_FORMATS`, ending in a line end.

    The logs of runs that are not in `series` (by run id) are read from their folders.

    Raises:
        UsageError: unknown format, with the nearest valid name.
    """
    if format not in EXPORT_FORMATS:
        raise unknown("format", format, EXPORT_FORMATS)
    known = {run.run_id: (series or {}).get(run.run_id) or load_results(run.folder) for run in runs}
    if format == "json":
        return json.dumps(runs_object(runs, series=known), indent=2, allow_nan=False) + "\n"
    if format == "csv-long":
        return csv_text(long_table(runs, known))
    started = {run_id: one.started for run_id, one in known.items() if one.started is not None}
    return FORMATS[format](results_table(runs, started=started))


def comparison_text(table: Table, runs: Sequence[StoredRun], *, format: str, name: str = "comparison") -> str:
    """A comparison of runs in one of `EXPORT_FORMATS`; JSON has its rows by `name` beside the runs and their histories.

    The long shape has the figures that the comparison is made of, run by run.

    Raises:
        UsageError: unknown format, with the nearest valid name.
    """
    if format not in EXPORT_FORMATS:
        raise unknown("format", format, EXPORT_FORMATS)
    if format == "json":
        body = {**runs_object(runs), name: row_objects(table)}
        return json.dumps(body, indent=2, allow_nan=False) + "\n"
    return export_text(runs, format=format) if format == "csv-long" else FORMATS[format](table)


def csv_text(table: Table) -> str:
    """One header line of keys, then full precision: fractions, seconds; empty where there is no value; no notes."""
    keys, rows = _file_grid(table)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_csv_cell(key) for key in keys])
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
    return stream.getvalue()


def row_objects(table: Table) -> list[dict[str, Cell]]:
    """The rows of the CSV file as JSON objects: full precision, null where there is no value."""
    keys, rows = _file_grid(table)
    return [{key: encode_number(cell) for key, cell in zip(keys, row, strict=True)} for row in rows]


def markdown_text(table: Table) -> str:
    """A pipe table below its title, the notes as a list."""
    header, *rows = text_grid(table)
    lines = [f"**{markdown_escaped(table.title).strip()}**", ""] if table.title else []
    lines.append(_markdown_row(header))
    lines.append("|" + "|".join(" --- " if column.kind == "text" else " ---: " for column in table.columns) + "|")
    lines += [_markdown_row(row) for row in rows]
    lines += ["", *(f"- {markdown_escaped(note).strip()}" for note in table.notes)] if table.notes else []
    return "\n".join(lines) + "\n"


def html_text(table: Table) -> str:
    """A page of its own: no script, nothing loaded."""
    title = escaped(table.title)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        f'<head><meta charset="utf-8"><title>{title}</title><style>{_CSS}</style></head>',
        "<body>",
        table_element(table),
    ]
    if table.notes:
        lines += ["<ul>", *(f"<li>{escaped(note)}</li>" for note in table.notes), "</ul>"]
    return "\n".join([*lines, "</body>", "</html>"]) + "\n"


FORMATS: dict[str, Callable[[Table], str]] = {
    "csv": csv_text,
    "markdown": markdown_text,
    "latex": latex_text,
    "html": html_text,
}
EXPORT_FORMATS = ("csv", "csv-long", "markdown", "latex", "html", "json")

_CSS = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em;color:#222;background:#fff}"
    "table{border-collapse:collapse;border-top:2px solid;border-bottom:2px solid}"
    "caption{text-align:left;font-weight:600;padding-bottom:.5em}"
    "th,td{padding:.25em .7em;text-align:left}thead tr{border-bottom:1px solid}"
    ".number{text-align:right;font-variant-numeric:tabular-nums}"
    "ul{color:#555;font-size:.85em;padding-left:1.2em;max-width:80em}"
)


def _file_grid(table: Table) -> tuple[list[str], list[list[Cell]]]:
    """Keys and rows for files: what is shown, with file columns of the same key in its place and the others after it."""
    shown = {column.key for column in table.columns}
    by_key = {column.key: index for index, column in enumerate(table.file_columns)}
    extra = [index for index, column in enumerate(table.file_columns) if column.key not in shown]
    rows: list[list[Cell]] = []
    for row, file_row in zip(table.rows, table.file_rows or ((),) * len(table.rows), strict=True):
        cells = (
            file_row[by_key[column.key]] if column.key in by_key else cell
            for column, cell in zip(table.columns, row, strict=True)
        )
        rows.append([*cells, *(file_row[index] for index in extra)])
    return [*(column.key for column in table.columns), *(table.file_columns[index].key for index in extra)], rows


def _csv_cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = plain_text(value)
        return f"'{text}" if _FORMULA.match(value) else text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return repr(value)


_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
"""How a text begins that a spreadsheet would compute."""


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(markdown_escaped(cell) for cell in cells) + " |"


def markdown_escaped(text: str) -> str:
    """Text that Markdown shows as it is, dollars too, which GitHub and pandoc set as formulae.

    Underscores inside words are left to be copied.
    """
    text = re.sub(r"([\\`*|\[\]~#$])|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])", r"\\\g<0>", plain_text(text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
