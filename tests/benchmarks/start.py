"""How long a person waits: for `--help`, and for the app's first frame in a real pseudo-terminal."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.table import Row, median_of, ratios
from tests.benchmarks.terminal import AppInTerminal
from tests.runs.lab import Lab

REPEATS = 9


def rows() -> list[Row]:
    """Against Python itself, which does nothing. Compiled modules are kept, as on any machine after the first start."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    rounds = [(_seconds("-c", "pass"), _seconds("-m", "tui_optim", "--help"), _first_frame_s()) for _ in range(REPEATS)]
    bare_s, help_s, frame_s = zip(*rounds, strict=True)
    return [
        Row(
            what="`tui-optim --help` ÷ `python -c pass`",
            values=ratios(help_s, bare_s),
            unit="×",
            besides=f"{median_of(help_s)} ÷ {median_of(bare_s)}",
        ),
        Row(what="first frame of the app, from the start of its process", values=frame_s, unit="s"),
    ]


def _seconds(*words: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], capture_output=True, check=True)
    return time.perf_counter() - began


def _first_frame_s() -> float:
    """From exec to a screen that shows the scenario panel."""
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder))
        app = AppInTerminal(lab.home.root)
        app.wait_for(b"LeNet-5 on Fashion")
        took = time.perf_counter() - app.began
        app.hang_up()
        lab.close()
        return took
