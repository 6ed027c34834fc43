"""The `tui-optim` command: wires the commands together and turns errors into one line and an exit code."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from tui_optim import __version__
from tui_optim.cli.catalogue import list_app, show
from tui_optim.cli.control import pause, resume, status, stop
from tui_optim.cli.data import data_app
from tui_optim.cli.doctor import doctor
from tui_optim.cli.export import export
from tui_optim.cli.preset import preset_app
from tui_optim.cli.run import run
from tui_optim.spec.errors import UsageError

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
app.add_typer(list_app, name="list")
app.command()(show)
app.command()(export)
app.command()(stop)
app.command()(pause)
app.command()(resume)
app.command()(status)
app.add_typer(preset_app, name="preset")
app.add_typer(data_app, name="data")
app.command()(doctor)


@app.callback(invoke_without_command=True)
def open_app(
    context: typer.Context,
    data_dir: Annotated[Path | None, typer.Option(help="Folder with the data files, before all other sources.")] = None,
    is_version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """An optimizer laboratory in the terminal. Without a command it opens the app."""
    if is_version:
        print(f"tui-optim {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError("the app needs a terminal; in a script use a command, for example: tui-optim run --help")
        from tui_optim.ui.app import run_app

        run_app(data_dir=data_dir)


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 a run failed or diverged, 2 wrong use, 130 interrupted."""
    try:
        code = app(standalone_mode=False)
    except _CommandLineError as error:
        message = error.format_message().rstrip(".")
        is_help = type(error).__name__ == "NoArgsIsHelpError"  # its help has been printed already
        if not is_help:
            print(f"tui-optim: {message}; see --help", file=sys.stderr)
        code = 0 if is_help else 2
    except UsageError as error:
        print(f"tui-optim: {error}", file=sys.stderr)
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left: nothing more to say
        code = 0
    except Exception as error:
        if os.environ.get("TUI_OPTIM_DEBUG"):
            raise
        print(f"tui-optim: unexpected {type(error).__name__}: {error}; TUI_OPTIM_DEBUG=1 shows where", file=sys.stderr)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
