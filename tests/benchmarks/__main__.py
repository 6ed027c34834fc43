"""`python -m tests.benchmarks` measures and prints one table; with names, those parts alone (`--help` lists them)."""

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks import (
    app,
    catalogue,
    drawing,
    latency,
    link,
    live,
    log,
    overhead,
    pictures,
    stack,
    start,
    step,
    throughput,
    training,
    xray,
)
from tests.benchmarks.command import Detail, Part, measure

PARTS: Mapping[str, Part] = {
    "training": training.rows,
    "step": step.rows,
    "stack": stack.rows,
    "throughput": throughput.rows,
    "app": app.rows,
    "start": start.rows,
    "latency": latency.rows,
    "log": log.rows,
}
"""Rows of the table."""
DETAILS: Mapping[str, Detail] = {
    "overhead": overhead.main,
    "profile": step.main,
    "link": link.main,
    "live": live.main,
    "catalogue": catalogue.main,
    "drawing": drawing.main,
    "pictures": pictures.main,
    "circles": stack.main,
    "xray": xray.main,
}
"""Many lines about one thing."""

if __name__ == "__main__":
    measure(sys.argv[1:], parts=PARTS, details=DETAILS, readme=Path(__file__).resolve().parents[2] / "README.md")
