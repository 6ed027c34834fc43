"""How the app was left: written when it is quit, read at the next start. Beside a second app the last to quit counts."""

import contextlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tui_optim.spec.errors import StoreError
from tui_optim.spec.regular_file import read_regular
from tui_optim.store.files import replace_file
from tui_optim.store.home import config_folder, make_private

FILE_NAME = "layout.json"
LIMIT_BYTES = 64 * 1024
"""It has some hundred bytes."""


class Remembered(BaseModel):
    """What is there again; None leaves it as it is by default. Words that a later version does not know are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    scenario: str | None = None
    """Id of the highlighted scenario."""
    preset: str | None = None
    """Id of the highlighted preset."""
    is_left_hidden: bool = False
    is_details_hidden: bool = False
    axis: str | None = None
    """What x is."""
    split: str | None = None
    """Which splits are drawn."""
    spread: str | None = None
    """How seeds are drawn."""
    second: str | None = None
    """What the second chart shows."""
    is_log_x: bool = False
    is_log_y: bool = False
    smoothing: float = 0.0
    """Weight of the moving average."""


def remembered_path() -> Path:
    """Where it is kept."""
    return config_folder() / FILE_NAME


def load_remembered(path: Path) -> Remembered:
    """What was kept; nothing where there is none, or where it cannot be read: it is no more than a convenience."""
    try:
        return Remembered.model_validate_json(read_regular(path, limit_bytes=LIMIT_BYTES))
    except (OSError, ValidationError):
        return Remembered()


def keep_remembered(remembered: Remembered, path: Path) -> None:
    """Write it in one step; where that cannot be, the app leaves all the same."""
    with contextlib.suppress(StoreError, OSError):
        make_private(path.parent)
        replace_file(path, remembered.model_dump_json(exclude_defaults=True).encode(), is_durable=False)
