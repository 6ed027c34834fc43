"""A table as an HTML element, and the one place that escapes text for pages."""

import html

from tui_optim.report.cells import Table, plain_text, text_grid


def escaped(text: str) -> str:
    """Text that a page shows as it is, inside elements and attributes."""
    return html.escape(plain_text(text))


def table_element(table: Table) -> str:
    """The `table` with its caption; best cells are bold, numbers have the class 'number'."""
    header, *rows = text_grid(table)
    kinds = ["text" if column.kind == "text" else "number" for column in table.columns]
    lines = ["<table>", f"<caption>{escaped(table.title)}</caption>"] if table.title else ["<table>"]
    heads = (f'<th class="{kind}">{escaped(text)}</th>' for kind, text in zip(kinds, header, strict=True))
    lines += ["<thead><tr>" + "".join(heads) + "</tr></thead>", "<tbody>"]
    for i, row in enumerate(rows):
        cells = (
            f'<td class="{kind}">' + (f"<b>{escaped(text)}</b>" if (i, j) in table.best else escaped(text)) + "</td>"
            for j, (kind, text) in enumerate(zip(kinds, row, strict=True))
        )
        lines.append("<tr>" + "".join(cells) + "</tr>")
    return "\n".join([*lines, "</tbody>", "</table>"])
