"""Reading what the machine offers."""

import os
from pathlib import Path

import pytest

from tui_optim.runs.machine import check_ray_address, cpu_budget
from tui_optim.spec.errors import UsageError


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake cgroup tree on a machine of 64 cores; the process is in /job."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    monkeypatch.setattr("psutil.cpu_count", lambda **_: 64)
    (tmp_path / "job").mkdir()
    (tmp_path / "own").write_text("0::/job\n", encoding="ascii")
    return tmp_path


@pytest.mark.parametrize(
    ("root_quota", "job_quota", "budget"),
    [
        (None, None, 64),
        (None, "max 100000", 64),
        (None, "200000 100000", 2),
        (None, "250000 100000", 2),
        (None, "50000 100000", 1),
        ("400000 100000", "800000 100000", 4),
        (None, "nonsense", 64),
    ],
)
def test_quota_bounds_the_threads(cgroup: Path, root_quota: str | None, job_quota: str | None, budget: int) -> None:
    """The smallest quota on the way to the root counts, rounded down, at least one."""
    for folder, quota in ((cgroup, root_quota), (cgroup / "job", job_quota)):
        if quota is not None:
            (folder / "cpu.max").write_text(quota, encoding="ascii")
    assert cpu_budget(cgroup_root=cgroup, own_cgroup=cgroup / "own") == budget


def test_affinity_bounds_the_threads(cgroup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process pinned to three cores gets three threads."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 5, 9})
    assert cpu_budget(cgroup_root=cgroup, own_cgroup=cgroup / "own") == 3


def test_version_one_quota_counts(cgroup: Path) -> None:
    """The older files are read too."""
    (cgroup / "cpu").mkdir()
    (cgroup / "cpu" / "cpu.cfs_quota_us").write_text("150000", encoding="ascii")
    (cgroup / "cpu" / "cpu.cfs_period_us").write_text("100000", encoding="ascii")
    assert cpu_budget(cgroup_root=cgroup, own_cgroup=cgroup / "own") == 1


@pytest.mark.parametrize("address", ["head:port", "head:", "ray://head:10001x"])
def test_an_address_without_a_port_is_no_crash(address: str) -> None:
    """RAY_ADDRESS comes from the environment, where nobody has checked it."""
    with pytest.raises(UsageError, match=r"no Ray cluster at .*: expected host:port"):
        check_ray_address(address)
