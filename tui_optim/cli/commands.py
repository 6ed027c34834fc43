"""All commands behind `tui-optim`, and what Typer makes of the command line."""

from typing import Annotated, Any

import typer

from tui_optim.cli.attach import attach
from tui_optim.cli.catalogue import list_app
from tui_optim.cli.clean import clean
from tui_optim.cli.compare import compare
from tui_optim.cli.config import config_app
from tui_optim.cli.control import pause, resume, stop
from tui_optim.cli.data import data_app
from tui_optim.cli.delete import delete
from tui_optim.cli.diff import diff
from tui_optim.cli.doctor import doctor
from tui_optim.cli.explain import explain
from tui_optim.cli.export import export
from tui_optim.cli.fork import fork
from tui_optim.cli.gallery import gallery
from tui_optim.cli.label import note, pin, rename
from tui_optim.cli.live import checkpoint, evaluate, extend, kill, rate, xray
from tui_optim.cli.opening import open_app
from tui_optim.cli.options import DataDir
from tui_optim.cli.plot import plot
from tui_optim.cli.preset import preset_app
from tui_optim.cli.report import report
from tui_optim.cli.rerun import rerun
from tui_optim.cli.run import run
from tui_optim.cli.schedule import schedule
from tui_optim.cli.serve import serve
from tui_optim.cli.show import show
from tui_optim.cli.status import status
from tui_optim.cli.step import step
from tui_optim.cli.sweep import sweep
from tui_optim.cli.system import system
from tui_optim.spec.errors import UsageError
from tui_optim.version import VERSION

_CommandLineError: Any = typer.BadParameter.__mro__[2]
"""Base class of Typer's own errors; its name is not public, and Typer releases differ in where it lives."""

app = typer.Typer(
    name="tui-optim",
    help="An optimizer laboratory in the terminal. Without a command it opens the app.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(run)
app.command()(rerun)
app.command()(fork)
app.command()(sweep)
app.add_typer(list_app, name="list")
app.command()(show)
app.command()(compare)
app.command()(diff)
app.command()(export)
app.command()(plot)
app.command()(gallery)
app.command()(report)
app.command()(stop)
app.command()(pause)
app.command()(resume)
app.command()(evaluate)
app.command()(checkpoint)
app.command()(xray)
app.command()(rate)
app.command()(extend)
app.command()(kill)
app.command()(status)
app.command()(attach)
app.command()(serve)
app.command()(rename)
app.command()(note)
app.command()(pin)
app.command()(delete)
app.command()(clean)
app.command()(step)
app.command()(schedule)
app.command()(explain)
app.add_typer(preset_app, name="preset")
app.add_typer(data_app, name="data")
app.add_typer(config_app, name="config")
app.command()(doctor)
app.command()(system)


@app.callback(invoke_without_command=True)
def without_command(
    context: typer.Context,
    data_dir: DataDir = None,
    is_ascii: Annotated[bool, typer.Option("--ascii", help="Show nothing but ASCII characters in the app.")] = False,
    is_version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """An optimizer laboratory in the terminal. Without a command it opens the app."""
    if is_version:
        print(f"tui-optim {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        open_app(data_dir=data_dir, is_ascii=is_ascii)


def run_command() -> int:
    """Do what the command line says; returns the exit code. Raises UsageError, and whatever a command lets through."""
    try:
        code = app(standalone_mode=False)
    except _CommandLineError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its help has been printed already
            return 0
        raise UsageError(f"{error.format_message().rstrip('.')}; see --help") from None
    except typer.Abort:
        return 130
    return code if isinstance(code, int) else 0
