"""Events and results: what is written to the log is what is read, non-finite numbers included."""

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_optim.spec.event_lines import decode_record, encode_record, is_damaged
from tui_optim.spec.events import (
    STATES,
    CommandSeen,
    Ended,
    EpochEnded,
    Event,
    Notice,
    Progress,
    Record,
    Rewound,
    Started,
)
from tui_optim.spec.json_text import LATEST_TIME
from tui_optim.spec.results import Cost, EpochResult

_COUNT = st.integers(0, 2**53)
_NUMBER = st.floats()
_MAYBE = st.none() | _NUMBER
_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
_COST = st.builds(
    Cost,
    examples_forward_backward=_COUNT,
    examples_forward=_COUNT,
    per_example_gradients=_COUNT,
    hessian_products=_COUNT,
    gauss_newton_products=_COUNT,
    line_search_evaluations=_COUNT,
    optimizer_steps=_COUNT,
)
_RESULT = st.builds(
    EpochResult,
    epoch=_COUNT,
    step=_COUNT,
    elapsed_s=_NUMBER,
    train_time_s=_NUMBER,
    lr=_NUMBER,
    train_loss=_MAYBE,
    train_accuracy=_MAYBE,
    val_loss=_MAYBE,
    val_accuracy=_MAYBE,
    test_loss=_MAYBE,
    test_accuracy=_MAYBE,
    handout_loss=_MAYBE,
    gap=_MAYBE,
    penalty=_MAYBE,
    sparsity=_MAYBE,
    effective_epochs=_NUMBER,
    peak_memory_mib=_MAYBE,
    cost=_COST,
)
_EVENT: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        Started,
        attempt=_COUNT,
        device=_TEXT,
        device_name=_TEXT,
        threads=_COUNT,
        num_train=_COUNT,
        num_val=_COUNT,
        num_test=_COUNT,
        steps_per_epoch=_COUNT,
        split_hash=_TEXT,
        versions=st.dictionaries(_TEXT, _TEXT, max_size=3),
        from_step=_COUNT,
    ),
    st.builds(
        Progress,
        step=_COUNT,
        epoch=_COUNT,
        loss=_NUMBER,
        lr=_NUMBER,
        train_time_s=_NUMBER,
        effective_epochs=_NUMBER,
        gap=_MAYBE,
        point=st.none() | st.lists(_NUMBER, max_size=2).map(tuple),
    ),
    st.builds(EpochEnded, result=_RESULT),
    st.builds(
        CommandSeen, command=_TEXT, step=_COUNT, value=st.none() | st.floats(allow_nan=False, allow_infinity=False)
    ),
    st.builds(Rewound, to_seq=_COUNT),
    st.builds(Notice, text=_TEXT),
    st.builds(Ended, state=st.sampled_from(STATES), reason=_TEXT, final=st.none() | _RESULT, best=st.none() | _RESULT),
)


@given(seq=_COUNT, time=st.integers(0, 2**41).map(lambda ms: ms / 1000), event=_EVENT)
def test_every_event_survives_the_log(seq: int, time: float, event: Event) -> None:
    """Any event, with any text and any number, is one line of strict JSON and comes back equal."""
    line = encode_record(Record(seq=seq, time=time, event=event))

    json.loads(line, parse_constant=_refuse)
    assert "\n" not in line
    line.encode()
    decoded = decode_record(line)
    assert decoded is not None
    assert decoded.seq == seq
    assert decoded.time == pytest.approx(time)
    assert repr(decoded.event) == repr(event)  # repr, because NaN is not equal to itself


