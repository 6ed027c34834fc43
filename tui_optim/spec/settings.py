"""What a user may set once and for all: looks, keys and manners of the app, with a default for each."""

import ast
import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tui_optim.spec.errors import UsageError, nearest, shown

OUR_THEMES = ("dark", "light", "safe-dark", "safe-light", "16-dark", "16-light")
"""Made for this program: series and heat maps have colours of their own."""
OTHER_THEMES = (
    "textual-dark",
    "textual-light",
    "nord",
    "gruvbox",
    "catppuccin-mocha",
    "dracula",
    "tokyo-night",
    "monokai",
    "flexoki",
    "catppuccin-latte",
    "catppuccin-frappe",
    "catppuccin-macchiato",
    "solarized-light",
    "solarized-dark",
    "rose-pine",
    "rose-pine-moon",
    "rose-pine-dawn",
    "atom-one-dark",
    "atom-one-light",
    "ansi-dark",
    "ansi-light",
)
"""Textual's, with the series of the dark theme."""
Marker = Literal["braille", "dots", "blocks", "ascii"]
MARKERS: tuple[Marker, ...] = get_args(Marker)
Characters = Literal["auto", "unicode", "ascii"]
Notify = Literal["off", "osc9", "osc777"]
KEYS = "keys"


class Settings(BaseModel):
    """The settings; each may be left out of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    theme: str = "auto"
    """colours; auto asks the terminal whether it is dark or light, and takes the 16-colour ones where it has no more"""
    marker: Marker = "braille"
    """what the curves are made of"""
    characters: Characters = "auto"
    """which characters the app may show; auto takes ASCII alone where the locale is not UTF-8"""
    refresh_hz: float = Field(default=4.0, ge=0.2, le=4.0)
    """how often charts are drawn anew at most, per second"""
    mouse: bool = True
    """whether the app takes the mouse; without it the terminal's own selection works (from the next start on)"""
    bell: bool = False
    """whether the terminal's bell rings when a run comes to its end"""
    notify: Notify = "off"
    """how the terminal notifies of a run that ended: osc9 (iTerm2, kitty, WezTerm), osc777 (foot, Ghostty, urxvt)"""
    title: bool = False
    """whether the title of the terminal's window says which run ended last, and how"""
    remember: bool = True
    """whether panes, axes, scenario and preset are at the next start as they were left"""
    tour: bool = True
    """whether hints are shown in a home without runs; esc in them turns this off"""
    keys: dict[str, str] = Field(default_factory=dict)
    """keys of your own, by the id of what they do"""

    @field_validator("theme")
    @classmethod
    def _is_theme(cls, name: str) -> str:
        if name not in choices("theme"):
            raise ValueError(name)
        return name


FIELDS: tuple[str, ...] = tuple(name for name in Settings.model_fields if name != KEYS)
"""All names but that of the table of keys."""


def choices(name: str) -> tuple[str, ...]:
    """The valid values of a setting, where they can be listed."""
    if name == "theme":
        return ("auto", *OUR_THEMES, *OTHER_THEMES)
    annotation = Settings.model_fields[name].annotation
    return ("true", "false") if annotation is bool else tuple(map(str, get_args(annotation))) if name != KEYS else ()


def help_text(name: str) -> str:
    """What a setting is about."""
    return _docstrings()[name]


@cache
def _docstrings() -> Mapping[str, str]:
    """By field. Read when they are asked for: pydantic would read them at each start, which costs it 20 ms."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(Settings)).body if isinstance(node, ast.ClassDef))
    found: dict[str, str] = {}
    for field, words in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(words, ast.Expr):
            found[field.target.id] = ast.literal_eval(words.value)
    return found


def expected(name: str) -> str:
    """What is valid, in words."""
    if name == "refresh_hz":
        return "a number from 0.2 to 4"
    if name == KEYS:
        return 'a table like [keys] with lines like race = "ctrl+r"'
    if name == "theme":
        return f"auto, {', '.join(OUR_THEMES)}, or one of Textual's"
    return f"one of {', '.join(choices(name))}"


def value_text(settings: Settings, name: str) -> str:
    """A value as it is typed."""
    value = getattr(settings, name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def with_value(settings: Settings, name: str, value: object) -> Settings:
    """The settings with another value, given as it is typed or as a file has it. Raises UsageError."""
    _check_name(name)
    try:
        parsed = getattr(Settings.model_validate({name: value}), name)
    except ValidationError:
        hint = f"; {nearest(value, choices(name))}" if isinstance(value, str) and len(choices(name)) > 2 else ""
        raise UsageError(f"{name} = {shown(value)}: expected {expected(name)}{hint}") from None
    return settings.model_copy(update={name: parsed})


def read_settings(values: Mapping[str, object]) -> tuple[Settings, list[str]]:
    """What a file says, and a sentence for each value that cannot be used: its default holds."""
    settings, problems = Settings(), []
    for name, value in values.items():
        try:
            settings = with_value(settings, name, _flat(value) if name == KEYS else value)
        except UsageError as error:
            problems.append(str(error))
    return settings, problems


def _flat(value: object) -> object:
    """`chart.zoom = "x"` without quotes is a table in a table to TOML; here it is one id."""
    if not isinstance(value, Mapping):
        return value
    found: dict[str, object] = {}
    for name, inner in value.items():
        flat = _flat(inner)
        found |= {f"{name}.{key}": one for key, one in flat.items()} if isinstance(flat, dict) else {name: flat}
    return found


def _check_name(name: str) -> None:
    if name not in Settings.model_fields:
        raise UsageError(f"unknown setting {name!r}: {nearest(name, _names())}")


def _names() -> Iterable[str]:
    return (*FIELDS, KEYS)
