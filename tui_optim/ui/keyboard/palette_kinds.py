"""The kinds of things that the palette finds, loaded when it is opened first."""

from collections.abc import Callable
from typing import Literal, get_args

from textual.command import Provider

Kind = Literal["scenarios", "presets", "runs", "settings"]
PALETTE_KINDS: tuple[Kind, ...] = get_args(Kind)


def palette_provider(kind: Kind) -> Callable[[], type[Provider]]:
    """What Textual calls for the class of a provider."""

    def provider() -> type[Provider]:
        from tui_optim.ui.keyboard import palette  # not above: a start does without it

        return {
            "scenarios": palette.ScenarioProvider,
            "presets": palette.PresetProvider,
            "runs": palette.RunProvider,
            "settings": palette.SettingProvider,
        }[kind]

    return provider
