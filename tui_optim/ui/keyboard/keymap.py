"""Keys of the user's own: every key has an id; a table in the settings gives an id other keys.

What cannot be (an unknown id, a key that is none, one that does something else on the same screen) is said, and the default
key of that id stays.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding
from textual.keys import REPLACED_KEYS, Keys, key_to_character

from tui_optim.spec.errors import UsageError, nearest

_MODIFIERS = ("ctrl", "shift", "alt", "super", "meta")
_NAMED = frozenset(key.value for key in Keys)
_SHORT = {"/": "slash", "\\": "backslash", "@": "at", "-": "minus", "+": "plus", "_": "underscore", " ": "space"}
"""Where Textual does not take a character's Unicode name."""
_LONG = {name: character for character, name in _SHORT.items() if character != " "}
_ALIASES = {"esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """What an id stands for."""

    keys: tuple[str, ...]
    """Its default keys, as Textual calls them."""
    action: str
    what: str
    """In words."""
    places: frozenset[str]
    """The screens where it works, or '' for all."""


def own_bindings(owner: type) -> Iterator[Binding]:
    """The keys that our classes give a screen, a widget or the app, its bases among them."""
    for one in owner.__mro__:
        if one.__module__.startswith("tui_optim."):
            yield from (binding for binding in vars(one).get("BINDINGS", ()) if isinstance(binding, Binding))


def key_uses() -> dict[str, KeyUse]:
    """All ids."""
    from tui_optim.ui.keyboard.places import PLACES  # not above: the first frame does without most screens

    found: dict[str, KeyUse] = {}
    for place, classes in PLACES.items():
        for binding in (one for owner in classes for one in own_bindings(owner)):
            if binding.id is None:
                continue
            before = found.get(binding.id)
            found[binding.id] = KeyUse(
                keys=before.keys if before else tuple(binding.key.split(",")),
                action=binding.action.rpartition(".")[2],
                what=(before.what if before else "") or binding.tooltip or binding.description,
                places=(before.places if before else frozenset()) | {place},
            )
    return found


def key_name(typed: str) -> str:
    """What Textual calls a key: a character, `ctrl+r`, `f5`, `enter`. Raises UsageError for what is none."""
    name = typed.strip() if len(typed) > 1 else typed
    *modifiers, last = name.split("+") if len(name) > 1 else [name]
    last = _ALIASES.get(last.lower(), last) if len(last) > 1 else last
    if len(last) == 1 and last.isprintable():
        last = _SHORT.get(last) or (last if last.isalnum() else _unicode_name(last))
    known = last in _NAMED or last in REPLACED_KEYS or key_to_character(last) is not None
    if not known or any(modifier not in _MODIFIERS for modifier in modifiers):
        raise UsageError(f"{typed!r} is no key: for example x, ?, ctrl+r, f5, enter, comma")
    return "+".join([*modifiers, last])


def typed_text(keys: str) -> str:
    """Keys as Textual calls them, as a person types them: `question_mark,ctrl+r` as `?,ctrl+r`."""
    return ",".join(_LONG.get(key) or _character(key) for key in keys.split(","))


def judged(keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What of a table of keys can be used, as Textual wants it, and a sentence for each entry that cannot."""
    uses = key_uses()
    wanted: dict[str, str] = {}
    problems: list[str] = []
    for key_id, text in keys.items():
        if key_id not in uses:
            problems.append(f"keys: unknown id {key_id!r}: {nearest(key_id, uses)}")
            continue
        try:
            wanted[key_id] = ",".join(key_name(one) for one in text.split(","))
        except UsageError as error:
            problems.append(f"keys: {key_id}: {error}")
    while clash := _clash(uses, wanted):
        del wanted[clash[0]]
        problems.append(f"keys: {clash[1]}")
    return wanted, problems


def _clash(uses: Mapping[str, KeyUse], wanted: Mapping[str, str]) -> tuple[str, str] | None:
    """The first id with a key that does something else in the same place, and a sentence about it."""
    now = {key_id: wanted[key_id].split(",") if key_id in wanted else use.keys for key_id, use in uses.items()}
    for key_id in wanted:
        mine = uses[key_id]
        for other_id, other in uses.items():
            if other_id == key_id or other.action == mine.action or not _meet(mine, other):
                continue
            for key in set(now[key_id]) & set(now[other_id]):
                if key in mine.keys and key in other.keys:  # by default too: there the pane decides
                    continue
                return (
                    key_id,
                    f"{key_id} = {key!r} is the key of {other_id} already ({other.what}): {key_id} keeps its own",
                )
    return None


def _meet(one: KeyUse, other: KeyUse) -> bool:
    return "" in one.places or "" in other.places or bool(one.places & other.places)


def _character(key: str) -> str:
    """A key's character, but for those that would be lost in a list."""
    character = None if key in ("comma", "space") else key_to_character(key)
    return character if character is not None and character.isprintable() else key


def _unicode_name(character: str) -> str:
    return unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
