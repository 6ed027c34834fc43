"""Whether systemd would end detached processes when the user logs out, read from its files: nothing is asked or started.

Two things end them (logind.conf(5), systemd-run(1)): `KillUserProcesses=yes` ends all that stands in the session's scope, tmux
included, lingering or not; and without lingering the user's manager, with all that stands below it, ends after the last login.
"""

import getpass
import os
import re
from pathlib import Path

IN_SESSION = (
    "systemd ends runs of this login when you log out (KillUserProcesses=yes), in tmux too: "
    "`loginctl enable-linger` once, then start with `systemd-run --user --scope tui-optim`"
)
UNDER_MANAGER = "systemd ends runs when your last login ends: `loginctl enable-linger` keeps them going"
_FOLDERS = ("usr/lib", "usr/local/lib", "run", "etc")
"""Where drop-in files lie, those that win last."""


def logout_danger(*, root: Path = Path("/"), user: str = "", is_remote: bool | None = None) -> str:
    """A sentence for a user whose runs would end at logout; '' where they go on, or nothing is known. Looks below `root`."""
    name = user or _user()
    is_remote = bool(os.environ.get("SSH_CONNECTION")) if is_remote is None else is_remote
    cgroup = _text(root / "proc/self/cgroup")
    if re.search(r"/session-[^/\n]+\.scope", cgroup):
        return IN_SESSION if _kills(root, name) else ""
    is_lingering = (root / "var/lib/systemd/linger" / name).exists()
    return UNDER_MANAGER if is_remote and "/user@" in cgroup and not is_lingering else ""


def _kills(root: Path, user: str) -> bool:
    """What logind.conf and its drop-in files say together; by default nobody is killed, and root never is."""
    settings = {"KillUserProcesses": "no", "KillOnlyUsers": "", "KillExcludeUsers": "root"}
    drop_ins = {
        path.name: path
        for folder in _FOLDERS
        for path in sorted((root / folder / "systemd/logind.conf.d").glob("*.conf"))
    }
    mains = [path for folder in reversed(_FOLDERS) if (path := root / folder / "systemd/logind.conf").exists()]
    for path in (*mains[:1], *(drop_ins[name] for name in sorted(drop_ins))):
        for line in _text(path).splitlines():
            key, _, value = line.partition("=")
            if key.strip() in settings:
                settings[key.strip()] = value.strip()
    only, excluded = settings["KillOnlyUsers"].split(), settings["KillExcludeUsers"].split()
    is_set = settings["KillUserProcesses"].lower() in ("yes", "true", "1", "on", "y", "t")
    return is_set and user not in excluded and (not only or user in only)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name
        return str(os.getuid())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
