"""Files that users write: presets, sweeps, settings, the layout; whatever is in them, a line says what is wrong."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import strategies as st

from tests.attacks.mutation import broken_bytes, broken_json, json_bytes
from tests.attacks.withstanding import num_cases, refused_calmly, withstand
from tests.factories import make_source
from tui_optim.spec.presets import load_preset
from tui_optim.spec.run import resolve_run
from tui_optim.spec.sweeps.file import load_plan
from tui_optim.spec.sweeps.sweep import resolve_sweep
from tui_optim.store.library import load_library
from tui_optim.store.remembered import load_remembered
from tui_optim.store.settings import load_settings, store_setting

PRESETS = Path(__file__).parents[2] / "presets"
SETTINGS = b"""# mine
theme = "nord"
refresh_hz = 2.5
mouse = false
[keys]
race = "ctrl+r"
chart.zoom = "z"
"""
LAYOUT = b'{"scenario": "circles", "axis": "epoch", "smoothing": 0.6, "is_log_x": true, "second": "lr"}'


def use_preset(path: Path) -> None:
    """Read it, resolve a run, repeat its words."""
    preset = load_preset(path)
    assert preset.name.isprintable()
    assert all(line.isprintable() for line in preset.formula_text.splitlines())
    resolve_run("mlp-fashion", preset, data=make_source())


def use_plan(path: Path) -> None:
    """Read it, and resolve it as far as the program's own presets and data go."""
    plan = load_plan(path)
    library = load_library()
    presets = {name: library.find(name) for name in plan.presets}
    names = {"fashion-mnist", "mnist"}
    resolve_sweep(plan, presets, data={name: make_source(dataset=name) for name in names})


def use_settings(path: Path) -> None:
    """Read them; then change one, which leaves the file broken or whole as it was."""
    stored = load_settings(path)
    assert all(line.isprintable() for line in stored.problems)
    store_setting("theme", "dark", path=path)
    assert load_settings(path).settings.theme == "dark"


def use_layout(path: Path) -> None:
    """Nothing is said about it."""
    load_remembered(path)


def _toml(paths: list[Path]) -> st.SearchStrategy[bytes]:
    bodies = [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]
    contents = [path.read_bytes() for path in paths]
    changed = st.sampled_from(bodies).flatmap(broken_json).map(_as_toml)
    return changed | st.sampled_from(contents).flatmap(broken_bytes)


def _as_toml(body: Any) -> bytes:
    """As TOML, or where it has no word for a value, JSON: something that is no TOML."""
    try:
        return tomlkit.dumps(body).encode(errors="surrogatepass")
    except Exception:  # noqa: BLE001 - the writer's own limits are not what is tried here
        return json_bytes(body)


FILES: dict[str, tuple[str, Callable[[Path], None], st.SearchStrategy[bytes]]] = {
    "presets": ("mine.toml", use_preset, _toml(sorted(PRESETS.glob("optimizers/*/*.toml"))[::6])),
    "sweeps": ("mine.toml", use_plan, _toml(sorted(PRESETS.glob("sweeps/m*.toml")))),
    "settings": (
        "settings.toml",
        use_settings,
        broken_bytes(SETTINGS),
    ),
    "layout": (
        "layout.json",
        use_layout,
        broken_bytes(LAYOUT) | broken_json(tomllib.loads('axis = "epoch"\nsmoothing = 0.6')).map(json_bytes),
    ),
}


@pytest.mark.parametrize("kind", FILES)
@num_cases(8, 600)
def test_a_file_is_understood_or_refused(tmp_path: Path, kind: str, num_cases: int) -> None:
    """Never anything but a UsageError; its line names the file and is one that a terminal can show."""
    name, use, contents = FILES[kind]
    path = tmp_path / name

    def check(content: bytes) -> None:
        path.write_bytes(content)
        with refused_calmly():
            use(path)

    withstand(contents, check, num_cases=num_cases)
