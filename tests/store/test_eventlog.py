"""The event log: torn tails, full disks, several attempts."""

import errno
import math
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_events, make_progress, make_records, make_result, make_spec, make_started
from tui_optim.spec.errors import StoreError
from tui_optim.spec.event_lines import decode_record, encode_record
from tui_optim.spec.events import (
    CommandSeen,
    Ended,
    EpochEnded,
    Evaluated,
    Event,
    Notice,
    Progress,
    Record,
    Rewound,
    Started,
)
from tui_optim.store import eventlog
from tui_optim.store.eventlog import EventReader, EventWriter, read_curve, read_events, read_log

SPEC = make_spec()
numbers = st.floats()
steps = st.integers(0, 10**9)
texts = st.text(st.characters(exclude_categories=()), max_size=20)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        Progress, step=steps, epoch=steps, loss=numbers, lr=numbers, train_time_s=numbers, effective_epochs=numbers
    ),
    st.builds(Notice, text=texts),
    st.builds(CommandSeen, command=st.sampled_from(["pause", "stop"]), step=steps),
    st.builds(Ended, state=st.sampled_from(["finished", "diverged"]), reason=texts),
    st.builds(CommandSeen, command=st.just("rate"), step=steps, value=st.floats(0.001, 1000)),
    st.builds(EpochEnded, result=st.just(make_result(SPEC, 1, test_loss=math.inf))),
    st.builds(Evaluated, result=st.just(make_result(SPEC, 1, test_loss=math.inf))),
)


def seqs(records: list[Record]) -> list[int]:
    """The sequence numbers of records."""
    return [record.seq for record in records]


@given(event=events, seq=st.integers(1, 10**12))
def test_an_event_survives_its_line(event: Event, seq: int) -> None:
    """Every event, non-finite numbers and broken text included, reads back equal from one line."""
    line = encode_record(Record(seq=seq, time=1.5, event=event)).encode(errors="backslashreplace")
    record = decode_record(line)
    assert b"\n" not in line
    assert record is not None
    assert record.seq == seq
    assert repr(record.event) == repr(event)


@given(line=st.one_of(st.binary(max_size=60), st.text(max_size=60)))
def test_a_line_of_rubbish_is_skipped(line: bytes | str) -> None:
    """Reading never raises."""
    assert decode_record(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"type":"notice","seq":1e999,"t":0,"text":""}',
        '{"type":"notice","seq":1,"t":0}',
        '{"type":"progress","seq":1,"t":0,"step":1,"epoch":1,"loss":"high","lr":0,"train_time_s":0,"effective_epochs":0}',
        '{"type":"epoch","seq":1,"t":0,"result":{"epoch":1,"step":1,"elapsed_s":"x","train_time_s":0,"lr":0}}',
        '{"type":"epoch","seq":1,"t":0,"result":7}',
        '{"type":"later","seq":1,"t":0}',
        '{"type":[],"seq":1,"t":0}',
        "null",
    ],
)
def test_a_damaged_line_is_skipped(line: str) -> None:
    """Valid JSON that is no event is no reason to fail."""
    assert decode_record(line) is None


