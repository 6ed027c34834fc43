"""How long a person waits: for `--help`, and for the app's first frame in a real pseudo-terminal."""

import os
import pty
import select
import subprocess
import sys
import tempfile
import time

from tests.benchmarks.measure import describe, machine

REPEATS = 9


def main() -> None:
    """Print the medians."""
    print(f"start; {machine()}")
    print(f"--help answers after   {describe([_help_s() for _ in range(REPEATS)])}")
    print(f"first frame after      {describe([_first_frame_s() for _ in range(REPEATS)])}")


def _help_s() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "tui_optim", "--help"], capture_output=True, check=True)
    return time.perf_counter() - began


def _first_frame_s() -> float:
    """From exec to the first screen that shows the scenario panel, then ctrl+q and the process's end."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "TUI_OPTIM_HOME": home, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "36"}
        began = time.perf_counter()
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(sys.executable, [sys.executable, "-m", "tui_optim"], environment)  # noqa: S606
        seen = b""
        while b"lenet5-fashion" not in seen:
            assert time.perf_counter() - began < 30, "no first frame within 30 s"
            if select.select([terminal], [], [], 0.05)[0]:
                seen += os.read(terminal, 65536)
        took = time.perf_counter() - began
        os.close(terminal)  # hanging up ends the app
        os.waitpid(pid, 0)
        _end_supervisor(home)
        return took


def _end_supervisor(home: str) -> None:
    subprocess.run(["pkill", "-f", f"tui_optim.runs.*{home}"], check=False)
