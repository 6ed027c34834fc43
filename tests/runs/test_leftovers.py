"""What the supervisor finds that nobody works on."""

from dataclasses import replace
from pathlib import Path

from tests.factories import make_spec
from tui_optim.runs.leftovers import Leftovers
from tui_optim.store.home import open_home
from tui_optim.store.new_runs import create_run
from tui_optim.store.status import Status, write_status


def test_only_runs_with_work_in_them_are_found(tmp_path: Path) -> None:
    """Not what is at its end, is taken care of or cannot be read; a run that is queued again is found by a whole look."""
    home = open_home(tmp_path)
    queued, ended, taken, broken = (create_run(home, make_spec(seed=seed), versions={}) for seed in range(4))
    write_status(ended.status, Status(state="finished"))
    broken.status.write_text("{", encoding="utf-8")
    leftovers = Leftovers(home)

    def found(*, is_glance: bool) -> list[str]:
        return [run_id for run_id, _ in leftovers.found(known={taken.run_id}, is_glance=is_glance)]

    assert found(is_glance=True) == [queued.run_id]
    write_status(ended.status, replace(ended.read_status(), state="queued"))
    assert found(is_glance=True) == [queued.run_id]
    assert sorted(found(is_glance=False)) == sorted([queued.run_id, ended.run_id])
