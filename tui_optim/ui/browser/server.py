"""The server behind `tui-optim serve`: textual-serve's pages behind the gate.

Of textual-serve 1.1 come the page with its terminal (xterm.js), the packets between it and the app, and downloads. It knows no
users, takes any host and origin, writes its own address into the page, and has a font fetched from elsewhere: all of that ends
here.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Sequence

import aiohttp_jinja2
from aiohttp import WSCloseCode, web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server, to_int

from tui_optim.ui.browser.app_process import AppProcess
from tui_optim.ui.browser.gate import NOT_YOU, Gate, Visit, is_same_machine

WEBSOCKET = "/ws"
HEARTBEAT_S = 15.0
CLOSE_LIMIT_S = 2.0
SHUTDOWN_LIMIT_S = 6.0
"""For all tabs together: longer than an app that hangs takes to be killed."""
WELCOME = '<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>tui-optim</title>'
"""Goes on by itself: to a redirect, browsers that came from another site would not bring the cookie."""
ADDED = """<title>tui-optim</title>
<script>
  const focus = () => document.querySelector(".xterm-helper-textarea")?.focus();
  new MutationObserver(focus).observe(document.body, { attributes: true });
</script>
"""
"""Keys go to the terminal once it is there, which the body's classes say, without a click."""


class AppServer(Server):
    """Shows the app: a process for each tab."""

    def __init__(self, gate: Gate, *, words: Sequence[str]) -> None:
        """`words` are the command of the app."""
        super().__init__(words[0], title="tui-optim")
        self._gate, self._words = gate, words
        self._tabs: set[web.WebSocketResponse] = set()

    async def make_app(self) -> web.Application:
        """The pages, none of which is shown to anybody else."""
        app = await self._make_app()
        app.middlewares.append(guard(self._gate))
        app.on_response_prepare.append(_keep_in)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """The command has said all there is to say."""

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002 - as textual-serve has it
        """The tabs say that the session has ended."""
        await asyncio.gather(*(tab.close(code=WSCloseCode.GOING_AWAY) for tab in self._tabs))

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page, under the name by which it was asked for."""
        context = {
            "font_size": to_int(request.query.get("fontsize", ""), 16),
            "app_websocket_url": f"ws://{request.host}{WEBSOCKET}",
            "config": {"static": {"url": "/static/"}},
            "application": {"name": self.title},
        }
        page = aiohttp_jinja2.render_string("app_index.html", request, context)
        return web.Response(text=page + ADDED, content_type="text/html")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A tab, from its opening to its end."""
        tab = web.WebSocketResponse(heartbeat=HEARTBEAT_S, timeout=CLOSE_LIMIT_S)
        await tab.prepare(request)
        process = AppProcess(
            self._words,
            has_clipboard=is_same_machine(request.host),
            write_bytes=tab.send_bytes,
            write_str=tab.send_str,
            close=tab.close,
            download_manager=self.download_manager,
        )
        self._tabs.add(tab)
        try:
            await process.start(to_int(request.query.get("width", ""), 80), to_int(request.query.get("height", ""), 24))
            await self._process_messages(tab, process)
        finally:
            self._tabs.discard(tab)
            await process.stop()
        return tab


def serve_app(gate: Gate, listener: socket.socket, *, words: Sequence[str]) -> None:
    """Serve until SIGINT or SIGTERM. No visit is logged: the first has the token in its address.

    What an app says before it dies is printed; what the libraries say of that, and of tabs closed early, in debugging alone.
    """
    if not os.environ.get("TUI_OPTIM_DEBUG"):
        for library in ("aiohttp", "textual-serve"):
            logging.getLogger(library).setLevel(logging.CRITICAL)
    app = AppServer(gate, words=words).make_app()
    web.run_app(app, sock=listener, print=None, access_log=None, shutdown_timeout=SHUTDOWN_LIMIT_S)


def guard(gate: Gate) -> Middleware:
    """Stands before every path, those that do not exist among them."""

    @web.middleware
    async def stand(request: web.Request, handler: Handler) -> web.StreamResponse:
        visit = _visit(request, gate.cookie_name)
        if refusal := gate.refusal(visit):
            return web.Response(status=403, text=refusal)
        if gate.knows(visit):
            return await handler(request)
        cookie = gate.exchange(visit) if request.method == "GET" and request.path == "/" else None
        if cookie is None:
            return web.Response(status=403, text=NOT_YOU)
        welcome = web.Response(text=WELCOME, content_type="text/html")
        welcome.set_cookie(gate.cookie_name, cookie, httponly=True, samesite="Strict")
        return welcome

    return stand


def _visit(request: web.Request, cookie_name: str) -> Visit:
    hosts = request.headers.getall("Host", [])
    return Visit(
        host=hosts[0] if len(hosts) == 1 else "",
        origin=", ".join(request.headers.getall("Origin", [])),
        must_have_origin=request.path == WEBSOCKET or request.method not in ("GET", "HEAD"),
        cookie=request.cookies.get(cookie_name, ""),
        token=request.query.get("token", ""),
    )


async def _keep_in(request: web.Request, response: web.StreamResponse) -> None:
    """Nothing from elsewhere is loaded, no other page shows this one or learns its address, and none of it is kept."""
    here = f"'self' ws://{request.headers.get('Host', '')}"
    inline = "'self' 'unsafe-inline'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; script-src {inline}; style-src {inline}; img-src 'self' data:; connect-src {here}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
