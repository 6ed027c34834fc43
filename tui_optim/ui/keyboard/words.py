"""Keys in sentences: written with their ids and defaults, read as the keys that the user has given them.

`⟪run.pause:p⟫ goes on with it` reads `p goes on with it`, and `ctrl+e goes on with it` where the settings say so. Sentences
are made wherever they belong; whatever shows them calls `with_keys` once. A test keeps every default equal to its binding.
"""

import re
from collections.abc import Mapping
from typing import Any

from textual.app import App

from tui_optim.ui.personal_app import PersonalApp

KEY_NAMES = {
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "colon": ":",
    "semicolon": ";",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "less_than_sign": "<",
    "full_stop": ".",
    "greater_than_sign": ">",
    "dollar_sign": "$",
    "escape": "esc",
    "backspace": "⌫",
}
"""How keys are written that Textual calls by a name."""
KEY_IN_SENTENCE = re.compile(r"⟪([a-z0-9.-]+):(.+?)⟫")
"""Id and default."""


def with_keys(app: App[Any], text: str) -> str:
    """A sentence as it is shown in an app."""
    return named(text, app.preferences.keymap if isinstance(app, PersonalApp) else {})


def named(text: str, keymap: Mapping[str, str]) -> str:
    """A sentence with the keys of a keymap, of several for one id the first, and with defaults where it has none."""

    def name(found: re.Match[str]) -> str:
        users = keymap.get(found[1], "").partition(",")[0]
        return KEY_NAMES.get(users, users) or found[2]

    return KEY_IN_SENTENCE.sub(name, text) if "⟪" in text else text
