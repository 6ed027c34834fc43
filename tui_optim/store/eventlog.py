"""The event log of a run: append-only JSON lines with exactly one writer and any number of readers."""

import math
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tui_optim.spec.errors import DiskFullError, StoreError
from tui_optim.spec.event_lines import decode_record, encode_event, is_damaged, is_passing
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Evaluated, Event, Progress, Record, Rewound, XRayed
from tui_optim.spec.json_text import DAMAGE, parse_json
from tui_optim.spec.regular_file import open_regular, read_regular
from tui_optim.spec.results import decode_number
from tui_optim.store.files import not_written

FLUSH_EVERY_S = 0.2
READ_LIMIT_BYTES = 4 * 1024 * 1024
"""Most bytes that one poll reads; the next poll goes on from there."""
_SUPERSEDED = (Progress, EpochEnded, Evaluated, XRayed)
"""What a rewind takes back: results."""


class EventWriter:
    """The one writer of a log. Whoever opens it holds the run's worker lock.

    Progress is buffered for at most `FLUSH_EVERY_S`, and so are results of epochs where they follow each other as fast as that;
    every other event is written at once. What changes how the log is to be read, and the end, is synced to disk; all else is
    synced before the checkpoint that relies on it.
    """

    def __init__(self, path: Path) -> None:
        """Open the log, cut a torn tail and go on counting after its last event."""
        self.path = path
        self._buffer: list[str] = []
        self._flushed_at, self._epoch_at = time.monotonic(), float("-inf")
        self._is_synced = True
        """Whether all that was written is on disk."""
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self._size, self.seq = _cut_torn_tail(self._descriptor)
        except OSError as error:
            raise not_written(path, error, doing="open") from error

    def append(self, event: Event) -> int:
        """Add an event; returns its sequence number. Raises StoreError when the disk refuses it."""
        self.seq += 1
        self._buffer.append(encode_event(event, seq=self.seq, time=time.time()))
        if not self._may_wait(event, time.monotonic()):
            self.flush(is_durable=isinstance(event, (CommandSeen, Rewound, Ended)))
        return self.seq

    def _may_wait(self, event: Event, now: float) -> bool:
        is_soon = now - self._flushed_at < FLUSH_EVERY_S
        if type(event) is EpochEnded:
            is_one_of_many, self._epoch_at = now - self._epoch_at < FLUSH_EVERY_S, now
            return is_one_of_many and is_soon
        return is_soon and type(event) is Progress

    def flush(self, *, is_durable: bool = False) -> None:
        """Write what is buffered as whole lines; a failed write leaves the log as it was, and can be tried again.

        With `is_durable` all of the log is synced to disk, also what was written before without it. Raises StoreError.
        """
        try:
            if self._buffer:
                self._write_buffer()
            if is_durable and not self._is_synced:
                os.fsync(self._descriptor)
                self._is_synced = True
        except OSError as error:
            raise not_written(self.path, error) from error
        self._flushed_at = time.monotonic()

    def _write_buffer(self) -> None:
        """Raises OSError and DiskFullError."""
        # a path may hold bytes that are not UTF-8; as a backslash escape they are still valid JSON
        content = ("\n".join(self._buffer) + "\n").encode(errors="backslashreplace")
        written = os.write(self._descriptor, content)
        if written != len(content):
            os.ftruncate(self._descriptor, self._size)
            raise DiskFullError(f"cannot write {self.path}: the disk is full")
        self._size += written
        self._buffer.clear()
        self._is_synced = False

    def forget(self) -> None:
        """Give up what could not be written: the log then ends with what it has."""
        self.seq -= len(self._buffer)
        self._buffer.clear()

    def close(self) -> None:
        """Flush and close; what is flushed only now is synced, a sentence that stood there before need not be waited for."""
        try:
            self.flush(is_durable=bool(self._buffer))
        finally:
            os.close(self._descriptor)


