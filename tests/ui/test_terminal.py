"""The app in a real terminal."""

from pathlib import Path

from tests.benchmarks.terminal import AppInTerminal
from tui_optim.store.files import held_lock
from tui_optim.store.home import open_home


def test_the_app_is_seen_where_its_errors_go_to_a_file(tmp_path: Path) -> None:
    """`tui-optim 2>log` draws on the terminal, and nothing of it is in the file."""
    home, errors = open_home(tmp_path / "home"), tmp_path / "log"
    with held_lock(home.supervisor_lock):  # the app starts none
        app = AppInTerminal(home.root, errors=errors)
        app.wait_for(b"LeNet-5 on Fashion", limit_s=100.0)
        app.hang_up()
    assert errors.read_text(encoding="utf-8") == ""
