"""An executor's process as the supervisor sees it."""

import subprocess
import sys

from tui_optim.runs.executors.process import ExecutorProcess


def test_a_worker_that_a_users_file_has_ended_names_the_file() -> None:
    """`os._exit` in a scenario leaves no traceback: the file that ran is what can be told."""
    for plugins, told in (((), "the worker left with 7"), (("own.py",), "the worker left with 7 while it ran own.py")):
        words = [sys.executable, "-c", "import os; os._exit(7)"]
        worker = ExecutorProcess(subprocess.Popen(words, stdout=subprocess.PIPE), plugins=plugins)
        assert worker.bury() == told
