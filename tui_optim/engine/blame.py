"""What fails in a function of the user's own file is said of that file and line."""

from collections.abc import Iterator
from contextlib import contextmanager

from tui_optim.engine.failures import is_out_of_memory
from tui_optim.spec.errors import UsageError
from tui_optim.spec.plugin_file import complaint, function_of, is_interrupt, told
from tui_optim.spec.scenarios import Scenario


@contextmanager
def blamed(scenario: Scenario, *, what: str = "") -> Iterator[None]:
    """What fails inside the block in a function of the scenario's own file is said of that file and line.

    With `what` all that fails inside is said of that, and of the file.
    """
    try:
        yield
    except BaseException as error:  # a user's code may raise anything
        if is_out_of_memory(error) or is_interrupt(error):
            raise  # has a sentence of its own, or is not the code's doing
        # a user's optimizer may have called it, and have been blamed
        cause = error.__cause__ if isinstance(error, UsageError) and error.__cause__ else error
        name = (function_of(scenario.origin, cause) if scenario.origin else "") or what
        if not name:
            raise
        raise complaint(scenario.origin, f"{name} raised {told(cause)}", cause) from cause
