"""The file of settings: one TOML file in the configuration folder, with the user's own comments left in it."""

import tomllib
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_optim.spec.errors import StoreError
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.settings import KEYS, Settings, read_settings, with_value
from tui_optim.store.files import not_written, replace_file
from tui_optim.store.home import config_folder, make_private

FILE_NAME = "settings.toml"
LIMIT_BYTES = 1024 * 1024
"""With all keys and a comment on each it has some ten kilobytes."""


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """What a file says."""

    settings: Settings
    problems: tuple[str, ...] = ()
    """A sentence for each thing in it that cannot be used."""


def settings_path() -> Path:
    """Where the file is, or would be."""
    return config_folder() / FILE_NAME


def load_settings(path: Path | None = None) -> StoredSettings:
    """Read the file; what is missing or broken has its default."""
    path = path or settings_path()
    try:
        values = tomllib.loads(_text(path))
    except FileNotFoundError:
        return StoredSettings(Settings())
    except (OSError, UnicodeDecodeError) as error:
        return StoredSettings(Settings(), (f"{path} cannot be read ({_why(error)}): the defaults are used",))
    except (ValueError, RecursionError) as error:  # ValueError: also an integer of thousands of digits
        return StoredSettings(Settings(), (f"{path} is not valid TOML ({error}): the defaults are used",))
    settings, problems = read_settings(values)
    return StoredSettings(settings, tuple(f"{path}: {problem}; the default is used" for problem in problems))


def store_setting(name: str, text: str | None, *, path: Path | None = None) -> Settings:
    """Write one value, `keys.<id>` for a key; None takes it out, so that the default holds. Returns what holds then.

    Raises:
        UsageError: the name or the value is not valid, or the file is broken: it stays as it is.
    """
    import tomlkit  # not above: the app starts without writing
    from tomlkit.exceptions import TOMLKitError

    path = path or settings_path()
    try:
        document = tomlkit.parse(_text(path) if path.exists() else "")
    except (OSError, ValueError, RecursionError, TOMLKitError) as error:
        raise StoreError(f"{path} cannot be changed: {_why(error)}; mend or remove it first") from None
    table, _, key = name.partition(".")
    if table == KEYS and key:
        _put(document.setdefault(KEYS, tomlkit.table()), key, text)
    else:
        _put(document, name, text if text is None else getattr(with_value(Settings(), name, text), name))
    try:
        make_private(path.parent)
    except OSError as error:
        raise not_written(path, error) from error
    replace_file(path, tomlkit.dumps(document).encode(), is_durable=False)
    return load_settings(path).settings


def _text(path: Path) -> str:
    """Raises OSError and UnicodeDecodeError."""
    return read_regular(path, limit_bytes=LIMIT_BYTES).decode()


def _put(table: MutableMapping[str, Any], key: str, value: object) -> None:
    if value is not None:
        table[key] = value
    else:
        table.pop(key, None)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
