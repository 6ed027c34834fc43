"""`python -m tests.benchmarks [training|overhead|start …]` prints the measurements; all of them without an argument."""

import sys
from collections.abc import Callable

from tests.benchmarks import (
    app,
    catalogue,
    drawing,
    latency,
    link,
    live,
    overhead,
    pictures,
    stack,
    start,
    throughput,
    training,
    xray,
)

BENCHMARKS: dict[str, Callable[[], None]] = {
    "training": training.main,
    "overhead": overhead.main,
    "start": start.main,
    "latency": latency.main,
    "app": app.main,
    "link": link.main,
    "live": live.main,
    "catalogue": catalogue.main,
    "drawing": drawing.main,
    "pictures": pictures.main,
    "throughput": throughput.main,
    "stack": stack.main,
    "xray": xray.main,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        if name not in BENCHMARKS:
            sys.exit(f"unknown benchmark {name!r}; there are: {', '.join(BENCHMARKS)}")
        BENCHMARKS[name]()
