"""The app starts light: its process never loads what training needs, nor what its first frame can do without."""

import gc
import json
import subprocess
import sys

from tests.ui.stage import FakeClient, make_app, until
from tui_optim.store.home import Home

TRAINING = {"torch", "torchvision", "numpy", "multiprocessing", "tui_optim.engine"}
LATER = {
    "tui_optim.ui.screens.sweeps",
    "tui_optim.ui.screens.new_sweep",
    "tui_optim.ui.screens.functions",
    "tui_optim.ui.screens.gallery",
    "tui_optim.ui.screens.boundary",
    "tui_optim.ui.screens.picture",
    "tui_optim.ui.screens.export",
    "tui_optim.spec.sweeps.plan",
    "tui_optim.spec.explain",
    "tui_optim.report.tables",
    "tui_optim.runs.forks",
    "plotext",
    "typer",
    "psutil",
    "html",
    "http.client",
    "urllib.request",
    "attr",
}
START = """
import json, sys
from tui_optim.cli import main, opening
from tui_optim.ui import run_app
run_app.run_app = lambda **_: print(json.dumps(sorted(sys.modules)))
main.has_terminal = opening.has_terminal = lambda: True
sys.argv = ["tui-optim"]
main.main()
"""


def test_what_a_start_loads() -> None:
    """Neither torch nor multiprocessing; and before the first frame no charts, no sweeps, no command line, no network."""
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, timeout=120, check=True)
    assert not set(json.loads(done.stdout)) & (TRAINING | LATER)


async def test_garbage_is_collected_once_the_first_frame_stands(home: Home, client: FakeClient) -> None:
    """A start goes without collections; an app that is open for days does not."""
    gc.disable()
    try:
        async with make_app(home, client).run_test() as pilot:
            await until(pilot, gc.isenabled, what="collections are on again")
            assert gc.isenabled()
    finally:
        gc.enable()