class EventReader:
    """Follows a log that may still grow. Each poll re-opens the file (on NFS an open descriptor lags)."""

    def __init__(self, path: Path, *, is_brief: bool = False) -> None:
        """Nothing is opened yet; the log may not exist. `is_brief` passes over most of it (`is_passing`)."""
        self.path = path
        self.is_brief = is_brief
        self.offset = 0
        """Bytes read so far, up to the end of a line."""
        self.problem = ""
        """Why the log, or a part of it, cannot be read; '' where all is well or nothing is there."""

    def poll(self) -> list[Record]:
        """Return the records since the last poll; a torn last line waits until it is whole, damaged lines are skipped."""
        try:
            with open_regular(self.path) as stream:
                stream.seek(self.offset)
                chunk = stream.read(READ_LIMIT_BYTES)
        except FileNotFoundError:
            return []
        except OSError as error:
            self.problem = _one_line(f"{self.path}: cannot be read ({error.strerror or error})")
            return []
        end = chunk.rfind(b"\n") + 1
        if end == 0 and len(chunk) == READ_LIMIT_BYTES:
            end = len(chunk)  # one line larger than the limit: not ours, skip it
        self.offset += end
        lines = [line for line in chunk[:end].split(b"\n") if line and not (self.is_brief and is_passing(line))]
        decoded = [decode_record(line) for line in lines]
        if any(record is None and is_damaged(line) for line, record in zip(lines, decoded, strict=True)):
            self.problem = _one_line(f"{self.path}: some of its lines are damaged")
        return [record for record in decoded if record is not None]


def read_events(path: Path) -> list[Record]:
    """All records that count: what a rewind supersedes is dropped."""
    return read_log(path)[0]


def read_log(path: Path, *, is_brief: bool = False) -> tuple[list[Record], str]:
    """All records that count, and what is wrong with the log: '' where nothing is.

    What a rewind supersedes is dropped. `is_brief` leaves out what is passing (`is_passing`).
    """
    reader, records = EventReader(path, is_brief=is_brief), []
    read_to = -1
    while reader.offset > read_to:  # a stretch of damaged lines gives an empty batch before the end
        read_to = reader.offset
        records += reader.poll()
    return list(effective(records)), reader.problem


def read_curve(path: Path, metric: str) -> list[float]:
    """A figure of an `EpochResult` after each epoch from 1 on, NaN where it was not measured.

    It is what `read_events` has of it, many times as fast.
    """
    try:
        content = read_regular(path)
    except OSError:
        return []
    if b'"type":"rewind"' in content:
        return _slow_curve(path, metric)
    found = re.compile(
        rb'"type":"epoch","result":\{"epoch":(\d+),(?:[^\n]*?"%s":([^,}]+))?[^\n]*\}\n' % metric.encode()
    )
    values = [value or b"null" for epoch, value in found.findall(content) if epoch != b"0"]
    try:
        return [_measured(decode_number(value)) for value in parse_json(b"[%s]" % b",".join(values))]
    except DAMAGE:  # of the damaged lines none counts
        return _slow_curve(path, metric)


def _slow_curve(path: Path, metric: str) -> list[float]:
    results = (record.event.result for record in read_events(path) if isinstance(record.event, EpochEnded))
    return [_measured(getattr(result, metric)) for result in results if result.epoch > 0]


def _measured(value: float | None) -> float:
    return math.nan if value is None else float(value)


def effective(records: Iterable[Record]) -> Iterator[Record]:
    """Drop what later rewinds supersede, keeping sentences and commands out of it: only results are superseded."""
    kept: list[Record] = []
    for record in records:
        if isinstance(record.event, Rewound):
            limit = record.event.to_seq
            kept = [r for r in kept if r.seq <= limit or not isinstance(r.event, _SUPERSEDED)]
        kept.append(record)
    return iter(kept)


def _cut_torn_tail(descriptor: int) -> tuple[int, int]:
    """Truncate after the last line end; return the size and the last sequence number."""
    size = os.fstat(descriptor).st_size
    tail_start, tail, last_seq = size, b"", 0
    while tail_start > 0 and last_seq == 0:
        step = min(max(65536, len(tail)), tail_start)
        tail_start -= step
        tail = os.pread(descriptor, step, tail_start) + tail
        whole = tail[: tail.rfind(b"\n") + 1]
        last_seq = max((record.seq for line in whole.split(b"\n") if (record := decode_record(line))), default=0)
    end = tail_start + tail.rfind(b"\n") + 1
    if end < size:
        os.ftruncate(descriptor, end)
    return end, last_seq


def _one_line(problem: str) -> str:
    """With what cannot be printed as escapes: a run's folder may have any name."""
    return str(StoreError(problem))
