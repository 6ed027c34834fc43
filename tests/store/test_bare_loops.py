"""The limits that a home has measured."""

from pathlib import Path

from tests.factories import make_spec
from tui_optim.store.bare_loops import bare_key, keep_bare_loop, read_bare_loops
from tui_optim.store.home import open_home


def test_limits_are_kept(tmp_path: Path) -> None:
    """Each under what it is of; what is no limit, or no file of ours, is none."""
    home = open_home(tmp_path)
    assert read_bare_loops(home) == {}
    one = bare_key(make_spec(), device="cpu: Test CPU", threads=1)
    two = bare_key(make_spec(), device="cpu: Test CPU", threads=2)
    keep_bare_loop(home, one, 5000.0)
    keep_bare_loop(home, two, 9000.0)
    assert read_bare_loops(home) == {one: 5000.0, two: 9000.0}
    (home.root / "bare-loops.json").write_text('{"a": "NaN", "b": -1, "c": 3.5}')
    assert read_bare_loops(home) == {"c": 3.5}
    (home.root / "bare-loops.json").write_text("[]")
    assert read_bare_loops(home) == {}
