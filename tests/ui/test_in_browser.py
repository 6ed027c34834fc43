"""The app in a real browser: a run is started there, its curve moves, and its results are written.

Debian: `apt-get install -y --no-install-recommends chromium`, then `pytest -m browser -n 0`.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.runs.lab import Lab
from tests.ui.chromium import Page, chromium

pytestmark = pytest.mark.browser
WIDTH, HEIGHT = 1200, 800
CHART = (0.29, 0.06, 0.52, 0.38)
"""Where the loss is drawn, and no toast: shares of width and height."""


@pytest.fixture
def link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of a server with a home, a configuration and a working folder of its own; it and what it started end with the test."""
    for name in ("HOME", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"TUI_OPTIM_{name}", str(tmp_path / name.lower()))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text("tour = false\n", encoding="utf-8")
    command = [sys.executable, "-m", "tui_optim", "serve"]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=os.environ)
    assert server.stdout is not None
    yield next(found[0] for line in server.stdout if (found := re.search(r"http://\S+", line)))
    server.kill()
    server.communicate()
    Lab(tmp_path / "home").close()


async def chart(page: Page, path: Path) -> bytes:
    """What of the picture shows the loss; all of it is kept in a file."""
    path.write_bytes(await page.picture())
    picture = Image.open(path).convert("RGB")
    left, top, right, bottom = CHART
    box = (left * picture.width, top * picture.height, right * picture.width, bottom * picture.height)
    return picture.crop(tuple(map(int, box))).tobytes()  # type: ignore[arg-type]


async def choose(page: Page, words: str, effect: str) -> None:
    """From the palette, by what it finds."""
    await page.press(":")
    await page.until("Search for commands")
    await page.press(*words)
    await page.until(effect)
    await page.press("\r")


async def test_a_run_is_started_watched_and_exported_in_a_browser(link: str, tmp_path: Path) -> None:
    """By keys alone; nothing is loaded from elsewhere, and the link opens nothing a second time."""
    async with chromium(width=WIDTH, height=HEIGHT) as page:
        await page.open(link)
        await page.until("2 Preset")
        await choose(page, "scenario: circles", "enter goes there")
        await page.until("Two noisy rings")
        await choose(page, "queue: sgd by hand", "enter queues it on")
        empty = await chart(page, tmp_path / "begun.png")
        seen = {empty}
        while len(seen) < 4:
            seen.add(await chart(page, tmp_path / "running.png"))
        await page.until("finished")
        await page.press("w")
        await page.until("Export results")
        await page.press("\r")
        await page.until("Wrote 1 run")
        await chart(page, tmp_path / "exported.png")
        written = (tmp_path / "results.md").read_text(encoding="utf-8")
        assert "sgd-by-hand" in written
        await page.do("Browser.grantPermissions", permissions=["clipboardReadWrite"])  # for reading it here
        assert await page.evaluate("navigator.clipboard.readText()") == written
        assert {urlsplit(one).netloc for one in page.answered} == {urlsplit(link).netloc}
        await page.do("Network.clearBrowserCookies")
        await page.open(link)
        assert "works once" in await page.text()
