"""Names of files that a user types: what is proposed, and what is made of it."""

from pathlib import Path

from tui_optim.spec.errors import UsageError, shown

_MAX_PROPOSALS = 99


def working_folder() -> Path:
    """Where files go: the current folder, or the user's home where that has been deleted."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()


def free_name(folder: Path, name: str) -> str:
    """This name, or where it is taken in the folder `name-2`, `name-3`, … before its ending."""
    first = Path(name)
    others = (f"{first.stem}-{number}{first.suffix}" for number in range(2, _MAX_PROPOSALS + 1))
    return next((one for one in (name, *others) if not (folder / one).exists()), name)


def typed_path(folder: Path, text: str) -> tuple[Path, bool]:
    """The file that is meant, and whether it is there. Raises UsageError for what cannot be the name of one."""
    if not text.strip():
        raise UsageError("type a file name")
    try:
        path = folder / Path(text.strip()).expanduser()
        is_folder, is_there = path.is_dir(), path.exists()
    except (OSError, RuntimeError) as error:  # a name too long, a folder that may not be read, ~somebody
        reason = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{shown(text)} cannot be used: {reason}; type another file name") from error
    if is_folder:
        raise UsageError(f"{path} is a folder; type a file name")
    return path, is_there
