"""Chromium without a window, told what to do over its own debugging protocol (CDP)."""

import asyncio
import base64
import json
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from tests.benchmarks.lines import TerminalLines

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--remote-debugging-port=0",
)  # fmt: skip
PATIENCE_S = 60.0
KEYS = {"\r": ("Enter", 13), "\x1b": ("Escape", 27), "\t": ("Tab", 9)}


class Page:
    """A tab: what it shows, what it is sent, and keys."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        """`socket` leads to the tab."""
        self._socket = socket
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._lines = TerminalLines()
        self.said = ""
        """Every line that the app in the page has written, as it became."""
        self.answered: list[str] = []
        """Addresses from which something came."""
        self._reader = asyncio.create_task(self._read())

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the protocol, and its result."""
        number = len(self._answers) + 1
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(self._answers[number], PATIENCE_S)

    async def open(self, address: str) -> None:
        """Go there."""
        for domain in ("Page", "Network", "Runtime"):
            await self.do(f"{domain}.enable")
        await self.do("Emulation.setFocusEmulationEnabled", enabled=True)  # as if somebody looked at it
        await self.do("Page.navigate", url=address)

    async def press(self, *keys: str) -> None:
        """Press keys, each a character."""
        for key in keys:
            name, code = KEYS.get(key, (key, ord(key.upper())))
            about = {"key": name, "text": key, "unmodifiedText": key, "windowsVirtualKeyCode": code}
            await self.do("Input.dispatchKeyEvent", type="keyDown", **about)
            await self.do("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)

    async def evaluate(self, script: str) -> Any:
        """What a script in the page comes to."""
        done = await self.do("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return done["result"].get("value")

    async def text(self) -> str:
        """What a page that is no app says, once it has been read."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await self.evaluate("document.body ? document.body.innerText : ''")):
                await asyncio.sleep(0.02)
        return str(found)

    async def picture(self) -> bytes:
        """What can be seen, as PNG."""
        return base64.b64decode((await self.do("Page.captureScreenshot", format="png"))["data"])

    async def until(self, words: str) -> None:
        """Wait for what the app says from now on, or has said since the last such wait."""
        await self._wait(lambda: words in self.said, words)
        self.said = self.said.partition(words)[2]

    async def close(self) -> None:
        """Listen no more."""
        self._reader.cancel()
        await self._socket.close()

    async def _wait(self, is_so: Callable[[], bool], words: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not is_so():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"the page never said {words!r}; last: {self.said[-2000:]}") from None

    async def _read(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers[told["id"]].set_result(told.get("result", {}))
            elif told["method"] == "Network.responseReceived":
                self.answered.append(told["params"]["response"]["url"])
            elif told["method"] == "Network.webSocketFrameReceived":
                frame = told["params"]["response"]
                if frame["opcode"] == 2:
                    self.said += self._lines.feed(base64.b64decode(frame["payloadData"])) + "\n"


@asynccontextmanager
async def chromium(*, width: int, height: int) -> AsyncIterator[Page]:
    """A browser with one tab of this size in pixels; it is ended with the block."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert browser, "no Chromium: apt-get install chromium"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = [*FLAGS, f"--window-size={width},{height}", f"--user-data-dir={profile}", "about:blank"]
        process = await asyncio.create_subprocess_exec(browser, *flags, stdout=DEVNULL, stderr=DEVNULL)
        try:
            async with ClientSession() as session:
                port = await _debugging_port(process, Path(profile))
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    (tab,) = [one for one in await answer.json(content_type=None) if one["type"] == "page"]
                page = Page(await session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0))
                yield page
                await page.close()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _debugging_port(process: Process, profile: Path) -> int:
    """Chromium writes it into its profile once it listens."""
    told = profile / "DevToolsActivePort"
    async with asyncio.timeout(PATIENCE_S):
        while not (told.is_file() and "\n" in (text := told.read_text(encoding="utf-8"))):
            assert process.returncode is None, "Chromium ended by itself"
            await asyncio.sleep(0.02)
    return int(text.splitlines()[0])
