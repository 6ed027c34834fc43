"""What goes on in a home, in words: when an app is attached to it, when one leaves it, and where else it can be seen."""

from collections.abc import Mapping

TO_BROWSER = "`tui-optim serve` in another terminal prints a link that opens this app in a browser."
IN_BROWSER = "This is a browser; each tab with this address is another app on the same runs."


def greeting(num_in_state: Mapping[str, int], *, is_sweeping: bool, num_runs: int) -> str:
    """What an app finds that was attached; `num_in_state` has the numbers of running, queued and paused runs."""
    going = ["a sweep is under way"] if is_sweeping else []
    going += [f"{_runs(count)} {_is(count)} {state}" for state, count in num_in_state.items() if count]
    if not going:
        return f"Nothing is training here now; {_runs(num_runs)} {_is(num_runs)} kept."
    return f"{', '.join(going)}.".capitalize()


def farewell(num_active: int, *, is_sweeping: bool) -> str:
    """What goes on when an app is left; '' for nothing."""
    going = [*(["a sweep"] if is_sweeping else []), *([_runs(num_active)] if num_active else [])]
    if not going:
        return ""
    verb = "go" if num_active > 1 or len(going) > 1 else "goes"
    text = f"{' and '.join(going)} {verb} on in the background.".capitalize()
    return f"{text} `tui-optim status` shows them, `tui-optim` opens them again."


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
