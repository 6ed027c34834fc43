"""The preset library: the packaged presets and the user's own, each a file."""

from dataclasses import dataclass, field
from pathlib import Path

from tui_optim.spec.errors import PresetError, UsageError, unknown
from tui_optim.spec.optimizers import FAMILIES, Optimizer
from tui_optim.spec.plugins import find_plugins
from tui_optim.spec.presets import Preset, load_preset
from tui_optim.store.home import config_folder
from tui_optim.store.known_texts import KnownTexts

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Library:
    """All presets that could be read, by id; and what is wrong with those that could not."""

    presets: dict[str, Preset]
    problems: list[str] = field(default_factory=list)

    def find(self, preset_id: str) -> Preset:
        """Look a preset up; raises UsageError with the nearest valid name, or with what is wrong with its file."""
        if preset_id not in self.presets:
            for problem in self.problems:
                if f"/{preset_id}.toml:" in problem:
                    raise PresetError(problem)
            raise unknown("preset", preset_id, self.presets)
        return self.presets[preset_id]

    def find_for_plugin(self, optimizer_id: str) -> Preset:
        """What a plugin is run with. Raises UsageError where the preset of its id runs another optimizer."""
        preset = self.find(optimizer_id)
        if preset.optimizer != optimizer_id:
            raise UsageError(_taken(preset))
        return preset


def packaged_presets_folder() -> Path:
    """`_presets` inside an installed wheel, `presets` beside the package in a checkout."""
    inside = _PACKAGE / "_presets"
    return inside if inside.is_dir() else _PACKAGE.parent / "presets"


def user_presets_folder() -> Path:
    """Where the user's own presets are looked for."""
    return config_folder() / "presets"


def preset_path(preset_id: str) -> Path | None:
    """File of a preset, the user's own before the packaged one; None where it comes with the user's own optimizer.

    Raises:
        UsageError: no such preset.
    """
    load_library().find(preset_id)
    folders = (user_presets_folder(), packaged_presets_folder() / "optimizers")
    for folder in folders:
        for path in sorted(folder.rglob(f"{preset_id}.toml")):
            if path.is_file():
                return path
    return None


def load_library() -> Library:
    """Read all presets; a user's preset with the id of a packaged one replaces it. Damaged files become problems."""
    presets: dict[str, Preset] = {}
    problems: list[str] = []
    known = KnownTexts()
    for folder in (packaged_presets_folder() / "optimizers", user_presets_folder()):
        for path in sorted(folder.rglob("*.toml")):
            try:
                preset = load_preset(path, parse=known.parse)
            except PresetError as error:
                problems.append(str(error))
            else:
                presets[preset.id] = preset
    known.keep()
    plugins = find_plugins()
    problems += plugins.problems
    for plugin in plugins.by_id.values():
        preset = presets.setdefault(plugin.optimizer.id, _plain_preset(plugin.optimizer))
        if preset.optimizer != plugin.optimizer.id:
            problems.append(f"plugin {plugin.optimizer.origin}: {_taken(preset)}")
    ordered = sorted(presets.values(), key=lambda preset: (FAMILIES.index(preset.family), preset.name))
    return Library({preset.id: preset for preset in ordered}, problems)


def _taken(preset: Preset) -> str:
    return f"id = {preset.id!r}: the preset of this id runs {preset.optimizer}; give the plugin's optimizer another id"


def _plain_preset(optimizer: Optimizer) -> Preset:
    """What a plugin without a preset of its own is run with: its defaults."""
    return Preset(
        id=optimizer.id, name=optimizer.name, family=optimizer.family, optimizer=optimizer.id, advice=optimizer.helps
    )
