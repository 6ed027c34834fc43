"""The report in a real browser: it shows its text and figures, reports no error, and asks nobody for anything.

Debian: `apt-get install -y --no-install-recommends chromium`, then `pytest -m browser -n 0`.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.report.document.pages import Page
from tests.report.figures.drawing import logs, write_diverged, write_runs
from tests.report.hostile import FILE_NAME
from tui_optim.report.exports import report_files
from tui_optim.store.home import open_home

pytestmark = pytest.mark.browser
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--enable-logging=stderr",
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A report of two scenarios with a hostile name, a diverged run and every figure that a test and a sweep have."""
    home = open_home(tmp_path / "home")
    values = [[0.1, 0.7, 0.85], [0.1, 0.72, 0.86]]
    runs = [
        run
        for scenario in ("lenet5-fashion", "mlp-fashion")
        for preset in ("sgd", "adam", FILE_NAME)
        for run in write_runs(home, preset, values, scenario=scenario)
    ]
    runs.append(write_diverged(home, "adam"))
    runs += [
        run
        for rate in (0.01, 0.1, 1.0)
        for size in (32, 64)
        for run in write_runs(home, "sgd", [[0.1, 0.5]], holdout=True, overrides={"lr": rate, "batch_size": size})
    ]
    path = tmp_path / "report.html"
    path.write_bytes(report_files(runs, logs(runs), form="html", name=path.name)[path.name])
    return path


def browse(page: Path, *options: str) -> tuple[str, list[str], list[str]]:
    """Open the page; returns its document, what stands on the console, and the addresses that were asked for."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert browser, "no Chromium: apt-get install chromium"
    profile, log = page.parent / "profile", page.parent / "net.json"
    shutil.rmtree(profile, ignore_errors=True)
    command = [browser, *FLAGS, f"--user-data-dir={profile}", f"--log-net-log={log}", *options, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, console, requested(json.loads(log.read_text(encoding="utf-8")))


def requested(log: dict[str, Any]) -> list[str]:
    """The addresses that the page asked for, from Chromium's log of its network; its own errands have no origin."""
    asked = (event.get("params", {}) for event in log["events"])
    return sorted({one["url"] for one in asked if one.get("initiator", "not an origin") != "not an origin"})


def colours(path: Path, box: Sequence[float] = (0.0, 0.0, 1.0, 1.0)) -> dict[tuple[int, ...], int]:
    """How often each colour occurs in a part of a picture."""
    picture = Image.open(path).convert("RGB")
    width, height = picture.size
    part = picture.crop((int(box[0] * width), int(box[1] * height), int(box[2] * width), int(box[3] * height)))
    found = part.getcolors(part.width * part.height) or []
    return {tuple(colour): count for count, colour in found if isinstance(colour, tuple)}


def test_the_page_shows_its_text_and_reports_no_error(page: Path) -> None:
    """The browser's document has every table and figure of the file; the console is empty; nothing is asked for."""
    document, console, addresses = browse(page, "--dump-dom")
    assert console == []
    assert addresses == []
    written = Page(page.read_text(encoding="utf-8"))
    assert "Optimizers on 2 scenarios" in document
    assert document.count("<svg") == written.tags.count("svg") == 8
    assert document.count("<table>") == len(written.tables)
    assert "<script" not in document
    assert "alert(1)" in document


def test_what_would_be_seen_of_a_page_that_is_not_so(tmp_path: Path) -> None:
    """An error on the console and a picture from elsewhere do show up in what is looked at here."""
    page = tmp_path / "bad.html"
    page.write_text('<img src="http://127.0.0.1:9/x.png"><script>console.error("oops")</script>', encoding="utf-8")
    _, console, addresses = browse(page, "--dump-dom")
    assert any("oops" in line for line in console)
    assert addresses == ["http://127.0.0.1:9/x.png"]


@pytest.mark.parametrize("width", [1200, 420])
def test_the_page_is_drawn_in_light_and_dark(page: Path, width: int) -> None:
    """The ground is the theme's, and there is ink on it."""
    grounds = {"light": (0xFE, 0xFE, 0xFE), "dark": (0x14, 0x19, 0x1E)}
    for scheme, ground in grounds.items():
        picture = page.parent / f"{scheme}.png"
        options = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
        browse(page, f"--window-size={width},4000", f"--screenshot={picture}", *options)
        found = colours(picture)
        total = sum(found.values())
        assert found[ground] > 0.5 * total
        assert len(found) > 100


def test_the_page_can_be_printed(page: Path) -> None:
    """As a PDF of several pages, on white."""
    target = page.parent / "report.pdf"
    browse(page, "--no-pdf-header-footer", f"--print-to-pdf={target}")
    content = target.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) > 3
