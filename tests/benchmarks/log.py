"""Reading the log of a very long run: a million events, against what JSON alone takes for the same lines."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.table import Row, median_of, ratios
from tests.factories import make_events, make_progress, make_result, make_spec
from tui_optim.spec.event_lines import encode_record
from tui_optim.spec.events import Ended, EpochEnded, Event, Record
from tui_optim.store.eventlog import read_log

NUM_EVENTS = 1_000_000
BINS_PER_EPOCH = 50
ROUNDS = 3


def rows() -> list[Row]:
    """All of it, as charts and exports need it; and what a list of runs needs, which passes over most."""
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder) / "events.jsonl", num_events=NUM_EVENTS, rounds=ROUNDS)


def measure(path: Path, *, num_events: int, rounds: int) -> list[Row]:
    """Write a log there, and let the ways of reading it take turns."""
    write_log(path, num_events)
    whole_s: list[float] = []
    brief_s: list[float] = []
    bare_s: list[float] = []
    for _ in range(rounds):
        bare_s.append(_seconds(lambda: sum(1 for _ in map(json.loads, path.read_bytes().splitlines()))))
        whole_s.append(_seconds(lambda: len(read_log(path)[0]) == num_events))
        brief_s.append(_seconds(lambda: len(read_log(path, is_brief=True)[0]) > 0))
    size = f"{path.stat().st_size / 1e6:.0f} MB"
    return [
        Row(
            what=f"a log of {num_events:,} events, read whole ÷ `json.loads` of its lines",
            values=ratios(whole_s, bare_s),
            unit="×",
            besides=f"{median_of(whole_s)} ÷ {median_of(bare_s)}, {size}",
        ),
        Row(
            what="the same, of what a list of runs needs",
            values=ratios(brief_s, bare_s),
            unit="×",
            besides=f"{median_of(brief_s)} ÷ {median_of(bare_s)}",
        ),
    ]


def write_log(path: Path, num_events: int) -> None:
    """A run's log as its writer leaves it: its beginning, bins of steps, the end of an epoch after each 50, its end."""
    with path.open("w", encoding="utf-8") as log:
        for seq, event in enumerate(_events(num_events), 1):
            log.write(f"{encode_record(Record(seq=seq, time=1.8e9 + 0.2 * seq, event=event))}\n")


def _events(num_events: int) -> Iterator[Event]:
    spec = make_spec()
    yield make_events(spec, None, results=[])[0]
    result = EpochEnded(result=make_result(spec, 1))
    for number in range(2, num_events):
        yield result if number % BINS_PER_EPOCH == 0 else make_progress(number)
    yield Ended(state="finished", final=None)


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    assert act()
    return time.perf_counter() - began
