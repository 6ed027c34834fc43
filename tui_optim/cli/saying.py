"""Sentences that name a file or folder of the user's: its name may hold anything but a slash."""

import sys


def say(text: str, *, is_aside: bool = False) -> None:
    """Print lines without what a terminal would obey; `is_aside` on standard error, beside the answer."""
    from tui_optim.report.cells import plain_text  # what only a few commands print, others need not load

    print("\n".join(map(plain_text, text.split("\n"))), file=sys.stderr if is_aside else sys.stdout)
