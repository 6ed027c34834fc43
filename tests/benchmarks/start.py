"""How long a person waits: for `--help`, and for the app's first frame in a real pseudo-terminal."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import describe, machine
from tests.benchmarks.terminal import AppInTerminal
from tests.runs.lab import Lab

REPEATS = 9


def main() -> None:
    """Print the medians. Compiled modules are kept, as on any machine after the first start."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print(f"start; {machine()}")
    print(f"--help answers after   {describe([_help_s() for _ in range(REPEATS)])}")
    print(f"first frame after      {describe([_first_frame_s() for _ in range(REPEATS)])}")


def _help_s() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "tui_optim", "--help"], capture_output=True, check=True)
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
