"""Sequences for the terminal that the user sits at, through tmux or screen."""

from collections.abc import Mapping


def passed_through(sequence: str, environ: Mapping[str, str]) -> str:
    """A sequence, wrapped for tmux or screen where `environ` says so; tmux hands it on where `allow-passthrough` is on."""
    if environ.get("TMUX"):
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environ.get("TERM", "").startswith("screen"):
        return f"\x1bP{sequence}\x1b\\"
    return sequence
