"""A folder in which all happens: home, configuration and cache of the product, and a place where nothing may appear."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import keep_checkpoint, make_preset, make_run, make_spec
from tests.sweep_factories import make_plan, write_sweep
from tui_optim.store.files import FileLock
from tui_optim.store.home import Home, open_home

OWN_PRESET = 'name = "Mine"\nfamily = "basic"\noptimizer = "sgd"\nadvice = "one line"\n[hyperparameters]\nlr = 0.1\n'


class Sandbox:
    """The folder `root`, with a home of a few runs and a sweep that can be put back as it was."""

    def __init__(self, root: Path) -> None:
        """Made anew; whoever works in it stands in `work`, four folders deep."""
        self.root = root
        self.work = root / "a" / "b" / "c" / "work"
        self.work.mkdir(parents=True)
        for name in ("user", "config", "cache", "tmp"):
            (root / name).mkdir()
        self.home = open_home(root / "home")
        self._sound = root / "sound"
        self._held = FileLock(self.home.supervisor_lock)
        self._before: set[str] = set()

    def settle(self) -> None:
        """What is there now is what `restore` puts back, and from now on no supervisor is started: one seems to work."""
        shutil.copytree(self.home.root, self._sound)
        (self.home.root / "supervisor.lock").touch()
        assert self._held.acquire()
        self._before = set(self.strangers())

    def restore(self) -> None:
        """Put the home back."""
        for path in self.home.root.iterdir():
            if path.name != "supervisor.lock":
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        shutil.copytree(self._sound, self.home.root, dirs_exist_ok=True)

    def strangers(self) -> Iterator[str]:
        """Whatever is outside of home, configuration and cache."""
        ours = {str(self.root / name) for name in ("home", "config", "cache", "sound")}
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if os.path.join(folder, name) not in ours]  # noqa: PTH118 - any bytes
            yield from (os.path.join(folder, name) for name in (*folders, *files))  # noqa: PTH118

    def check(self, *, writes_here: bool) -> None:
        """Nothing has been written outside, but into the working folder where a command was told to."""
        new = set(self.strangers()) - self._before
        inside = {path for path in new if path.startswith(f"{self.root / 'a'}{os.sep}")} if writes_here else set()
        for path in sorted(inside, reverse=True):
            os.rmdir(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)  # noqa: PTH106, PTH108, PTH112, PTH114
        assert not new - inside, sorted(new - inside)


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """With runs in many states and a sweep; whatever looks for a folder of the user's finds one in here."""
    made = Sandbox(tmp_path / "box")
    point_to(made, monkeypatch)
    fill(made.home)
    (made.root / "config" / "presets").mkdir()
    (made.root / "config" / "presets" / "mine.toml").write_text(OWN_PRESET, encoding="utf-8")
    made.settle()
    return made


def point_to(made: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the environment into the sandbox; no network."""
    for name in ("TUI_OPTIM_DATA", "TUI_OPTIM_DEBUG", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("home", "config", "cache"):
        monkeypatch.setenv(f"TUI_OPTIM_{name.upper()}", str(made.root / name))
    monkeypatch.setenv("HOME", str(made.root / "user"))
    monkeypatch.setenv("TMPDIR", str(made.root / "tmp"))
    for name in ("CONFIG_HOME", "DATA_HOME", "CACHE_HOME", "STATE_HOME"):
        monkeypatch.setenv(f"XDG_{name}", str(made.root / "user"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("MPLCONFIGDIR", str(made.root / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(made.work)


def fill(home: Home) -> None:
    """Runs at several ends, two of one setting, one with checkpoints; and a sweep."""
    finished = make_run(home, make_spec(seed=1))
    keep_checkpoint(finished, 1, stays=True)
    keep_checkpoint(finished, 2, is_best=True)
    make_run(home, make_spec(seed=2))
    make_run(home, make_spec(seed=3), state="diverged", reason="the training loss is not finite from step 17 on")
    make_run(home, make_spec(seed=4), state="failed", reason="the worker died three times")
    make_run(home, make_spec("circles", make_preset("sgd-by-hand", optimizer="sgd-by-hand")), state="queued")
    make_run(home, make_spec("mlp-fashion", make_preset("adam", optimizer="adam")), state="running")
    write_sweep(home, [0.5, "diverged", 0.4, "pruned"], plan=make_plan(epochs=2))
