"""Completing a filter while it is typed: names of fields, their operators, and the values that runs have."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tui_optim.report.run_fields import Fields, RunField, value_text
from tui_optim.report.run_filter import FIELD, SIGN, operators_of
from tui_optim.report.run_order import is_missing, sort_key
from tui_optim.store.catalogue import StoredRun

MAX_VALUES = 50
_VALUE = re.compile(rf"(?:^|\s)({FIELD})\s*(?:{SIGN})\s*((?:\"[^\"]*|'[^']*|\S*))$")
_NAME = re.compile(r"(?:^|\s)([A-Za-z_][\w.-]*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What may stand in place of the text from `start` to the cursor."""

    start: int
    candidates: tuple[str, ...]

    def applied(self, text: str, cursor: int, number: int) -> tuple[str, int]:
        """The text with one of the candidates, counted round and round, and where the cursor is then."""
        chosen = self.candidates[number % len(self.candidates)]
        return f"{text[: self.start]}{chosen}{text[cursor:]}", self.start + len(chosen)


def complete(text: str, cursor: int, fields: Fields, values: Callable[[RunField], Sequence[str]]) -> Completion:
    """What could follow at the cursor; `values` gives the values that a field has among the runs."""
    before = text[:cursor]
    if found := _VALUE.search(before):
        return Completion(start=found.start(2), candidates=_values(found[1], found[2], fields, values))
    if found := _NAME.search(before):
        start = found.end() - len(found[1] or "")
        return Completion(start=start, candidates=_names(found[1] or "", fields))
    return Completion(start=cursor, candidates=())


def known_values(field: RunField, runs: Iterable[StoredRun]) -> list[str]:
    """The values that runs have, numbers rising, as they are typed; of fields with few choices all."""
    if field.choices:
        return list(field.choices)
    found = {value for run in runs if not is_missing(value := field.value(run))}
    return [_quoted(value_text(value)) for value in sorted(found, key=sort_key)[:MAX_VALUES]]


def _names(begun: str, fields: Fields) -> tuple[str, ...]:
    wanted = begun.lower()
    starting = [name for name in fields if name.lower().startswith(wanted)]
    if begun in fields:
        starting.remove(begun)
        starting = [f"{begun}{operator}" for operator in operators_of(fields[begun])] + starting
    holding = [name for name in fields if wanted and wanted in name.lower() and not name.lower().startswith(wanted)]
    return (*starting, *holding)


def _values(name: str, begun: str, fields: Fields, values: Callable[[RunField], Sequence[str]]) -> tuple[str, ...]:
    field, wanted = fields.get(name.lower()), begun.strip("\"'").lower()
    if field is None:
        return ()
    known = [value.strip("\"'").lower() for value in values(field)]
    found = zip(values(field), known, strict=True)
    return tuple(value for value, plain in found if plain.startswith(wanted) and plain != wanted)


def _quoted(text: str) -> str:
    if not re.search(r"[\s\"']", text):
        return text
    return f"'{text}'" if '"' in text else f'"{text}"'
