"""What TOML texts say, kept from one start to the next: parsing all presets anew would take a twentieth of a start."""

import contextlib
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from tui_optim.spec.errors import StoreError
from tui_optim.spec.json_text import DAMAGE, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.store.files import replace_file
from tui_optim.store.home import cache_folder, make_private

FILE_NAME = "presets.json"
LIMIT_BYTES = 64 * 1024 * 1024


class KnownTexts:
    """Texts by their hash: a text that was changed is another one, so that nothing in here can be out of date."""

    def __init__(self, path: Path | None = None) -> None:
        """Read what an earlier start kept; nothing where it cannot be read: it saves time, no more."""
        self._path = path or cache_folder() / FILE_NAME
        self._kept = _read(self._path)
        self._used: dict[str, Any] = {}

    def parse(self, text: str) -> dict[str, Any]:
        """What a text says. Raises what `tomllib.loads` raises."""
        key = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        content = self._kept.get(key)
        self._used[key] = found = content if isinstance(content, dict) else tomllib.loads(text)
        return found

    def keep(self) -> None:
        """Write what was asked for, unless it is what was read; where that cannot be, the next start parses again."""
        if self._used.keys() == self._kept.keys():
            return
        with contextlib.suppress(StoreError, OSError, TypeError):  # TypeError: a date, which no valid preset has
            content = json.dumps(self._used).encode()
            make_private(self._path.parent)
            replace_file(self._path, content, is_durable=False)


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = parse_json(read_regular(path, limit_bytes=LIMIT_BYTES))
    except (OSError, *DAMAGE):
        return {}
    return kept if isinstance(kept, dict) else {}
