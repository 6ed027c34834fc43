"""`tui-optim serve` under bytes that no browser sends: `pytest -m attack -n 0 tests/cli/test_serve_attacked.py`."""

import asyncio
import random
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress

import psutil
import pytest
from aiohttp import ClientError, ClientSession, CookieJar

from tests.cli.test_serve import PATIENCE_S, open_tab, serve
from tests.runs.lab import wait_until

__all__ = ["serve"]
pytestmark = [pytest.mark.attack, pytest.mark.timeout(1800)]

SEED = 20261128
PATHS = (
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/static/../../server.py",
    "/static/%2e%2e/gate.py",
    "/ws",
    "/\x00",
    "/?token=" + "A" * 100_000,
    "/?token=%FF%FE",
    "/?token=",
    "/?" + "a=1&" * 20_000,
    "*",
    "http://elsewhere/",
    "/\x1b[2J",
)
HEADERS = (
    "Host: elsewhere.example",
    "Host: ",
    "Host: [::1",
    "Host: " + "a" * 70_000,
    "Host: 127.0.0.1:{port}\r\nHost: elsewhere",
    "Host: 127.0.0.1:{port}\r\nOrigin: http://elsewhere",
    "Host: 127.0.0.1:{port}\r\nCookie: " + "x=" * 30_000,
    "Host: 127.0.0.1:{port}\r\nContent-Length: -5",
    "Host: 127.0.0.1:{port}\r\nContent-Length: 99999999999999",
    "Host: 127.0.0.1:{port}\r\nTransfer-Encoding: chunked\r\n\r\nZZZ",
)
MESSAGES = (
    *("", "null", "[]", "{}", "NaN", "[[[[", '["stdin"]', '["stdin",5]', '["stdin",null]', '["stdin","\\ud800"]'),
    *('["resize",{}]', '["resize",{"width":"x","height":-1}]', '["resize",{"width":1e308,"height":1e308}]'),
    *('["resize",{"width":1000000000,"height":1000000000}]', '["resize",{"width":0,"height":0}]', '["ping",{"a":1}]'),
    *("[" * 100_000, '["stdin","' + "a" * 2_000_000 + '"]', '["stdin","\\u0000\\u001b[200~"]', '["elsewhere"]'),
)


def requests(port: int, chance: random.Random) -> Iterator[bytes]:
    """Noise, paths and heads."""
    for _ in range(150):
        yield chance.randbytes(chance.randint(1, 4_000))
    for path in PATHS:
        for method in ("GET", "POST", "TRACE", "GE\x1bT"):
            yield f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    for headers in HEADERS:
        yield f"GET / HTTP/1.1\r\n{headers.format(port=port)}\r\n\r\n".encode()


def answer_to(port: int, request: bytes) -> bytes:
    """The first of what comes back; nothing where the line is cut."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(request)
        return line.recv(64)
    return b""


async def test_strangers_get_nothing_and_break_nothing(
    serve: Callable[..., tuple[subprocess.Popen[str], str]],
) -> None:
    """No request without the token is let in, whatever it is made of; idle lines block nobody; the link works afterwards."""
    process, link = serve()
    port = int(link.rpartition(":")[2].partition("/")[0])
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
    for request in requests(port, random.Random(SEED)):
        assert b" 200 " not in await asyncio.to_thread(answer_to, port, request), request[:100]
    for line in idle:
        line.close()

    at = link.partition("/?")[0]
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        tab = await open_tab(session, link)
        await tab.until("adam")
        for message in MESSAGES:
            with suppress(ClientError, ConnectionError):  # it may hang up
                async with session.ws_connect(f"{at}/ws?width=100&height=30", headers={"Origin": at}) as hostile:
                    await hostile.send_str(message)
                    await hostile.send_bytes(message.encode(errors="replace"))
                    await hostile.ping()
        await tab.socket.send_json(["stdin", "?"])
        await tab.until("Help")
        children = psutil.Process(process.pid).children
        await asyncio.to_thread(
            wait_until, lambda: len(children()) == 1, "an app of a line that is gone is still there"
        )
    process.terminate()
    _, errors = await asyncio.to_thread(process.communicate, timeout=PATIENCE_S)
    assert errors == ""
