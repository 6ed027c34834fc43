"""`tui-optim serve`: the app in a browser."""

import socket
import sys
from typing import Annotated

import typer

from tui_optim.cli.options import ReadOnly


def serve(
    host: Annotated[str, typer.Option(help="The address of this machine to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="The port; the first that is free from 8765 on if none.")] = None,
    is_read_only: ReadOnly = False,
    is_open: Annotated[
        bool,
        typer.Option("--open-to-network", help="Let --host be an address that other machines reach, unencrypted."),
    ] = False,
) -> None:
    """Show the app in a browser of this machine, by a link that works once. Example: tui-optim serve

    From another machine: ssh -L 8765:127.0.0.1:8765 HOST, and the same link there.
    """
    from tui_optim.spec.extras import need_extra

    need_extra("web", needed_by="serve")
    _check_home(is_read_only=is_read_only)
    from tui_optim.ui.browser.gate import Gate
    from tui_optim.ui.browser.listening import is_everywhere, listen
    from tui_optim.ui.browser.server import serve_app

    with listen(host, port, is_open=is_open) as listener:
        names = [_in_address(host)] if not is_open else [_in_address(host), socket.gethostname()]
        gate = Gate(port=listener.getsockname()[1], names=names, is_open=is_open)
        _tell(gate.link(socket.gethostname() if is_everywhere(host) else _in_address(host)), is_open=is_open)
        words = [sys.executable, "-m", "tui_optim", *(["attach", "--read-only"] if is_read_only else [])]
        serve_app(gate, listener, words=words)
    print("No longer in a browser; runs go on.")
    raise typer.Exit(130)


def _check_home(*, is_read_only: bool) -> None:
    """What would keep the app from opening is said here, not in each tab. Raises UsageError."""
    from tui_optim.cli.attach import check_attachable
    from tui_optim.store.home import open_home

    if is_read_only:
        check_attachable()
    else:
        open_home()


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tell(link: str, *, is_open: bool) -> None:
    if is_open:
        print(
            "Careful: other machines may reach this address, and nothing is encrypted. Whoever reads along on the way can see "
            "and steer the app, and write files as you.",
            file=sys.stderr,
        )
    print(
        "The app is ready for a browser. This link opens it once; other tabs of that browser need the address alone.\n"
    )
    print(f"  {link}\n")
    print("ctrl+c ends this; runs go on.", flush=True)
