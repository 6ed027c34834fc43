"""Asking whoever is at the terminal."""

from typing import Annotated

import typer

Sure = Annotated[bool, typer.Option("--yes", help="Do not ask; in a script there is nobody to ask.")]


def ask(question: str) -> str:
    """What is typed; nothing where the input ends instead (ctrl+d)."""
    try:
        return input(question).strip()
    except EOFError:
        print()  # the answer's line has not been ended
        return ""
