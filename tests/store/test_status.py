"""The status file: complete, strict, and honest about dead workers."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_result, make_spec
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import STATES, RunState
from tui_optim.store.liveness import current_identity
from tui_optim.store.status import Status, read_status, write_status

RESULT = replace(make_result(make_spec(), 1), train_loss=math.inf)


@pytest.mark.parametrize("state", STATES)
def test_a_status_survives_the_disk(tmp_path: Path, state: RunState) -> None:
    """Every field reads back, infinite losses included."""
    status = Status(
        state=state,
        epoch=1,
        epochs=10,
        step=938,
        effective_epochs=9.5,
        loss=math.inf,
        eta_s=12.5,
        attempt=2,
        device="cpu",
        reason="",
        latest=RESULT,
        final=RESULT,
        best=None,
        owner=current_identity(),
    )
    write_status(tmp_path / "status.json", status)
    read = read_status(tmp_path / "status.json")
    assert read.heartbeat > 0
    assert replace(read, heartbeat=0.0) == status


def test_nan_is_kept(tmp_path: Path) -> None:
    """JSON has no NaN; the status has."""
    write_status(tmp_path / "status.json", Status(state="diverged", loss=math.nan))
    loss = read_status(tmp_path / "status.json").loss
    assert loss is not None
    assert math.isnan(loss)


def test_a_running_status_of_a_dead_process_is_interrupted(tmp_path: Path) -> None:
    """A worker that was killed cannot say so; its readers can."""
    dead = replace(current_identity(), start_ticks=1)
    write_status(tmp_path / "status.json", Status(state="running", eta_s=5.0, owner=dead))
    status = read_status(tmp_path / "status.json")
    assert (status.state, status.eta_s) == ("interrupted", None)


def test_the_result_is_the_final_one_where_there_is_one() -> None:
    """Lists show the end, and before it the latest epoch."""
    final = make_result(make_spec(), 2)
    assert Status(state="running", latest=RESULT).result == RESULT
    assert Status(state="finished", latest=RESULT, final=final).result == final


def test_a_status_of_a_newer_version_is_not_guessed_at(tmp_path: Path) -> None:
    """Its states may be others: a finished run of a newer version is no failed one."""
    path = tmp_path / "status.json"
    write_status(path, Status(state="finished"))
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "version": 2, "state": "hibernating"}))
    with pytest.raises(StoreError, match="written by a newer tui-optim, in format 2; update to read it"):
        read_status(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epoch", "x"),
        ("epoch", 1e999),
        ("loss", "high"),
        ("latest", {"epoch": 1}),
        ("owner", {"pid": 1}),
        ("step", None),
        ("state", "hibernating"),
        ("version", "two"),
    ],
)
def test_a_damaged_field_is_a_damaged_file(tmp_path: Path, name: str, value: object) -> None:
    """No half-read status reaches a table."""
    path = tmp_path / "status.json"
    write_status(path, Status(state="finished"))
    path.write_text(json.dumps({**json.loads(path.read_bytes()), name: value}))
    with pytest.raises(StoreError, match=r"status\.json: damaged"):
        read_status(path)


@given(content=st.binary(max_size=40))
def test_rubbish_is_a_damaged_file(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever bytes stand there, the error is one line that names the file."""
    path = tmp_path_factory.mktemp("status") / "status.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        read_status(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    """The reason of the system is in the message."""
    with pytest.raises(StoreError, match="No such file"):
        read_status(tmp_path / "status.json")
