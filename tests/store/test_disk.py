"""What a home takes on disk."""

import os
from pathlib import Path

from tests.factories import make_run, make_spec
from tui_optim.store.checkpoints import Checkpoint, save_checkpoint
from tui_optim.store.disk import disk_use, run_use
from tui_optim.store.home import open_home

SIZE = 1 << 20


def checkpoint(step: int) -> Checkpoint:
    """One of a megabyte that no file system can pack."""
    return Checkpoint(seq=step, content=os.urandom(SIZE), step=step, epoch=0)


def test_bytes_with_several_names_count_once(tmp_path: Path) -> None:
    """One that stays is the last one too, and a fork of it begins with the same bytes; the cache is beside the home."""
    home, cache = open_home(tmp_path / "home"), tmp_path / "cache"
    parent, child = make_run(home, make_spec()).folder, make_run(home, make_spec(seed=43)).folder
    save_checkpoint(parent.checkpoints, checkpoint(5), is_best=False, stays=True)
    os.link(parent.checkpoints / "step-000005.pt", child.checkpoints / "branch.pt")
    cache.mkdir()
    (cache / "images.gz").write_bytes(os.urandom(SIZE))

    use, one = disk_use(home, cache=cache), run_use(parent)

    assert SIZE <= use.checkpoints < 1.1 * SIZE
    assert SIZE <= one.checkpoint_bytes < 1.1 * SIZE
    assert one.checkpoint_bytes < one.total_bytes < 1.5 * SIZE
    assert SIZE <= use.cache < 1.1 * SIZE
    assert 0 < use.runs < SIZE
    assert (use.num_runs, use.num_sweeps) == (2, 0)
    assert (use.num_runs, disk_use(home, cache=tmp_path / "none").cache) == (2, 0)
