"""What systemd's files say about processes after a logout."""

from pathlib import Path

import pytest

from tui_optim.cli.left_out import tell_danger
from tui_optim.runs.logout import IN_SESSION, UNDER_MANAGER, logout_danger
from tui_optim.spec.executors import LOCAL, resolve_executor

SESSION = "0::/user.slice/user-1000.slice/session-3.scope\n"
MANAGER = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope\n"
KILLS = "[Login]\nKillUserProcesses=yes\n"


def machine(root: Path, *, cgroup: str, files: dict[str, str]) -> Path:
    """The files of a machine, below a folder."""
    for name, text in {"proc/self/cgroup": cgroup, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("cgroup", "files", "expected"),
    [
        (SESSION, {}, ""),
        (SESSION, {"etc/systemd/logind.conf": "[Login]\n#KillUserProcesses=yes\n"}, ""),
        (SESSION, {"etc/systemd/logind.conf": KILLS}, IN_SESSION),
        (SESSION, {"usr/lib/systemd/logind.conf": KILLS}, IN_SESSION),
        (SESSION, {"usr/lib/systemd/logind.conf": KILLS, "etc/systemd/logind.conf": "[Login]\n"}, ""),
        (SESSION, {"etc/systemd/logind.conf": KILLS, "var/lib/systemd/linger/ada": ""}, IN_SESSION),
        (SESSION, {"usr/lib/systemd/logind.conf.d/10-kill.conf": KILLS}, IN_SESSION),
        (
            SESSION,
            {"etc/systemd/logind.conf": KILLS, "etc/systemd/logind.conf.d/50.conf": "KillUserProcesses = no"},
            "",
        ),
        (SESSION, {"etc/systemd/logind.conf": f"{KILLS}KillExcludeUsers=root ada\n"}, ""),
        (SESSION, {"etc/systemd/logind.conf": f"{KILLS}KillOnlyUsers=bob\n"}, ""),
        (MANAGER, {"etc/systemd/logind.conf": KILLS}, UNDER_MANAGER),
        (MANAGER, {"var/lib/systemd/linger/ada": ""}, ""),
        ("0::/\n", {"etc/systemd/logind.conf": KILLS}, ""),
    ],
)
def test_who_is_ended_at_logout(tmp_path: Path, cgroup: str, files: dict[str, str], expected: str) -> None:
    """A session's scope by the setting, whatever lingers; the user's manager where nothing lingers; a container never."""
    assert logout_danger(root=machine(tmp_path, cgroup=cgroup, files=files), user="ada", is_remote=True) == expected


def test_a_desktop_is_not_bothered_and_root_is_never_ended(tmp_path: Path) -> None:
    """Without SSH the user's manager is that of a desktop; logind leaves root alone."""
    assert logout_danger(root=machine(tmp_path, cgroup=MANAGER, files={}), user="ada", is_remote=False) == ""
    root = machine(tmp_path, cgroup=SESSION, files={"etc/systemd/logind.conf": KILLS})
    assert logout_danger(root=root, user="root", is_remote=True) == ""


def test_a_command_says_so_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For runs on this machine; those of a cluster have nothing to fear."""
    monkeypatch.setattr("tui_optim.runs.logout.logout_danger", lambda: IN_SESSION)
    tell_danger(LOCAL)
    assert capsys.readouterr().err == f"tui-optim: {IN_SESSION}\n"
    tell_danger(resolve_executor("slurm"))
    assert capsys.readouterr().err == ""
