"""Events as they stand in the log of a run: one line of JSON each."""

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any, Literal, get_origin

from tui_optim.spec.events import (
    CommandSeen,
    Ended,
    EpochEnded,
    Evaluated,
    Event,
    Examined,
    Notice,
    Progress,
    Record,
    Rewound,
    Started,
    XRayed,
)
from tui_optim.spec.evidence import Evidence
from tui_optim.spec.json_text import DAMAGE, decode_time, parse_json
from tui_optim.spec.results import EpochResult, decode_finite, decode_float, encode_number
from tui_optim.spec.xray import XRay

LOG_VERSION = 1
_TYPES: dict[str, type[Event]] = {
    "started": Started,
    "progress": Progress,
    "epoch": EpochEnded,
    "command": CommandSeen,
    "evaluated": Evaluated,
    "rewind": Rewound,
    "notice": Notice,
    "examined": Examined,
    "xray": XRayed,
    "ended": Ended,
}
_NAMES = {event_type: name for name, event_type in _TYPES.items()}
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_PROGRESS_MARK, _GAP_MARK = b'"type":"progress"', b'"gap":'
"""What only such lines hold: within a JSON string the quotes would be escaped."""


def encode_record(record: Record) -> str:
    """One line of JSON without the line end."""
    return encode_event(record.event, seq=record.seq, time=record.time)


def encode_event(event: Event, *, seq: int, time: float) -> str:
    """The line of an event. What comes by the thousand a second is written out by hand where all its numbers are finite."""
    text = ""
    if type(event) is Progress:
        text = _progress_text(event)
    elif type(event) is EpochEnded and (result := event.result.log_text()):
        text = f'"epoch","result":{result}'
    if text:
        return f'{{"v":{LOG_VERSION},"seq":{seq},"t":{round(time, 3)},"type":{text}}}'
    return _encoded_with_care(Record(seq=seq, time=time, event=event))


def _progress_text(event: Progress) -> str:
    """The line's part from the type on; '' where a number is not finite."""
    gap, norm, point = event.gap, event.grad_norm, event.point
    total = event.loss + event.lr + event.train_time_s + event.effective_epochs
    text = (
        f'"progress","step":{event.step},"epoch":{event.epoch},"loss":{event.loss},"lr":{event.lr},'
        f'"train_time_s":{event.train_time_s},"effective_epochs":{event.effective_epochs}'
    )
    if gap is not None:
        total += gap
        text += f',"gap":{gap}'
    if point is not None:
        total += sum(point)
        text += f',"point":[{",".join(map(str, point))}]'
    if norm is not None:
        total += norm
        text += f',"grad_norm":{norm}'
    return text if math.isfinite(total) else ""


def _encoded_with_care(record: Record) -> str:
    body: dict[str, Any] = {
        "v": LOG_VERSION,
        "seq": record.seq,
        "t": round(record.time, 3),
        "type": _NAMES[type(record.event)],
    }
    for name in _FIELDS[type(record.event)]:
        value = getattr(record.event, name)
        if value is not None:  # as it is by default
            body[name] = value.to_log() if isinstance(value, EpochResult | Evidence | XRay) else value
    try:
        return _ENCODER.encode(body)
    except ValueError:  # a number that is not finite: rare, so not looked for in each
        return _ENCODER.encode({name: _encoded(value) for name, value in body.items()})


def _encoded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _encoded(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [encode_number(one) for one in value]
    return encode_number(value)


LATEST_SEQ = 2**53
"""No log has as many events; what claims to be one is damaged."""


def decode_record(line: str | bytes) -> Record | None:
    """Read a line of the log; None where it is torn, damaged, or of a type this version does not know."""
    try:
        body = parse_json(line)
        event_type = _TYPES[body["type"]]
        fields = {name: _decoded(name, kind, body[name]) for name, kind in _FIELDS[event_type].items() if name in body}
        seq = int(body["seq"])
        if not 0 <= seq <= LATEST_SEQ:
            raise ValueError("no number of an event")
        return Record(seq=seq, time=decode_time(body["t"]), event=event_type(**fields))
    except DAMAGE:
        return None


def is_passing(line: bytes) -> bool:
    """Whether a line is progress that no table needs: most of a log. Where there is a gap, it counts after every step."""
    return _PROGRESS_MARK in line and _GAP_MARK not in line


def is_damaged(line: str | bytes) -> bool:
    """Whether a line that cannot be decoded should have been: it is not of a type that a later version has added."""
    try:
        body = parse_json(line)
        return not isinstance(body["type"], str) or body["type"] in _TYPES
    except DAMAGE:
        return True


def _decoded(name: str, kind: type, value: Any) -> Any:
    if value is None and name in _OPTIONAL:
        return None
    if name in _READERS:
        return _READERS[name](value)
    if not isinstance(value, kind):
        raise TypeError(f"{name} is no {kind.__name__}")
    return value


def _point(numbers: Any) -> tuple[float, ...]:
    return tuple(map(decode_float, numbers))


_OPTIONAL = {"final", "best", "gap", "grad_norm", "point", "value"}
_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("result", "final", "best"), EpochResult.from_json),
    **dict.fromkeys(("loss", "lr", "train_time_s", "effective_epochs", "gap", "grad_norm"), decode_float),
    "value": decode_finite,
    "point": _point,
    "evidence": Evidence.from_json,
    "xray": XRay.from_json,
}
"""Of fields that are more than a whole number, a text or a table of texts."""


def _kind(annotation: Any) -> type:
    """The type of a field's values in JSON."""
    if annotation == str | None:
        return str
    plain = get_origin(annotation) or annotation
    return plain if plain in (int, str, dict) else str if plain is Literal else object


_FIELDS = {event_type: {f.name: _kind(f.type) for f in dataclasses.fields(event_type)} for event_type in _NAMES}
