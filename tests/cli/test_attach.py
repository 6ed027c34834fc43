"""`tui-optim attach` where it cannot be carried out."""

from pathlib import Path

from tests.cli.calling import Caller
from tests.ui.stage import write_run
from tui_optim.store.home import open_home


def test_there_must_be_something_to_attach_to(call: Caller, home: Path) -> None:
    """A home without runs is named, and is not made by being asked about."""
    answer = call("attach", "--read-only")
    assert answer.code == 2
    assert f"nothing to attach to: {home} has no runs yet" in answer.err
    assert not home.exists()


def test_a_script_has_no_terminal_to_attach(call: Caller, home: Path) -> None:
    """One line says what to use there."""
    write_run(open_home(home), "adam")
    answer = call("attach")
    assert answer.code == 2
    assert "the app needs a terminal" in answer.err
