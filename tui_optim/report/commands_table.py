"""What a run was told while it trained, as a table, and the results that were asked for on the way."""

from tui_optim.report.cells import Cell, Column, Table
from tui_optim.report.columns import GAP, GRADIENTS, measure
from tui_optim.report.series import RunSeries
from tui_optim.spec.commands import changes, words
from tui_optim.spec.results import EpochResult

_STEP = Column(key="step", title="step", kind="number", decimals=0)
_WORDS = Column(key="command", title="command")
_MEASURES = (*(measure(split, name) for split in ("val", "test") for name in ("loss", "accuracy")), GAP)


def commands_table(series: RunSeries) -> Table | None:
    """A row for each command, with the figures where it was to evaluate; None where there was none."""
    if not series.commands:
        return None
    results = {result.step: result for result in series.evaluations}
    shown = [column for column in _MEASURES if any(_value(result, column) is not None for result in results.values())]
    rows = []
    for one in series.commands:
        result = results.get(one.step) if one.command == "evaluate" else None
        figures = [_value(result, column) for column in shown]
        rows.append((one.step, words(one.command, one.value), one.at("epoch"), *figures))
    told = changes(series.commands)
    note = f"its numbers are not those of its specification alone: {told}" if told else ""
    columns = (_STEP, _WORDS, GRADIENTS, *shown)
    return Table(title="Commands", columns=columns, rows=tuple(rows), notes=(note,) if note else ())


def _value(result: EpochResult | None, column: Column) -> Cell:
    value: Cell = getattr(result, column.key) if result is not None else None
    return value
