"""What a run cannot do is refused before anything of it changes."""

from pathlib import Path

import pytest

from tests.factories import keep_checkpoint, make_run, make_spec
from tui_optim.runs.orders import give_order
from tui_optim.spec.commands import Order
from tui_optim.spec.errors import UsageError
from tui_optim.store.home import open_home


def test_a_finished_run_whose_file_is_gone_is_not_extended(tmp_path: Path) -> None:
    """It stays finished, with its results."""
    home, path = open_home(tmp_path / "home"), tmp_path / "own.py"
    own = make_spec().model_copy(update={"optimizer_origin": str(path), "optimizer_sha256": "0" * 64})
    run = make_run(home, own)
    keep_checkpoint(run, 2)
    for complaint in ("it is not there any more", "the file has changed"):
        with pytest.raises(UsageError, match=f"^plugin {path}: {complaint}"):
            give_order(home, run.run_id, Order(command="extend", value=1.0))
        assert run.folder.read_status().state == "finished"
        path.write_text("another", encoding="utf-8")
