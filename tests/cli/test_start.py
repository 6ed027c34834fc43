"""What starts without torch, and that every command explains itself."""

import os
import re
import subprocess
import sys

import pytest

from tests.cli.calling import Caller

COMMANDS = [
    "run", "sweep", "show", "compare", "export", "plot", "gallery", "report", "stop", "pause", "resume", "status", "doctor",
    "step", "schedule", "explain", "rename", "note", "pin", "delete", "clean", "diff", "attach", "system", "rerun", "fork",
    "serve",
]  # fmt: skip
GROUPS = {
    "list": ["scenarios", "presets", "optimizers", "schedules", "runs", "sweeps"],
    "preset": ["new", "check", "show", "schema"],
    "data": ["list", "fetch", "verify", "sample"],
}
HELP = """
import sys
from tui_optim.cli.main import main
sys.argv = ["tui-optim", "--help"]
try:
    main()
except SystemExit:
    pass
"""
ALL = [[name] for name in COMMANDS] + [[group, name] for group, names in GROUPS.items() for name in names]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help_with_an_example(call: Caller, words: list[str]) -> None:
    """`--help` shows one, or several."""
    answer = call(*words, "--help")
    assert answer.code == 0
    assert re.search(r"Examples?:", answer.out)


@pytest.mark.parametrize(
    "code",
    [
        "import tui_optim.ui.app",
        HELP,
        "import tui_optim.runs.supervisor",
        "import tui_optim.runs.executors.ray_bridge, tui_optim.runs.executors.slurm_bridge",
        "import tui_optim.report.formats, tui_optim.runs.client, tui_optim.store.library",
    ],
)
def test_torch_stays_unloaded(code: str) -> None:
    """The app, the help, the supervisor, the bridges and the reports load no torch."""
    program = code + "\nimport sys\nassert 'torch' not in sys.modules, 'torch was imported'\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def test_help_loads_no_models() -> None:
    """Nor tables: whoever asks what a command takes should not wait for what carries it out."""
    heavy = {"pydantic", "importlib.metadata", "tui_optim.store.catalogue"}
    program = HELP + f"\nimport sys\nassert not {heavy} & set(sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_shell_that_asks_for_completions_gets_them() -> None:
    """It calls the program without a word, as a person does who wants the app, but without a terminal."""
    program = "import sys; sys.argv = ['tui-optim']; from tui_optim.cli.main import main; main()"
    question = {"_TUI_OPTIM_COMPLETE": "complete_bash", "COMP_WORDS": "tui-optim st", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, env={**os.environ, **question}
    )
    assert done.stdout.split() == ["stop", "status", "step"]
