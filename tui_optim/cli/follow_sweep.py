"""Following a sweep on the command line until it ends: a live table on a terminal, plain lines in a pipe."""

import sys
import time

from rich.console import Console
from rich.live import Live
from rich.table import Table as RichTable
from rich.text import Text

from tui_optim.cli.watch import POLL_EVERY_S, Watch, end_on_sigterm
from tui_optim.report.cells import loss_text, plain_text
from tui_optim.report.sweep_table import SweepView, make_view
from tui_optim.runs.client import Client
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.home import Home
from tui_optim.store.sweepfolder import SweepFolder

SHOWN = 8
"""How many of the latest trials the live table shows."""


def follow_sweep(home: Home, client: Client, sweep_id: str, *, is_plain: bool, is_quiet: bool) -> SweepView:
    """Wait until a sweep is over or paused; ctrl+c and SIGTERM pause it first.

    Raises:
        KeyboardInterrupt: after the sweep has been told to pause.
    """
    end_on_sigterm()
    folder = SweepFolder(home.sweeps / sweep_id)
    console = Console(stderr=True)
    try:
        if is_plain or not console.is_terminal:
            _follow_plain(folder, client, is_quiet=is_quiet)
        else:
            _follow_live(folder, client, console)
    except KeyboardInterrupt:
        if folder.read_status().state == "running":
            client.tell_sweep(sweep_id, "pause")
            print(f"pausing; `tui-optim resume {sweep_id}` goes on", file=sys.stderr)
        raise
    return make_view(folder.read(), Catalogue(home).runs())


def _follow_plain(folder: SweepFolder, client: Client, *, is_quiet: bool) -> None:
    watch, told = Watch(client), dict[int, str]()
    while True:
        watch.look()
        is_over = folder.read_status().state != "running"
        for trial in folder.log.read():
            if told.get(trial.number) != trial.state:
                told[trial.number] = trial.state
                if not is_quiet:
                    print(plain_text(_line(trial)), flush=True)
        if is_over:
            return
        time.sleep(POLL_EVERY_S)


def _follow_live(folder: SweepFolder, client: Client, console: Console) -> None:
    watch = Watch(client)
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while True:
            watch.look()
            status = folder.read_status()
            live.update(_table(folder.log.read()))
            if status.state != "running":
                return
            time.sleep(POLL_EVERY_S)


def _table(trials: list[Trial]) -> RichTable:
    counts = [
        f"{sum(trial.state == state for trial in trials)} {state}" for state in dict.fromkeys(t.state for t in trials)
    ]
    table = RichTable(box=None, pad_edge=False, title=Text(" · ".join(counts)), title_justify="left")
    for title in ("trial", "point", "seed", "state", "metric"):
        table.add_column(title, justify="right" if title in ("trial", "seed", "metric") else "left", no_wrap=True)
    for trial in trials[-SHOWN:]:
        table.add_row(str(trial.number), Text(trial.point.text), str(trial.seed), trial.state, _value(trial))
    return table


def _line(trial: Trial) -> str:
    stage = "final run" if trial.stage == "final" else "trial"
    value = f" {_value(trial)}" if trial.value is not None else ""
    reason = f": {trial.reason}" if trial.reason else ""
    return f"{stage} {trial.number}  {trial.point.scenario} {trial.point.text} seed={trial.seed}  {trial.state}{value}{reason}"


def _value(trial: Trial) -> str:
    return "" if trial.value is None else loss_text(trial.value)
