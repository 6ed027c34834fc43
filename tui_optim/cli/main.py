"""The `tui-optim` command: opens the app or runs a command, and turns errors into one line and an exit code."""

import os
import sys

from tui_optim.cli.opening import has_terminal, open_app
from tui_optim.spec.errors import UsageError
from tui_optim.spec.plugins import add_plugin_files
from tui_optim.store.home import config_folder


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 a run failed or diverged, 2 wrong use, 130 interrupted."""
    try:
        code = _answer()
        sys.stdout.flush()  # here, where it can still be said that there was no space for it
    except UsageError as error:
        print(f"tui-optim: {error}", file=sys.stderr)
        code = 2
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        _drop_output()  # the reader has left: nothing more to say
        code = 0
    except Exception as error:
        from tui_optim.store.files import NO_SPACE  # as rarely as it is needed

        if isinstance(error, OSError) and error.errno in NO_SPACE and error.filename is None:  # files of ours are named
            print(
                f"tui-optim: cannot write the output: {error.strerror}; free some space and ask again", file=sys.stderr
            )
            _drop_output()
            sys.exit(2)
        if os.environ.get("TUI_OPTIM_DEBUG"):
            raise
        print(f"tui-optim: unexpected {type(error).__name__}: {error}; TUI_OPTIM_DEBUG=1 shows where", file=sys.stderr)
        code = 1
    sys.exit(code)


def _drop_output() -> None:
    """Let what has not been written yet go nowhere, without another error when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _answer() -> int:
    """Returns the exit code."""
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # looking for them would cost every start 10 ms; none is used
    add_plugin_files(config_folder() / name for name in ("optimizers", "scenarios"))
    if len(sys.argv) == 1 and has_terminal():  # without one it may be a shell that asks for completions: Typer's matter
        open_app()
        return 0
    from tui_optim.cli.commands import run_command  # not above: the app does without Typer, 30 ms earlier

    return run_command()
