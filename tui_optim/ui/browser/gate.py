"""Who may see the app in a browser: whoever opens the link first, from a page of this server, by a name of this machine.

The link holds a token that works once and is exchanged for a cookie. `Host` is looked at because a page from elsewhere may give
its own name this machine's address (DNS rebinding), `Origin` because any page may open a websocket to any address. Secrets are
compared in constant time, and live in memory alone.
"""

import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
NOT_HERE = "Refused: this address is none under which `tui-optim serve` was started."
NOT_FROM_THERE = "Refused: another page asks for this one."
NOT_YOU = (
    "Refused: the link of `tui-optim serve` works once, for the browser that opens it. Start it again for another link."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a request says of itself; '' for what it does not say."""

    host: str
    """Name and port under which it looks for us."""
    origin: str = ""
    """The page that asks."""
    must_have_origin: bool = False
    """Whether browsers always say the page: of websockets, and of whatever changes something."""
    cookie: str = ""
    token: str = ""


class Gate:
    """Judges visits. One browser gets in; all of its tabs share the cookie."""

    def __init__(self, *, port: int, names: Iterable[str] = (), is_open: bool = False) -> None:
        """`names` are further ones of this machine; open to the network, any address, which is no name, is one too."""
        self.port = port
        self.cookie_name = f"tui-optim-{port}"
        """Browsers keep cookies of all ports together."""
        self._names = frozenset(name.lower() for name in (*LOOPBACK_NAMES, *names))
        self._is_open = is_open
        self._token: str | None = secrets.token_urlsafe(32)
        self._cookie = secrets.token_urlsafe(32)

    def link(self, name: str) -> str:
        """What to open, by a name of this machine."""
        return f"http://{name}:{self.port}/?token={self._token}"

    def refusal(self, visit: Visit) -> str:
        """Why a visit comes from where it must not; '' where it may come from there."""
        if not self._is_ours(visit.host):
            return NOT_HERE
        if visit.origin.lower() != f"http://{visit.host}".lower() and (visit.origin or visit.must_have_origin):
            return NOT_FROM_THERE
        return ""

    def knows(self, visit: Visit) -> bool:
        """Whether it has the cookie."""
        return _is_same(visit.cookie, self._cookie)

    def exchange(self, visit: Visit) -> str | None:
        """The cookie for the token, once; None for any other."""
        if self._token is None or not _is_same(visit.token, self._token):
            return None
        self._token = None
        return self._cookie

    def _is_ours(self, host: str) -> bool:
        name, _, port = host.lower().rpartition(":")
        return port == str(self.port) and (name in self._names or (self._is_open and _is_address(name)))


def is_same_machine(host: str) -> bool:
    """Whether a browser takes a page under this name for one of its own machine: such a page may fill its clipboard."""
    return host.rpartition(":")[0] in LOOPBACK_NAMES


def _is_same(given: str, secret: str) -> bool:
    return secrets.compare_digest(given.encode(errors="replace"), secret.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
