"""How long a person waits: for `--help`, for lists of many runs, and for the app's first frame in a real pseudo-terminal."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.stored import fill_home
from tests.benchmarks.table import Row, median_of, ratios
from tests.benchmarks.terminal import AppInTerminal
from tests.runs.lab import Lab
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home

REPEATS = 11
NUM_RUNS = 1_000


def rows() -> list[Row]:
    """Against Python itself, which does nothing. Compiled modules are kept, as on any machine after the first start."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        labs = Lab(Path(empty)), Lab(Path(full))
        few, many = (lab.home for lab in labs)
        fill_home(many, num_runs=NUM_RUNS)
        # the app starts no supervisor, whose worker would load torch beside the clock
        with held_lock(few.supervisor_lock), held_lock(many.supervisor_lock):
            _round(few, many)  # what is read once and kept
            bare_s, help_s, list_s, frame_s, runs_s = zip(*(_round(few, many) for _ in range(REPEATS)), strict=True)
        for lab in labs:
            lab.close()
    return [
        Row(
            what="`tui-optim --help` ÷ `python -c pass`",
            values=ratios(help_s, bare_s),
            unit="×",
            besides=f"{median_of(help_s)} ÷ {median_of(bare_s)}",
        ),
        Row(what=f"`list runs` of {NUM_RUNS:,} runs, from the start of its process", values=list_s, unit="s"),
        Row(what="first frame of the app, from the start of its process", values=frame_s, unit="s"),
        Row(what=f"the app's list of {NUM_RUNS:,} runs, from the start of its process", values=runs_s, unit="s"),
    ]


def _round(few: Home, many: Home) -> tuple[float, float, float, float, float]:
    """Python, `--help`, `list runs`, the first frame where there is no run, and the newest runs where there are many."""
    return (
        _seconds(many, "-c", "pass"),
        _seconds(many, "-m", "tui_optim", "--help"),
        _seconds(many, "-m", "tui_optim", "list", "runs"),
        _until_shown_s(few, b"LeNet-5 on Fashion"),
        _until_shown_s(many, str(NUM_RUNS - 2).encode()),  # the number of a row that is in sight
    )


def _seconds(home: Home, *words: str) -> float:
    environment = {**os.environ, "TUI_OPTIM_HOME": str(home.root)}
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], capture_output=True, check=True, env=environment)
    return time.perf_counter() - began


def _until_shown_s(home: Home, mark: bytes) -> float:
    """From exec to a screen that shows something."""
    app = AppInTerminal(home.root)
    app.wait_for(mark)
    took = time.perf_counter() - app.began
    app.hang_up()
    return took
