"""`rename`, `note` and `pin`: what a user says about a run. It changes no number."""

from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.json_answer import json_answer
from tui_optim.cli.options import Json, RunName

if TYPE_CHECKING:
    from tui_optim.store.label import Label


def rename(
    run: RunName, name: Annotated[str, typer.Argument(help="The name; '' takes it away.")], is_json: Json = False
) -> None:
    """Give a run a name, shown wherever it is named; its id stays. Example: tui-optim rename last 'large batch'"""
    run_id, label = _label(run, name=name)
    _print(
        run_id, label, f"is called {label.name}" if label.name else "has no name of its own any more", is_json=is_json
    )


def note(
    run: RunName, text: Annotated[str, typer.Argument(help="The note; '' takes it away.")], is_json: Json = False
) -> None:
    """Write a note about a run; `show` has it, --filter finds it. Example: tui-optim note last 'for chapter 2'"""
    run_id, label = _label(run, note=text)
    _print(run_id, label, "noted" if label.note else "has no note any more", is_json=is_json)


def pin(
    run: RunName,
    is_off: Annotated[bool, typer.Option("--off", help="Let it stand among the others again.")] = False,
    is_json: Json = False,
) -> None:
    """Keep a run at the top of the app's table. Example: tui-optim pin last"""
    run_id, label = _label(run, is_pinned=not is_off)
    _print(run_id, label, "stays at the top" if label.is_pinned else "stands among the others again", is_json=is_json)


def _label(
    run: str, *, name: str | None = None, note: str | None = None, is_pinned: bool | None = None
) -> "tuple[str, Label]":
    """The run that is meant, and its label after the change. Raises UsageError."""
    from tui_optim.runs.client import Client
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    home = open_home()
    run_id = Catalogue(home).find(run).run_id
    return run_id, Client(home).label(run_id, name=name, note=note, is_pinned=is_pinned)


def _print(run_id: str, label: "Label", sentence: str, *, is_json: bool) -> None:
    body = {"run_id": run_id, "name": label.name, "note": label.note, "pinned": label.is_pinned}
    print(json_answer(body, indent=None) if is_json else f"{run_id}  {sentence}")
