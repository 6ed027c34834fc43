"""Loaded by Python at the start of every process of a shaken home: arms it, and starts workers by fork (`tests.crash.nursery`).

It comes in by PYTHONPATH alone. `TUI_OPTIM_SHAKEN` is the home, `TUI_OPTIM_DEATHS` the folder with the deaths that are planned: a
file per role, with call, number and moment, which the process that takes it renames to its own number.
"""

import os
import sys


def _role() -> str:
    words = " ".join(sys.orig_argv)
    named = {"tui_optim.runs.executors.worker": "worker", "tui_optim.runs.supervisor": "supervisor"}
    return next((role for name, role in named.items() if name in words), "app")


if "TUI_OPTIM_DEATHS" in os.environ:
    from tests.crash import faults, nursery

    if _role() == "worker":
        nursery.stand_in(os.environ["TUI_OPTIM_NURSERY"])  # does not come back
    faults.arm(os.environ["TUI_OPTIM_SHAKEN"], os.environ["TUI_OPTIM_DEATHS"], _role())
