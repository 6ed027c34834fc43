"""Rows of a table in sentences: which of them something is true of."""

from collections.abc import Sequence


def by_rows(label: str, texts: Sequence[str]) -> str:
    """`label: text` where all rows agree, else each text with its rows; '' where there is none."""
    rows: dict[str, list[int]] = {}
    for number, text in enumerate(texts, start=1):
        if text:
            rows.setdefault(text, []).append(number)
    if not rows:
        return ""
    if len(rows) == 1 and len(next(iter(rows.values()))) == len(texts):
        return f"{label}: {next(iter(rows))}"
    return f"{label}: " + "; ".join(f"{text} ({row_list(numbers)})" for text, numbers in rows.items())


def row_list(numbers: Sequence[int]) -> str:
    """`row 3`, or `rows 1–3, 5`; numbers rise, counted from 1."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    text = ", ".join("–".join(str(end) for end in span) for span in spans)
    return f"row {text}" if len(numbers) == 1 else f"rows {text}"
