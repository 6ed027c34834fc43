"""`tui-optim config`: the settings from the command line."""

import json
from collections.abc import Iterable
from typing import Annotated

import typer

from tui_optim.cli.options import Json
from tui_optim.cli.saying import say
from tui_optim.spec.errors import UsageError, unknown

config_app = typer.Typer(help="Read and change the settings of the app.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of a setting; `keys.ID` for a key. `config list` has them all.")]


@config_app.command("list")
def list_settings(is_json: Json = False) -> None:
    """All settings with their values and what they are about. Example: tui-optim config list"""
    from tui_optim.spec.settings import FIELDS, expected, help_text, value_text
    from tui_optim.store.settings import load_settings, settings_path

    stored = load_settings()
    if is_json:
        values = stored.settings.model_dump(mode="json")
        print(json.dumps({"path": str(settings_path()), "settings": values, "problems": stored.problems}, indent=2))
        return
    texts = {name: value_text(stored.settings, name) for name in FIELDS}
    width = max(11, *map(len, texts.values())) + 1
    for name, text in texts.items():
        print(f"{name:<12}{text:<{width}}{help_text(name)}\n{'':<{12 + width}}{expected(name)}")
    print(f"{'keys':<12}{len(stored.settings.keys)} of your own; `tui-optim config keys` lists all ids")
    for key_id, keys in stored.settings.keys.items():
        print(f"{'':<12}keys.{key_id} = {keys}")
    _tell(stored.problems)


@config_app.command("keys")
def list_keys(is_json: Json = False) -> None:
    """Ids of all keys, what they do and which key that is now. Example: tui-optim config keys"""
    from tui_optim.store.settings import load_settings
    from tui_optim.ui.keyboard.keymap import judged, key_uses, typed_text

    usable, problems = judged(load_settings().settings.keys)
    uses = key_uses()
    rows = [(key_id, typed_text(usable.get(key_id, ",".join(use.keys))), use.what) for key_id, use in uses.items()]
    if is_json:
        print(json.dumps({"keys": [{"id": one, "keys": keys, "does": what} for one, keys, what in rows]}, indent=2))
        return
    for key_id, keys, what in rows:
        print(f"{key_id:<26}{keys:<34}{what}")
    _tell(problems)


@config_app.command()
def get(name: Name) -> None:
    """Print the value of a setting. Example: tui-optim config get theme"""
    from tui_optim.spec.settings import FIELDS, value_text
    from tui_optim.store.settings import load_settings

    stored = load_settings()
    table, _, key_id = name.partition(".")
    if table == "keys" and key_id:
        from tui_optim.ui.keyboard.keymap import key_uses, typed_text

        uses = key_uses()
        if key_id not in uses:
            raise unknown("key id", key_id, uses)
        print(stored.settings.keys.get(key_id) or typed_text(",".join(uses[key_id].keys)))
    elif name in FIELDS:
        print(value_text(stored.settings, name))
    else:
        raise unknown("setting", name, (*FIELDS, "keys.ID"))
    _tell(stored.problems)


@config_app.command("set")
def set_value(name: Name, value: Annotated[str, typer.Argument(help="The new value.")]) -> None:
    """Change a setting. Examples: tui-optim config set theme safe-dark; tui-optim config set keys.race ctrl+r"""
    from tui_optim.store.settings import load_settings, settings_path, store_setting

    table, _, key_id = name.partition(".")
    if table == "keys":
        from tui_optim.ui.keyboard.keymap import judged

        if not key_id:
            raise UsageError("keys: name one by its id, for example keys.race; `tui-optim config keys` lists them")
        _, problems = judged({**load_settings().settings.keys, key_id: value})
        if mine := next((one for one in problems if f" {key_id}" in one or repr(key_id) in one), None):
            raise UsageError(mine)
    store_setting(name, value)
    say(f"{name} = {value}, in {settings_path()}")


@config_app.command()
def unset(name: Name) -> None:
    """Go back to the default of a setting. Example: tui-optim config unset keys.race"""
    from tui_optim.spec.settings import FIELDS
    from tui_optim.store.settings import settings_path, store_setting

    if name not in FIELDS and not name.startswith("keys"):
        raise unknown("setting", name, (*FIELDS, "keys.ID"))
    store_setting(name, None)
    say(f"{name} has its default, in {settings_path()}")


@config_app.command()
def path() -> None:
    """Print where the file of settings is, or would be. Example: tui-optim config path"""
    from tui_optim.store.settings import settings_path

    say(str(settings_path()))


def _tell(problems: Iterable[str]) -> None:
    for problem in problems:
        say(f"tui-optim: {problem}", is_aside=True)
