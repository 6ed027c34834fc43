"""The screen's process never loads what training needs."""

import json
import subprocess
import sys


def test_importing_the_app_loads_no_torch() -> None:
    """Neither torch nor multiprocessing nor, before the first chart, plotext."""
    program = "import json, sys, tui_optim.ui.app; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"torch", "torchvision", "numpy", "multiprocessing", "plotext", "tui_optim.engine"}
