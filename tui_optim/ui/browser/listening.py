"""Where the server listens: on this machine alone, unless it is told otherwise."""

import errno
import ipaddress
import os
import socket

from tui_optim.spec.errors import UsageError

FIRST_PORT, NUM_PORTS = 8765, 20
"""Those that are tried where none is named."""
MAX_PORT = 65_535


def listen(host: str, port: int | None = None, *, is_open: bool = False) -> socket.socket:
    """A socket that listens; `is_open` lets other machines reach it. Raises UsageError."""
    if port is not None and not 1 <= port <= MAX_PORT:
        raise UsageError(f"--port {port}: expected a whole number in [1, {MAX_PORT}]")
    family, address = _address(host)
    if not is_open and not ipaddress.ip_address(address).is_loopback:
        raise UsageError(
            f"--host {host}: other machines could reach it, and nothing is encrypted; "
            f"use ssh -L {port or FIRST_PORT}:127.0.0.1:{port or FIRST_PORT} from there, or add --open-to-network"
        )
    for number in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + NUM_PORTS):
        try:
            return socket.create_server((address, number), family=family)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or port is not None:
                raise UsageError(_why_not(host, number, error)) from None
    last = FIRST_PORT + NUM_PORTS - 1
    raise UsageError(f"no port from {FIRST_PORT} to {last} is free on {host}: choose another with --port")


def is_everywhere(host: str) -> bool:
    """Whether this means all addresses of the machine, and is none that could be opened."""
    return ipaddress.ip_address(_address(host)[1]).is_unspecified


def _address(host: str) -> tuple[socket.AddressFamily, str]:
    try:
        family, _, _, _, found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
    except (OSError, ValueError):  # a name with odd characters is a ValueError
        raise UsageError(f"--host {host}: no address is known by this name; expected one of this machine") from None
    return family, str(found[0])


def _why_not(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"port {port} is in use on {host}: leave --port out to take a free one"
        case errno.EACCES:
            return f"port {port} is for the administrator: choose one from 1024 on"
        case errno.EADDRNOTAVAIL:
            return f"--host {host}: this machine has no such address"
        case number:
            return f"cannot listen on {host}, port {port}: {os.strerror(number or 0)}"