@settings(max_examples=10, deadline=None)
@given(log=st.lists(events, min_size=1, max_size=5))
def test_a_log_cut_at_any_byte_keeps_its_whole_lines(log: list[Event]) -> None:
    """Wherever a crash cuts, readers see all whole records before it, and a new writer cuts the tail and counts on."""
    lines = [encode_record(record).encode(errors="backslashreplace") + b"\n" for record in make_records(log)]
    content = b"".join(lines)
    ends = [sum(map(len, lines[:count])) for count in range(len(lines) + 1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        for size in range(len(content) + 1):
            path.write_bytes(content[:size])
            num_whole = sum(end <= size for end in ends) - 1
            assert seqs(EventReader(path).poll()) == list(range(1, num_whole + 1))
            writer = EventWriter(path)
            assert writer.append(Notice(text="again")) == num_whole + 1
            writer.close()
            assert path.read_bytes()[: ends[num_whole]] == content[: ends[num_whole]]
            assert seqs(EventReader(path).poll()) == list(range(1, num_whole + 2))


def test_a_reader_waits_for_the_rest_of_a_line(tmp_path: Path) -> None:
    """A torn last line is neither lost nor given out in half."""
    path = tmp_path / "events.jsonl"
    first, second = (encode_record(record).encode() + b"\n" for record in make_records([make_progress(1)] * 2))
    reader = EventReader(path)
    assert reader.poll() == []
    path.write_bytes(first + second[:10])
    assert seqs(reader.poll()) == [1]
    path.write_bytes(first + second)
    assert seqs(reader.poll()) == [2]
    assert reader.poll() == []


def test_a_long_log_is_read_in_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One poll reads a bounded number of bytes; a stretch of damage longer than that does not end the reading."""
    monkeypatch.setattr(eventlog, "READ_LIMIT_BYTES", 200)
    path = tmp_path / "events.jsonl"
    lines = [encode_record(record).encode() + b"\n" for record in make_records([make_progress(i) for i in range(9)])]
    path.write_bytes(b"".join(lines[:4]) + b"\0" * 999 + b"\n" + b"x\n" * 300 + b"".join(lines[4:]))
    assert seqs(read_events(path)) == list(range(1, 10))
    assert len(EventReader(path).poll()) < 9


def test_progress_is_buffered_and_everything_else_is_written_at_once(tmp_path: Path) -> None:
    """Steps do not wait for the disk, but an epoch's end is there when it is reported, unless epochs come many a second."""
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.append(make_progress(1))
    assert path.read_bytes() == b""
    writer.append(EpochEnded(result=make_result(SPEC, 1)))
    assert seqs(EventReader(path).poll()) == [1, 2]
    writer.append(make_progress(2))
    writer.append(EpochEnded(result=make_result(SPEC, 2)))  # within a fifth of a second after the other
    assert seqs(EventReader(path).poll()) == [1, 2]
    writer.append(Notice(text="three"))
    assert seqs(EventReader(path).poll()) == [1, 2, 3, 4, 5]
    writer.append(make_progress(3))
    writer.close()
    assert seqs(EventReader(path).poll()) == [1, 2, 3, 4, 5, 6]


def test_a_second_writer_counts_on_from_the_last_record_that_it_can_read(tmp_path: Path) -> None:
    """Lines of a later version at the end do not reset the count."""
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    for _ in range(3):
        writer.append(Notice(text="hello"))
    writer.close()
    with path.open("ab") as stream:
        stream.write(b'{"v":9,"seq":4,"type":"later"}\n' * 9000)
    again = EventWriter(path)
    assert again.seq == 3
    again.close()
    assert path.read_bytes().count(b"\n") == 9003


@pytest.mark.parametrize("written", [0, 1, 30])
def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int) -> None:
    """A write that takes only some bytes is undone and reported; when there is room again nothing is missing."""
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.append(Notice(text="before"))
    before = path.read_bytes()
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:written]))
        with pytest.raises(StoreError, match="disk is full"):
            writer.append(Notice(text="too much"))
    assert path.read_bytes() == before
    writer.append(Notice(text="after"))
    writer.close()
    texts_read = [record.event.text for record in read_events(path) if isinstance(record.event, Notice)]
    assert texts_read == ["before", "too much", "after"]


def test_a_refused_write_leaves_the_log_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC from the system is one calm error that names the file."""
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.append(Notice(text="before"))

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "write", refuse)
        with pytest.raises(StoreError, match=r"events\.jsonl: No space left"):
            writer.append(Notice(text="too much"))
    assert seqs(read_events(path)) == [1]
    writer.close()


def test_a_failed_sync_does_not_write_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What reached the file before the sync failed is not written again by the next append."""
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        with pytest.raises(StoreError):
            writer.append(CommandSeen(command="pause", step=1))
    writer.append(Notice(text="two"))
    writer.close()
    assert seqs(EventReader(path).poll()) == [1, 2]


