"""`tui-optim system`: what the machine and the processes of the program do now."""

import json
import shutil
import sys
import time
from dataclasses import asdict

from tui_optim.cli.options import Json

SAMPLE_S = 0.5
WIDE = 100
"""Columns of the terminal from which on names are printed in full."""


def system(is_json: Json = False) -> None:
    """CPU, memory, accelerators, workers and how fast runs train, over half a second. Example: tui-optim system"""
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.run_names import spoken_name
    from tui_optim.report.speed_table import speed_table, speeds
    from tui_optim.report.system_table import system_table
    from tui_optim.runs.system import SystemMeter
    from tui_optim.store.bare_loops import read_bare_loops
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    home = open_home(is_read_only=True)
    limits = read_bare_loops(home)
    running = [run for run in Catalogue(home).runs() if run.status.state == "running"]
    owners = {run.run_id: run.status.owner for run in running if run.status.owner is not None}
    meter = SystemMeter(home)
    meter.read(owners)
    time.sleep(SAMPLE_S)
    reading = meter.read(owners)
    names = {run.run_id: spoken_name(run) for run in running}
    found = speeds(running, names, limits)
    if is_json:
        print(json.dumps({**asdict(reading), "runs": [{**asdict(one), "share": one.share} for one in found]}, indent=2))
        return
    print_table(
        system_table(reading, names, is_narrow=sys.stdout.isatty() and shutil.get_terminal_size().columns < WIDE)
    )
    if found:
        print_table(speed_table(found))
