"""Commands to a run: what they are, what they may ask for, and which of them make it another run than its specification says."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from tui_optim.spec.errors import UsageError, find_word
from tui_optim.spec.keeping import MAX_EPOCHS
from tui_optim.spec.optimizers import all_optimizers
from tui_optim.spec.run import RunSpec
from tui_optim.spec.schedules import find_schedule

Command = Literal["pause", "stop", "kill", "evaluate", "checkpoint", "xray", "rate", "extend"]
COMMANDS: tuple[Command, ...] = get_args(Command)
LIVE: frozenset[str] = frozenset({"evaluate", "checkpoint", "xray", "rate", "extend"})
"""After these the run goes on; the log has the step, and a run that is resumed from before it does them again there."""
BRANCHED = "branch"
"""What a fork's log has among the commands where its parent's history ends."""
MIN_FACTOR, MAX_FACTOR = 1e-3, 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command with what it asks for."""

    command: Command
    value: float | None = None
    """The factor of a 'rate', the epochs of an 'extend'; None for the others."""
    reason: str = ""
    """Why, where it was not the user."""
    request: str | None = None
    """Name of the file that asks for it; None where it came without one."""


class Done(Protocol):
    """A command that has been carried out, as `spec.events.CommandSeen` is."""

    @property
    def command(self) -> str: ...
    @property
    def value(self) -> float | None: ...
    @property
    def step(self) -> int: ...


def find_command(name: str) -> Command:
    """The command of this name. Raises UsageError."""
    return find_word("command", name, COMMANDS)


def state_after(command: str) -> Literal["paused", "stopped"]:
    """What a run or a sweep is after a command that it does not go on after."""
    return "paused" if command == "pause" else "stopped"


def check_order(order: Order, spec: RunSpec, *, epochs: int) -> None:
    """Refuse what this run cannot do, whatever its state; `epochs` is how long it is now. Raises UsageError."""
    if order.command == "rate":
        check_factor(order.value)
        if reason := why_no_rate(spec):
            raise UsageError(reason)
    if order.command == "extend":
        left, value = MAX_EPOCHS - epochs, order.value
        if value is None or not 1 <= value <= left or value != int(value):
            shown = "nothing" if value is None else f"{value:g}"
            raise UsageError(f"{shown} more epochs: expected a whole number in [1, {left}]")


def check_factor(factor: float | None) -> None:
    """Refuse a factor on the rate that is none. Raises UsageError."""
    if factor is None or not MIN_FACTOR <= factor <= MAX_FACTOR:  # NaN is in no interval
        shown = "nothing" if factor is None else f"{factor:g}"
        raise UsageError(f"rate × {shown}: expected a factor in [{MIN_FACTOR:g}, {MAX_FACTOR:g}], for example 0.5 or 2")


def why_no_rate(spec: RunSpec) -> str:
    """Why the rate of a run cannot be multiplied; '' where it can."""
    optimizer = all_optimizers().get(spec.optimizer)  # None: a file of the user's that is not known to this process
    if optimizer and optimizer.searches_line:
        return f"{optimizer.name} finds the length of its steps by a line search: there is no rate to multiply"
    if "lr" not in spec.hyperparameters:
        return f"{spec.optimizer} has no rate (lr) to multiply"
    return ""


def about_extension(spec: RunSpec) -> str:
    """What an extension does not stretch; '' where nothing depends on the length."""
    if not find_schedule(spec.schedule).depends_on_length:
        return ""
    return f"its {spec.schedule} schedule keeps the planned {spec.epochs} epochs and holds its last rate after them"


def words(command: str, value: float | None) -> str:
    """A command as tables and sentences name it: ``rate ×0.5``, ``+5 epochs``, ``evaluate``."""
    if command == "rate" and value is not None:
        return f"rate ×{value:g}"
    if command == "extend" and value is not None:
        return f"+{value:g} epoch{'' if value == 1 else 's'}"
    return {BRANCHED: "branched off", "xray": "X-ray"}.get(command, command)


def changes(done: Iterable[Done]) -> str:
    """What makes the numbers of a run others than its specification's: ``rate ×0.5 at step 300``; '' where nothing does."""
    changing = [one for one in done if one.command in ("rate", "extend")]
    return ", ".join(f"{words(one.command, one.value)} at step {one.step:,}" for one in changing)


def added_epochs(done: Iterable[Done]) -> int:
    """By how many epochs a run has been extended."""
    return sum(int(one.value) for one in done if one.command == "extend" and one.value is not None)


def is_number(value: object) -> bool:
    """Whether a value from a file can be that of an order."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value))
