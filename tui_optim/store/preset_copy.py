"""A preset as the beginning of another: the text of its file, without the record of how its own numbers were found."""

import json
import re

from tui_optim.spec.optimizers import find_optimizer
from tui_optim.spec.presets import NAME_LIMIT, Preset
from tui_optim.store.library import load_library, preset_path

_RECORD = "[[tuning]]"


def copied_text(preset_id: str, *, copy_id: str) -> str:
    """TOML to begin with, named so that a list tells the two apart. Raises UsageError where there is no such preset."""
    preset = load_library().find(preset_id)
    path = preset_path(preset_id)
    text = _plain_text(preset) if path is None else _without_record(path.read_text(encoding="utf-8"))
    if copy_id == preset_id:  # it takes the place of the other
        return text
    name = f"{preset.name} ({copy_id})"[:NAME_LIMIT]
    return re.sub(r"^name = .*$", lambda _: _line("name", name), text, count=1, flags=re.MULTILINE)


def _without_record(text: str) -> str:
    """Trials are of the preset that they were made with: an edited copy would claim them."""
    kept: list[str] = []
    is_record = False
    for line in text.splitlines():
        if line.startswith("["):
            is_record = line.startswith(_RECORD)
        if not is_record and not line.startswith("#:schema"):
            kept.append(line)
    return "\n".join(kept).rstrip() + "\n"


def _plain_text(preset: Preset) -> str:
    """Of an optimizer of the user's own, which has no file of a preset: its defaults, written out."""
    about = {"name": preset.name, "family": preset.family, "optimizer": preset.optimizer, "advice": preset.advice}
    values = {one.name: one.default for one in find_optimizer(preset.optimizer).hyperparameters}
    lines = [_line(name, value) for name, value in (about | {"batch_size": preset.batch_size}).items()]
    return "\n".join([*lines, "", "[hyperparameters]", *(_line(name, value) for name, value in values.items()), ""])


def _line(name: str, value: object) -> str:
    return f"{name} = {json.dumps(value, ensure_ascii=False)}"
