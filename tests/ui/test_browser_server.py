"""The app in a browser: who is let in, and what becomes of the process behind a tab.

No browser is needed here: `test_in_browser` has one.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie

import pytest
from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web

from tests.runs.lab import is_gone, wait_until
from tui_optim.ui.browser import app_process
from tui_optim.ui.browser.app_process import browser_environment
from tui_optim.ui.browser.gate import NOT_FROM_THERE, NOT_HERE, NOT_YOU, Gate, Visit
from tui_optim.ui.browser.server import SHUTDOWN_LIMIT_S, AppServer
from tui_optim.ui.terminal.clipboard import NO_CLIPBOARD

APP = """
import os, signal, sys, time
if "stubborn" in sys.argv:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
text = f"{os.getpid()} {os.environ['COLUMNS']}x{os.environ['ROWS']}".encode()
os.write(1, b"__GANGLION__\\nD" + len(text).to_bytes(4, "big") + text)
while "short" not in sys.argv:
    time.sleep(0.01)
"""
"""Stands for the app: says which process it is and how large its terminal, and stays."""


class Served:
    """A server, and a client that has not been let in yet."""

    def __init__(self, gate: Gate, session: ClientSession) -> None:
        self.gate, self.session = gate, session
        self.at = f"127.0.0.1:{gate.port}"
        self.cookie = ""

    async def ask(self, path: str, method: str = "GET", **headers: str) -> ClientResponse:
        """Ask for a path with the cookie, if there is one; the answer has been read."""
        async with self.session.request(
            method, f"http://{self.at}{path}", headers=self._headers(headers), allow_redirects=False
        ) as answer:
            await answer.read()
        return answer

    async def enter(self) -> ClientResponse:
        """Open the link and keep the cookie."""
        answer = await self.ask(self.gate.link("x").partition(str(self.gate.port))[2])
        for name, morsel in SimpleCookie(answer.headers.get("Set-Cookie", "")).items():
            self.cookie = f"{name}={morsel.value}"
        return answer

    async def open_tab(self, **headers: str) -> ClientWebSocketResponse:
        """What the page does. Raises WSServerHandshakeError where it is refused."""
        given = self._headers({"Origin": f"http://{self.at}", **headers})
        return await self.session.ws_connect(f"http://{self.at}/ws?width=90&height=30", headers=given)

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        return {**({"Cookie": self.cookie} if self.cookie else {}), **given}


@asynccontextmanager
async def serving(*words: str) -> AsyncIterator[Served]:
    """A server on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    gate = Gate(port=listener.getsockname()[1])
    app = await AppServer(gate, words=[sys.executable, "-c", APP, *words]).make_app()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_LIMIT_S)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        async with ClientSession() as session:
            yield Served(gate, session)
    finally:
        await runner.cleanup()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """With an app that stays until its terminal hangs up."""
    async with serving() as one:
        yield one


PATHS = [
    "/",
    "/ws",
    "/static/js/textual.js",
    "/static/",
    "/download/key",
    "/nothing",
    "/?token=",
    "/?token=wrong",
    "/?x=é",
]


async def test_without_token_or_cookie_nothing_is_shown(served: Served) -> None:
    """No page, no file, no error of another kind; neither with a cookie of somebody's own, nor by another method."""
    for path in PATHS:
        for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS"):
            answer = await served.ask(path, method, Origin=f"http://{served.at}")
            assert answer.status == 403, (path, method)
            assert "Set-Cookie" not in answer.headers
    served.cookie = f"{served.gate.cookie_name}=é{'x' * 43}"
    assert (await served.ask("/")).status == 403
    with pytest.raises(WSServerHandshakeError) as refusal:
        await served.open_tab()
    assert refusal.value.status == 403