@pytest.mark.parametrize(("value", "name"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")])
def test_a_diverged_loss_is_written_as_a_word(value: float, name: str) -> None:
    """JSON has no non-finite numbers; the log spells them out and reads them back as numbers."""
    event = Progress(step=1, epoch=1, loss=value, lr=0.1, train_time_s=0.1, effective_epochs=0.1)

    line = encode_record(Record(seq=1, time=0.0, event=event))

    assert json.loads(line)["loss"] == name
    decoded = decode_record(line)
    assert decoded is not None
    assert isinstance(decoded.event, Progress)
    assert repr(decoded.event.loss) == repr(value)


@given(event=_EVENT, data=st.data())
def test_a_torn_line_is_no_record(event: Event, data: st.DataObject) -> None:
    """Cut anywhere, a line is not mistaken for another event."""
    line = encode_record(Record(seq=1, time=0.0, event=event)).encode()
    cut = data.draw(st.integers(0, len(line) - 1))

    assert decode_record(line[:cut]) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    body=st.fixed_dictionaries(
        {"type": st.sampled_from(["started", "progress", "epoch", "ended", "rewind", "future"]) | _JSON},
        optional=dict.fromkeys(("seq", "t", "result", "final", "loss", "step", "epoch", "to_seq", "state"), _JSON),
    )
)
def test_any_json_is_a_record_or_nothing(body: dict[str, Any]) -> None:
    """A line that another program wrote never raises in the reader."""
    record = decode_record(json.dumps(body))

    assert record is None or isinstance(record.seq, int)


@given(st.binary(max_size=64))
def test_any_bytes_are_a_record_or_nothing(line: bytes) -> None:
    """Nor do bytes that are no text at all."""
    assert decode_record(line) is None


@given(event=_EVENT, value=_JSON, data=st.data())
def test_a_value_of_another_kind_is_no_event(event: Event, value: Any, data: st.DataObject) -> None:
    """Whatever stands in the place of a value: what is read has the types that screen and tables count on."""
    body = json.loads(encode_record(Record(seq=1, time=0.0, event=event)))
    name = data.draw(st.sampled_from(sorted(body)))
    record = decode_record(json.dumps({**body, name: value}))

    if record is not None:
        read = record.event
        kinds = {field.name: field.type for field in dataclasses.fields(read) if field.type in (int, float, str)}
        assert all(isinstance(getattr(read, name), kind) for name, kind in kinds.items())
        assert 0 <= record.time < LATEST_TIME
        if isinstance(read, CommandSeen):
            assert read.value is None or math.isfinite(read.value)


@pytest.mark.parametrize("name", ["epoch", "step", "lr", "train_time_s", "effective_epochs"])
def test_a_result_without_its_place_is_damaged(name: str) -> None:
    """Losses may be missing; how far the run was, may not."""
    result = EpochResult(epoch=1, step=10, elapsed_s=2.0, train_time_s=1.0, lr=0.1, effective_epochs=1.0)
    body = json.loads(encode_record(Record(seq=1, time=0.0, event=EpochEnded(result=result))))
    body["result"][name] = None

    assert decode_record(json.dumps(body)) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"v":2,"seq":1,"t":0,"type":"photo","size":3}', False),
        (b'{"v":1,"seq":1,"t":0,"type":"notice","text":7}', True),
        (b'{"v":1,"seq":9.3e18,"t":0,"type":"notice","text":"an event of a number that no log has"}', True),
        (b'{"v":1,"seq":-1,"t":0,"type":"notice","text":"the same"}', True),
        (b'{"v":1,"seq":1,"t":', True),
        (b"\x00" * 40, True),
        (b'{"type":["notice"]}', True),
        (b"[]", True),
    ],
)
def test_a_line_of_a_later_version_is_not_damaged(line: bytes, expected: bool) -> None:
    """Neither can be read; only what this version should know is told about."""
    assert decode_record(line) is None
    assert is_damaged(line) is expected


@pytest.mark.parametrize("value", ['"x"', '"NaN"', '"Infinity"', "[2]", "true", "{}"])
def test_a_command_that_asks_for_no_number_is_damaged(value: str) -> None:
    """Tables, sentences and the length of a run reckon with it: a factor on the rate, epochs more."""
    line = f'{{"v":1,"seq":1,"t":0,"type":"command","command":"rate","step":3,"value":{value}}}'
    assert decode_record(line) is None
    assert is_damaged(line)


def test_an_epoch_without_a_result_is_damaged() -> None:
    """The one field that an epoch's event must have cannot be null."""
    assert decode_record('{"v":1,"seq":1,"t":0,"type":"epoch","result":null}') is None


def test_keys_of_a_later_version_are_ignored() -> None:
    """An event that has grown a field is still read."""
    record = decode_record('{"v":2,"seq":7,"t":1.5,"type":"notice","text":"hello","colour":"red"}')

    assert record == Record(seq=7, time=1.5, event=Notice(text="hello"))


def test_gradient_evaluations_weigh_the_counters() -> None:
    """Forward+backward 1, forward ⅓, per-example gradient 1, Gauss–Newton product 2, Hessian product 3."""
    cost = Cost(
        examples_forward_backward=100,
        examples_forward=30,
        per_example_gradients=7,
        gauss_newton_products=5,
        hessian_products=2,
        line_search_evaluations=99,
        optimizer_steps=99,
    )

    assert cost.gradient_evaluations == pytest.approx(100 + 10 + 7 + 10 + 6)


def _refuse(name: str) -> float:
    raise AssertionError(f"{name} is not strict JSON")


@given(_RESULT)
def test_the_quick_text_of_a_result_is_its_object(result: EpochResult) -> None:
    """What is written by hand reads as what the encoder makes; of a number that is not finite there is none."""
    text = result.log_text()
    body = result.to_log()
    if all(math.isfinite(value) for value in body.values()) and math.isfinite(sum(body.values())):
        assert json.loads(text) == body
    elif not all(math.isfinite(value) for value in body.values()):
        assert text == ""