def test_what_was_written_before_is_synced_with_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint relies on every event before it: also on those that were written without being synced, each synced once."""
    writer = EventWriter(tmp_path / "events.jsonl")
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)

    writer.append(Notice(text="one"))  # written at once, and left to the system
    assert len(synced) == 0
    writer.flush(is_durable=True)
    assert len(synced) == 1
    writer.flush(is_durable=True)
    assert len(synced) == 1
    writer.close()


def test_a_failed_sync_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for space and flushes once more has the log on disk then, not in memory alone."""
    writer = EventWriter(tmp_path / "events.jsonl")
    synced: list[int] = []

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        with pytest.raises(StoreError):
            writer.append(CommandSeen(command="pause", step=1))
    monkeypatch.setattr(os, "fsync", synced.append)
    writer.flush(is_durable=True)
    assert len(synced) == 1
    writer.close()


def test_a_path_that_is_not_utf8_can_be_logged(tmp_path: Path) -> None:
    """A sentence with a file name in undecodable bytes is kept, not a crash."""
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.append(Notice(text=os.fsdecode(b"/data/\xff")))
    writer.close()
    event = read_events(path)[0].event
    assert isinstance(event, Notice)
    assert os.fsencode(event.text) == b"/data/\xff"


def test_opening_a_log_in_no_folder_is_one_line(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(StoreError, match=r"cannot open .*events\.jsonl: No such file"):
        EventWriter(tmp_path / "missing" / "events.jsonl")


def test_a_rewind_drops_results_and_keeps_sentences(tmp_path: Path) -> None:
    """Readers see the second attempt's figures, and still learn what went wrong in the first."""
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    log: list[Event] = [
        *make_events(SPEC)[:4],
        Notice(text="the worker was lost"),
        Rewound(to_seq=2),
        make_started(SPEC, from_step=5, attempt=2),
        make_progress(10),
    ]
    for event in log:
        writer.append(event)
    writer.close()
    kinds = [type(record.event) for record in read_events(path)]
    assert kinds == [Started, Progress, Notice, Rewound, Started, Progress]


def test_damage_in_a_log_is_told(tmp_path: Path) -> None:
    """What can be read is; that something could not, is a sentence with the file's name."""
    path = tmp_path / "events.jsonl"
    lines = [encode_record(record) for record in make_records(make_events(SPEC))]
    path.write_text("\n".join([*lines[:3], "rubbish", *lines[3:], ""]))
    records, problem = read_log(path)
    assert len(records) == len(lines)
    assert problem == f"{path}: some of its lines are damaged"


@pytest.mark.parametrize("content", ["", '{"v":9,"seq":1,"t":0,"type":"photo"}\n', '{"v":1,"seq"'])
def test_an_empty_a_later_and_a_torn_log_are_not_damaged(tmp_path: Path, content: str) -> None:
    """Nor is one that is not there yet."""
    path = tmp_path / "events.jsonl"
    assert read_log(path) == ([], "")
    path.write_text(content)
    assert read_log(path) == ([], "")


def test_what_is_no_log_is_told(tmp_path: Path) -> None:
    """A FIFO in its place holds nobody up."""
    path = tmp_path / "events.jsonl"
    os.mkfifo(path)
    records, problem = read_log(path)
    assert (records, "it is a FIFO" in problem) == ([], True)


def test_a_curve_is_that_of_the_records(tmp_path: Path) -> None:
    """Read from the text, epoch by epoch: also where a figure is no number, or was not measured."""
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    losses = [0.9, 0.5, None, math.nan, 0.25]
    for epoch, loss in enumerate(losses):
        writer.append(EpochEnded(result=replace(make_result(SPEC, epoch), val_loss=loss)))
    writer.close()

    assert read_curve(path, "val_loss") == pytest.approx([0.5, math.nan, math.nan, 0.25], nan_ok=True)
    assert read_curve(path, "penalty") == pytest.approx([math.nan] * 4, nan_ok=True)


def test_a_brief_reading_leaves_out_progress_alone(tmp_path: Path) -> None:
    """Whatever a log holds, with rewinds and with sentences that speak of progress."""
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    log: list[Event] = [
        *make_events(SPEC)[:6],
        Notice(text='"type":"progress"'),
        Rewound(to_seq=2),
        *make_events(SPEC, Ended(state="finished")),
    ]
    for event in log:
        writer.append(event)
    writer.close()
    whole, brief = read_events(path), read_log(path, is_brief=True)[0]
    assert brief == [record for record in whole if not isinstance(record.event, Progress)]
    assert len(brief) < len(whole)
