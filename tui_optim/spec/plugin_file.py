"""The Python files and modules that users bring: how one is loaded, and how a complaint names its file and line."""

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dis import opmap
from functools import cache
from pathlib import Path
from types import ModuleType

from tui_optim.spec.errors import UsageError
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.safe_stream import printing_safely

LIMIT_BYTES = 16 * 1024 * 1024
"""Of a file: Python of a user's own has some kilobytes."""
MAX_TOLD = 400
"""Characters of a message of the user's own."""


def load_module(origin: str) -> tuple[ModuleType, str]:
    """The module of a file (its path ends in .py) or of this name, and the SHA-256 of its file as it was then.

    Raises:
        UsageError: it is missing, fails, or imports torch at its top.
    """
    has_torch = "torch" in sys.modules
    with blaming(origin), printing_safely():
        loaded = _load_file(Path(origin)) if origin.endswith(".py") else _import(origin)
    if "torch" in sys.modules and not has_torch:
        raise complaint(origin, "imports torch at its top; move the import into the functions that need it")
    return loaded


@contextmanager
def blaming(
    origin: str, *, function: str = "", passing: Callable[[BaseException], bool] = lambda _: False
) -> Iterator[None]:
    """What a user's code raises inside the block, whatever it is, is said of its file and line, and of its function.

    What is `passing` goes on as it is, and so does ctrl+c. Raises UsageError in place of all else.
    """
    try:
        yield
    except BaseException as error:
        if is_interrupt(error) or passing(error):
            raise
        raise complaint(origin, f"{function} raised {told(error)}" if function else told(error), error) from error


def is_interrupt(error: BaseException) -> bool:
    """Whether it is ctrl+c, which comes at any instruction, and not brought about by a `raise` of the code."""
    return isinstance(error, KeyboardInterrupt) and not _is_raised(error)


def _is_raised(error: BaseException) -> bool:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is not None and place.tb_frame.f_code.co_code[place.tb_lasti] == opmap["RAISE_VARARGS"]


def file_hash(origin: str) -> str:
    """SHA-256 of a plugin's file as it is now, in hex; '' where there is none to read."""
    try:
        return hashlib.sha256(read_regular(file_of(origin), limit_bytes=LIMIT_BYTES)).hexdigest()
    except OSError:
        return ""


def changed(origin: str) -> UsageError:
    """The error of a run whose file is another now."""
    return complaint(
        origin,
        "the file has changed since this run was made; put back what it was to go on, or start a new run (an open app reads "
        "the file when it starts)",
    )


def check_unchanged(origin: str, sha256: str) -> None:
    """Raises UsageError where a run's file, if it had one, is gone or another now."""
    found = file_hash(origin) if sha256 else ""
    if sha256 and not found:
        raise complaint(origin, "it is not there any more; put it back to go on, or start a new run")
    if found != sha256:
        raise changed(origin)


def complaint(origin: str, what: str, error: BaseException | None = None) -> UsageError:
    """The error that says what is wrong with a plugin: its file, and the line of the file that `error` came from."""
    return UsageError(f"plugin {_named(origin)}: {what}{_line_in(origin, error)}")


def told(error: BaseException) -> str:
    """An exception in one line, of no more than a few sentences; its name alone where not even its text can be had."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - the text of a user's exception is made by a user's code
        return type(error).__name__
    return f"{type(error).__name__}: {text if len(text) <= MAX_TOLD else text[:MAX_TOLD] + '…'}"


def function_of(origin: str, error: BaseException) -> str:
    """Name of the deepest function of the plugin's own file that an error came through; '' where it came through none."""
    names = [frame.name for frame in _frames_in(origin, error)]
    return names[-1] if names else ""


def _load_file(path: Path) -> tuple[ModuleType, str]:
    content = read_regular(path, limit_bytes=LIMIT_BYTES)
    module = ModuleType(f"tui_optim_plugin_{path.stem}")
    module.__file__ = str(path)
    # not through importlib: its cache tells no two versions of equal size and second apart
    exec(compile(content, str(path), "exec", dont_inherit=True), module.__dict__)
    return module, hashlib.sha256(content).hexdigest()


@cache
def _import(name: str) -> tuple[ModuleType, str]:
    module = importlib.import_module(name)
    file = file_of(name)
    return module, hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""


def file_of(origin: str) -> str:
    """The file of a plugin; '' where there is none."""
    if origin.endswith(".py"):
        return origin
    try:
        spec = importlib.util.find_spec(origin)
    except (ImportError, ValueError):  # it, or the package that it is said to be in, is not there
        return ""
    return (spec.origin or "") if spec else ""


def _named(origin: str) -> str:
    """The plugin for a message: its file, with the name of the module where it is one."""
    file = file_of(origin)
    return origin if file in ("", origin) else f"{origin} ({file})"


def _line_in(origin: str, error: BaseException | None) -> str:
    """The deepest line of the plugin's own file that an error came through: " (line 12)"."""
    if error is None or isinstance(error, SyntaxError):  # whose message has its line
        return ""
    lines = [frame.lineno for frame in _frames_in(origin, error)]
    return f" (line {lines[-1]})" if lines else ""


def _frames_in(origin: str, error: BaseException) -> list[traceback.FrameSummary]:
    return [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file_of(origin)]
