"""`tui-optim serve` from its first line to its last, with the real app behind it."""

import asyncio
import errno
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType

from tests.benchmarks.lines import TerminalLines
from tests.cli.calling import Caller
from tests.runs.lab import is_gone, wait_until
from tests.ui.stage import write_run
from tui_optim.spec import extras
from tui_optim.spec.errors import UsageError
from tui_optim.store.home import open_home
from tui_optim.store.remembered import remembered_path
from tui_optim.ui.browser.listening import FIRST_PORT, NUM_PORTS, listen

PATIENCE_S = 60.0


def test_without_the_extra_it_says_what_to_install(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, and exit code 2."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    answer = call("serve")
    assert (answer.code, answer.err) == (
        2, "tui-optim: serve needs the extra \"web\"; in your clone: .venv/bin/pip install -e '.[web]'\n",
    )  # fmt: skip


def test_a_port_in_use_is_named(call: Caller, home: Path) -> None:
    """One that was asked for; where none was, the next is taken."""
    del home
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = call("serve", "--port", str(taken.getsockname()[1]))
    assert (answer.code, "is in use on 127.0.0.1: leave --port out to take a free one" in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EADDRINUSE, f"no port from {FIRST_PORT} to {FIRST_PORT + NUM_PORTS - 1} is free"),
        (errno.EACCES, "is for the administrator: choose one from 1024 on"),
        (errno.EADDRNOTAVAIL, "this machine has no such address"),
        (errno.EMFILE, "Too many open files"),
    ],
)
def test_what_keeps_it_from_listening_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    """Whatever the system says."""
    tried: list[int] = []

    def refuse(address: tuple[str, int], **_: object) -> socket.socket:
        tried.append(address[1])
        raise OSError(number, "no")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(UsageError, match=sentence):
        listen("127.0.0.1")
    assert len(tried) == (NUM_PORTS if number == errno.EADDRINUSE else 1)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "::ffff:127.0.0.1"])
def test_other_machines_are_let_in_only_on_purpose(host: str) -> None:
    """The sentence says how to do without."""
    with pytest.raises(UsageError, match=r"use ssh -L 8765:127\.0\.0\.1:8765 from there, or add --open-to-network"):
        listen(host)


@pytest.fixture
def serve(home: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts `tui-optim serve WORDS…`; returns its process and its link. It is ended with the test."""
    write_run(open_home(home), "adam")
    begun: list[subprocess.Popen[str]] = []

    def begin(*words: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "tui_optim", "serve", *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        begun.append(process)
        assert process.stdout is not None
        link = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        return process, link

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


class Tab:
    """A page without a browser."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self._lines = TerminalLines()
        self._said = ""

    async def until(self, words: str) -> None:
        """Read until a line says so, from behind the last such words on."""
        async with asyncio.timeout(PATIENCE_S):
            while words not in self._said:
                message = await self.socket.receive()
                assert message.type in (WSMsgType.BINARY, WSMsgType.TEXT), f"closed before it said {words!r}"
                self._said += self._lines.feed(message.data) if message.type == WSMsgType.BINARY else ""
        self._said = self._said.partition(words)[2]


async def open_tab(session: ClientSession, link: str) -> Tab:
    """With the cookie that the session has, or the link gives."""
    at = link.partition("/?")[0]
    async with session.get(link) as answer:
        await answer.read()
    return Tab(await session.ws_connect(f"{at}/ws?width=100&height=30", headers={"Origin": at}))


def found(secrets: list[str], *processes: psutil.Process, folder: Path) -> Iterator[str]:
    """Where one of them can be read: words and environment of a process, files below a folder."""
    assert [len(one) for one in secrets] == [43, 43]
    told = {f"process {one.pid}": " ".join([*one.cmdline(), *one.environ().values()]) for one in processes}
    told |= {str(path): path.read_bytes().decode(errors="replace") for path in folder.rglob("*") if path.is_file()}
    assert len(told) > len(processes)
    yield from (place for place, text in told.items() if any(one in text for one in secrets))


async def test_the_app_in_a_tab_is_the_same_app(
    serve: Callable[..., tuple[subprocess.Popen[str], str]], home: Path
) -> None:
    """It shows the runs and answers keys, and `w` says where it wrote; ctrl+c ends server and app, calmly; its layout is kept.

    Token and cookie can be read nowhere meanwhile.
    """
    process, link = serve("--read-only")
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        tab = await open_tab(session, link)
        await tab.until("read-only")
        (app,) = psutil.Process(process.pid).children()
        await tab.until("adam")
        secrets = [link.partition("token=")[2], *(cookie.value for cookie in session.cookie_jar)]
        assert list(found(secrets, psutil.Process(process.pid), app, folder=home.parent)) == []
        await tab.socket.send_json(["resize", {"width": 80, "height": 24}])
        await tab.socket.send_json(["stdin", "w"])
        await tab.until("Export results")
        await tab.socket.send_json(["stdin", "\r"])
        await tab.until("Wrote 1 run")
        assert (home.parent / "results.md").is_file()
        await tab.socket.send_json(["stdin", "\x1a"])
        await tab.until("no shell behind a browser")
        await tab.socket.send_json(["stdin", ":"])
        await tab.until("Search for commands")
        await tab.socket.send_json(["stdin", "in a browser"])
        await tab.until("how to see this app there")
        await tab.socket.send_json(["stdin", "\r"])
        await tab.until("This is a browser")
        process.send_signal(signal.SIGINT)
        said, errors = await asyncio.to_thread(process.communicate, timeout=PATIENCE_S)
    assert (process.returncode, said.splitlines()[-1], errors) == (130, "No longer in a browser; runs go on.", "")
    assert is_gone(app.pid)
    assert remembered_path().is_file()


async def test_no_app_outlives_a_server_that_is_killed(serve: Callable[..., tuple[subprocess.Popen[str], str]]) -> None:
    """It sees that its parent has gone, as it sees a terminal hang up."""
    process, link = serve("--read-only")
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        tab = await open_tab(session, link)
        await tab.until("adam")
        (app,) = psutil.Process(process.pid).children()
        process.kill()
        await asyncio.to_thread(wait_until, lambda: is_gone(app.pid), "the app is still there")
        assert is_gone(app.pid)