async def test_the_token_works_once(served: Served) -> None:
    """Asking about the link does not use it up; once it is opened the cookie opens everything, and the token nothing."""
    link = served.gate.link("127.0.0.1").partition(str(served.gate.port))[2]
    assert (await served.ask(link, "HEAD")).status == 403
    entered = await served.enter()
    morsel = SimpleCookie(entered.headers["Set-Cookie"])[served.gate.cookie_name]
    assert (entered.status, morsel["httponly"], morsel["samesite"]) == (200, True, "Strict")
    page = await served.ask("/")
    assert f'data-session-websocket-url="ws://{served.at}/ws"' in await page.text()
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert [(await served.ask(path)).status for path in ("/static/js/textual.js", "/nothing")] == [200, 404]
    served.cookie = ""
    again = await served.ask(link)
    assert (again.status, await again.text()) == (403, NOT_YOU)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil:{port}", ""]
)
async def test_a_foreign_host_is_refused(served: Served, host: str) -> None:
    """Even with the cookie: a page from elsewhere whose name leads here would send it."""
    await served.enter()
    answer = await served.ask("/", Host=host.format(port=served.gate.port))
    assert (answer.status, await answer.text()) == (403, NOT_HERE)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "https://{at}", "http://localhost:{port}", "http://127.0.0.1:1"]
)
async def test_a_foreign_origin_is_refused(served: Served, origin: str) -> None:
    """Of websockets and of what is posted, also by another server of this machine; the app is not started for it."""
    await served.enter()
    said = origin.format(at=served.at, port=served.gate.port)
    with pytest.raises(WSServerHandshakeError) as refusal:
        await served.open_tab(Origin=said)
    assert refusal.value.status == 403
    answer = await served.ask("/", "POST", Origin=said)
    assert (answer.status, await answer.text()) == (403, NOT_FROM_THERE)


@pytest.mark.parametrize(
    ("host", "is_open", "is_taken"),
    [
        ("localhost:8765", False, True),
        ("LOCALHOST:8765", False, True),
        ("[::1]:8765", False, True),
        ("192.168.1.7:8765", False, False),
        ("192.168.1.7:8765", True, True),
        ("[fe80::1]:8765", True, True),
        ("lab-machine:8765", True, True),
        ("evil.example:8765", True, False),
        ("192.168.1.7.evil.example:8765", True, False),
    ],
)
def test_which_names_are_ours(host: str, is_open: bool, is_taken: bool) -> None:
    """Those of this machine; open to the network addresses too, which no foreign page can have for its name."""
    gate = Gate(port=8765, names=["lab-machine"] if is_open else [], is_open=is_open)
    assert (gate.refusal(Visit(host=host)) == "") is is_taken


async def first_words(tab: ClientWebSocketResponse) -> list[str]:
    """What the app draws first."""
    message = await tab.receive(timeout=30)
    assert message.type == WSMsgType.BINARY
    return str(message.data, "utf-8").split()


async def test_each_tab_is_an_app_that_ends_with_it(served: Served) -> None:
    """As large as the tab; the terminal of one hangs up, the other goes on until the server ends."""
    await served.enter()
    tabs = [await served.open_tab() for _ in range(2)]
    (first, size), (second, _) = [await first_words(tab) for tab in tabs]
    assert (size, first != second) == ("90x30", True)
    await tabs[0].close()
    await asyncio.to_thread(wait_until, lambda: is_gone(int(first)), "the app is still there")
    assert not is_gone(int(second))


@pytest.mark.parametrize("word", ["stubborn", "short"])
async def test_no_app_outlives_its_tab(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not leave is killed; one that ends by itself closes its tab."""
    monkeypatch.setattr(app_process, "STOP_LIMIT_S", 0.1)
    async with serving(word) as served:
        await served.enter()
        tab = await served.open_tab()
        pid, _ = await first_words(tab)
        if word == "short":
            assert (await tab.receive(timeout=30)).type == WSMsgType.CLOSE
        await tab.close()
    assert is_gone(int(pid))


def test_the_app_sees_a_browser_and_not_the_servers_terminal() -> None:
    """Sequences are not wrapped for a tmux that is not there; a page of another machine has no clipboard to fill."""
    outer = {"TMUX": "/tmp/tmux", "TERM": "dumb", "LC_ALL": "C", "COLORFGBG": "0;15", "TUI_OPTIM_HOME": "/home"}
    assert browser_environment(outer, has_clipboard=True) == {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
        "TUI_OPTIM_HOME": "/home",
    }
    assert browser_environment({}, has_clipboard=False)[NO_CLIPBOARD]
