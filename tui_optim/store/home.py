"""The home folder: where runs, the queue and locks live."""

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from tui_optim.spec.errors import StoreError
from tui_optim.spec.regular_file import is_strangers

OTHERS = 0o077
OTHERS_MAY_WRITE = 0o022


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below `TUI_OPTIM_HOME` (default: the platform's user data folder)."""

    root: Path

    @property
    def runs(self) -> Path:
        """One folder per run."""
        return self.root / "runs"

    @property
    def sweeps(self) -> Path:
        """One folder per sweep."""
        return self.root / "sweeps"

    @property
    def queue(self) -> Path:
        """Entries of runs that wait for a worker."""
        return self.root / "queue"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the one supervisor of this home."""
        return self.root / "supervisor.lock"

    @property
    def supervisor_log(self) -> Path:
        """What supervisor and workers print."""
        return self.root / "supervisor.log"

    @property
    def apps_lock(self) -> Path:
        """Held shared by every open app: while it is, the supervisor stays."""
        return self.root / "apps.lock"


def home_folder() -> Path:
    """Where the home is, by environment or platform; nothing is created."""
    return _named("TUI_OPTIM_HOME") or Path(platformdirs.user_data_path("tui-optim"))


def config_folder() -> Path:
    """Where the user's own presets and settings are (`TUI_OPTIM_CONFIG`, else the platform's folder)."""
    return _named("TUI_OPTIM_CONFIG") or Path(platformdirs.user_config_path("tui-optim"))


def cache_folder() -> Path:
    """Where downloaded data and what saves time at a start are kept (`TUI_OPTIM_CACHE`, else the platform's folder)."""
    return _named("TUI_OPTIM_CACHE") or Path(platformdirs.user_cache_path("tui-optim"))


def absolute(path: str | Path) -> Path:
    """Absolute, because supervisor and worker have another working folder; `~` is the user's folder where there is one."""
    expanded = Path(os.path.expanduser(path))  # noqa: PTH111 - Path.expanduser raises for an unknown user
    try:
        return expanded.absolute()
    except OSError:  # the working folder has been removed
        return expanded


def _named(variable: str) -> Path | None:
    given = os.environ.get(variable)
    return absolute(given) if given else None


def make_private(folder: Path) -> None:
    """Make a folder into which its owner alone may look, and those above it as usual; what exists stays. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def open_home(root: Path | None = None, *, is_read_only: bool = False) -> Home:
    """Return the home, made (mode 0700) where it does not exist; `is_read_only` is for those who only look.

    Raises:
        StoreError: it cannot be made or written, or belongs to another user.
    """
    home = Home(root or home_folder())
    try:
        make_private(home.root)
        home.runs.mkdir(mode=0o700, exist_ok=True)
        home.queue.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot use the home folder {home.root}: {error.strerror or error}; "
            "set TUI_OPTIM_HOME to a folder that you can write"
        ) from error
    if not is_read_only and not all(
        os.access(folder, os.W_OK | os.X_OK) for folder in (home.root, home.runs, home.queue)
    ):
        raise StoreError(
            f"no permission to write in the home folder {home.root}; set TUI_OPTIM_HOME to a folder that you can write"
        )
    if not is_read_only:
        _shut_out_others(home)
    return home


def _shut_out_others(home: Home) -> None:
    """What stands in a home is obeyed, and may name code to run: nobody else may leave anything there. Raises StoreError.

    Runs, queue and sweeps are closed to others. The folder around them, which the user may have for other things too, keeps who
    may look into it.
    """
    for folder in (home.root, home.runs, home.queue, home.sweeps):
        with contextlib.suppress(OSError):  # there are no sweeps yet; or a file system that knows no modes
            found = folder.stat()
            if is_strangers(found):
                raise StoreError(
                    f"{folder} belongs to another user, whose files would be obeyed here; "
                    "set TUI_OPTIM_HOME to a folder of your own"
                )
            excess = found.st_mode & (OTHERS_MAY_WRITE if folder == home.root else OTHERS)
            if excess and found.st_uid == os.geteuid():
                folder.chmod(stat.S_IMODE(found.st_mode) & ~excess)
