"""`tui-optim system`: what the machine and the processes of the program do now."""

import json
import time
from dataclasses import asdict

from tui_optim.cli.options import Json

SAMPLE_S = 0.5


def system(is_json: Json = False) -> None:
    """CPU, memory, accelerators and the workers, over half a second. Example: tui-optim system"""
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.run_names import spoken_name
    from tui_optim.report.system_table import system_table
    from tui_optim.runs.system import SystemMeter
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    home = open_home(is_read_only=True)
    running = [run for run in Catalogue(home).runs() if run.status.state == "running"]
    owners = {run.run_id: run.status.owner for run in running if run.status.owner is not None}
    meter = SystemMeter(home)
    meter.read(owners)
    time.sleep(SAMPLE_S)
    reading = meter.read(owners)
    if is_json:
        print(json.dumps(asdict(reading), indent=2))
    else:
        print_table(system_table(reading, {run.run_id: spoken_name(run) for run in running}))
