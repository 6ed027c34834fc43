"""Formatting a cell."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_optim.report.cells import Cell, Column, ColumnKind, Table, format_cell, loss_text, plain_text, text_grid


@pytest.mark.parametrize(
    ("kind", "decimals", "value", "expected"),
    [
        ("percent", 2, 0.5953, "59.53"),
        ("percent", 2, 1, "100.00"),
        ("number", 4, 1.10244, "1.1024"),
        ("number", 6, 0.017226064628362656, "0.017226"),
        ("number", 4, 2.5e9, "2.500e+09"),
        ("number", 4, 1e-7, "1.0e-07"),
        ("number", 4, 0.0, "0.0000"),
        ("number", None, 5e-4, "0.0005"),
        ("number", 0, 2**63 - 1, "9223372036854775807"),
        ("number", 2, 10, "10.00"),
        ("seconds", 1, 61.26, "61.3"),
        ("seconds", 1, 0.71, "0.71"),
        ("seconds", 1, 0.024, "0.02"),
        ("seconds", 1, 0.0, "0.0"),
        ("seconds", 1, 0.00042, "0.0004"),
        ("seconds", 1, 2e-6, "2.0e-06"),
        ("number", 4, math.nan, "NaN"),
        ("number", 4, math.inf, "∞"),
        ("number", 4, -math.inf, "−∞"),
        ("number", 4, None, "–"),
        ("number", None, "full", "full"),
        ("text", None, True, "true"),
        ("text", None, "a\nb\x1b[31m\u202ec\ud800", "a b?[31m?c?"),
    ],
)
def test_a_value_reads_well(kind: ColumnKind, decimals: int | None, value: Cell, expected: str) -> None:
    """Each kind of value is shown with the digits that mean something."""
    assert format_cell(Column(key="x", title="x", kind=kind, decimals=decimals), value) == expected


@given(st.text(st.characters(exclude_categories=())))
def test_plain_text_can_always_be_printed(text: str) -> None:
    """Whatever a file holds, the text is one line that moves no cursor and encodes as UTF-8."""
    plain = plain_text(text)
    assert plain.isprintable()
    assert plain.encode().decode() == plain
    assert len(plain) == len(text)


def test_a_grid_is_titles_and_formatted_rows() -> None:
    """Screen and command line get texts and format nothing themselves."""
    columns = (Column(key="name", title="name"), Column(key="a", title="acc. %", kind="percent", decimals=1))
    table = Table(title="t", columns=columns, rows=(("adam", 0.5), ("sgd", None)))
    assert text_grid(table) == [["name", "acc. %"], ["adam", "50.0"], ["sgd", "–"]]


@pytest.mark.parametrize(("loss", "text"), [(7e-212, "7.0e-212"), (3e-05, "3.0e-05"), (0.0, "0.0000"), (0.3, "0.3000")])
def test_a_loss_in_a_sentence_is_not_nothing(loss: float, text: str) -> None:
    """Four decimals, unless these would all be 0 and the loss is not."""
    assert loss_text(loss) == text
