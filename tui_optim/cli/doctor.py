"""`tui-optim doctor`: what this machine offers, and what would go wrong."""

import json
import os
import subprocess
import sys

import typer

from tui_optim.cli.options import Json
from tui_optim.cli.saying import say


def doctor(is_json: Json = False) -> None:
    """Check device, data, home, presets and terminal. Example: tui-optim doctor"""
    checks = _machine() + _torch() + _data() + _home() + _engines() + _browser() + _presets() + _terminal()
    if is_json:
        print(json.dumps({"checks": [{"name": n, "ok": ok, "text": text} for n, ok, text in checks]}, indent=2))
    else:
        for name, is_ok, text in checks:
            say(f"{'ok  ' if is_ok else 'LOOK'}  {name:<10}  {text}")
    raise typer.Exit(0 if all(is_ok for _, is_ok, _ in checks) else 1)


Check = tuple[str, bool, str]


def _machine() -> list[Check]:
    from tui_optim.runs.logout import logout_danger
    from tui_optim.runs.machine import accelerator_names, cpu_budget, versions

    found = versions()
    checks: list[Check] = [
        ("versions", True, ", ".join(f"{name} {version}" for name, version in found.items())),
        ("cpu", True, f"{cpu_budget()} thread(s) within affinity and cgroup quota"),
        ("nvidia", True, ", ".join(accelerator_names()) or "no NVIDIA device"),
    ]
    if danger := logout_danger():
        checks.append(("logout", False, danger))
    return checks


def _torch() -> list[Check]:
    """Asked in a process of its own: this one never imports torch."""
    code = (
        "import torch; d = torch.accelerator.current_accelerator(check_available=True) or 'cpu';"
        "print(f'torch {torch.__version__} computes on {d}')"
    )
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return [("torch", False, "torch takes more than two minutes to load")]
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return [("torch", False, f"torch cannot be loaded: {last}")]
    return [("torch", True, done.stdout.strip())]


def _data() -> list[Check]:
    from tui_optim.spec.datasets import DATASETS
    from tui_optim.spec.errors import UsageError
    from tui_optim.store.datasets import damaged_links, find_source

    checks: list[Check] = []
    for dataset_id in DATASETS:
        try:
            source = find_source(dataset_id)
        except UsageError as error:
            checks.append((dataset_id, False, str(error)))
            continue
        checks += [(dataset_id, False, problem) for problem in damaged_links(dataset_id)]
        hint = "; `tui-optim data fetch` gets the full set" if source.kind == "sample" else ""
        checks.append((dataset_id, True, f"{source.kind} data from {source.folder}{hint}"))
    return checks


def _home() -> list[Check]:
    from tui_optim.runs.client import Client
    from tui_optim.runs.footprint import footprints
    from tui_optim.spec.errors import StoreError
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    try:
        home = open_home()
    except StoreError as error:
        return [("home", False, str(error))]
    client, catalogue = Client(home), Catalogue(home)
    state = "running" if client.is_supervised() else "not running"
    is_left = state == "not running" and client.has_work()
    hint = " though there is work: `tui-optim status` brings it back" if is_left else ""
    text = f"{home.root}, {len(catalogue.runs()):,} runs, supervisor {state}{hint}"
    checks: list[Check] = [("home", not is_left, text)]
    if problem := client.lack_of_space():
        checks.append(("disk", False, problem))
    checks += [("runs", False, problem) for problem in sorted(catalogue.damaged.values())]
    checks += [("memory", True, one.summary) for one in footprints(home)]
    return checks


def _engines() -> list[Check]:
    """What could execute runs besides this machine's workers; none of it need be there."""
    from tui_optim.runs.machine import check_executor
    from tui_optim.spec.errors import UsageError
    from tui_optim.spec.executors import EXECUTOR_KINDS, resolve_executor

    usable: list[str] = []
    problems: list[str] = []
    for kind in EXECUTOR_KINDS:
        try:
            check_executor(resolve_executor(kind), device="auto")
            usable.append(kind)
        except UsageError as error:
            problems.append(str(error))
    return [("engines", True, "; ".join([", ".join(usable), *problems]))]


def _browser() -> list[Check]:
    """Whether `serve` can be used; it need not."""
    from tui_optim.spec.errors import UsageError
    from tui_optim.spec.extras import need_extra

    try:
        need_extra("web", needed_by="serve")
    except UsageError as error:
        return [("browser", True, str(error))]
    return [("browser", True, "`tui-optim serve` opens the app in one")]


def _presets() -> list[Check]:
    from tui_optim.store.library import load_library

    library = load_library()
    checks: list[Check] = [("presets", True, f"{len(library.presets)} presets")]
    return checks + [("presets", False, problem) for problem in library.problems]


def _terminal() -> list[Check]:
    """What the terminal is, and a line of each kind of curve: what looks wrong here looks wrong in the app."""
    from tui_optim.spec.settings import MARKERS
    from tui_optim.ui.look.glyphs import sample

    encoding = sys.stdout.encoding or "unknown"
    is_wide = encoding.lower().replace("-", "") == "utf8"
    name = os.environ.get("TERM", "no TERM")
    if not is_wide:
        text = f"{name}, encoding {encoding}: set LANG to a UTF-8 locale for more than ASCII"
        return [("terminal", False, text), ("ascii", True, f"{sample('ascii')}  the app shows curves like this here")]
    checks: list[Check] = [("terminal", True, f"{name}, θ ← θ − η g")]
    hint = "  (key A turns them, `tui-optim config set marker` keeps one)"
    return checks + [(one, True, sample(one) + (hint if one == MARKERS[-1] else "")) for one in MARKERS]
