"""The one command: which parts are measured, and where their table goes."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.measure import machine
from tests.benchmarks.table import HEAD, Row, table, write_block

Part = Callable[[], Sequence[Row]]
Detail = Callable[[], None]


def measure(
    words: Sequence[str],
    *,
    parts: Mapping[str, Part],
    details: Mapping[str, Detail],
    readme: Path,
    load: Callable[[], float] = lambda: os.getloadavg()[0],
) -> None:
    """Measure and print; leaves with a sentence where the words cannot be followed.

    `parts` are those of the table, `details` print more about one thing each.
    """
    arguments = _arguments(words, parts, details)
    if unknown := [name for name in arguments.names if name not in {**parts, **details}]:
        sys.exit(f"unknown benchmark {unknown[0]!r}; in the table: {', '.join(parts)}; in detail: {', '.join(details)}")
    if arguments.readme and arguments.names:
        sys.exit("--readme takes the whole table: leave the names out")
    busy, num_cpus = load(), os.cpu_count() or 1
    if arguments.readme and busy > num_cpus / 2:
        sys.exit(
            f"load {busy:.1f} of {num_cpus} CPUs: the README keeps what an idle machine does; try again once it is"
        )
    on = f"{time.strftime('%F', time.gmtime())}, {machine()} before it began"
    print(on, flush=True)
    for name in arguments.names:
        if name in details:
            details[name]()
    rows: list[Row] = []
    wanted = [name for name in arguments.names if name in parts] if arguments.names else list(parts)
    if wanted:
        print(*HEAD, sep="\n", flush=True)
    for name in wanted:
        measured = parts[name]()
        print(*(row.markdown() for row in measured), sep="\n", flush=True)
        rows += measured
    if arguments.readme:
        write_block(readme, [f"Last results ({on}):", "", *table(rows)])
        print(f"written to {readme}")


def _arguments(words: Sequence[str], parts: Mapping[str, Part], details: Mapping[str, Detail]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measure: the whole table, or the parts that are named."
    )
    parser.add_argument("names", nargs="*", help=f"of the table: {', '.join(parts)}; in detail: {', '.join(details)}")
    parser.add_argument("--readme", action="store_true", help="put the table into the README, in place of the last one")
    return parser.parse_args(words)
