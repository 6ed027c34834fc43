"""Whatever words come after `tui-optim`: an answer or one clear line, soon, and no file where none was asked for."""

from tests.attacks.calling import call, check_calm
from tests.attacks.command_lines import CommandLine, command_lines
from tests.attacks.sandbox import Sandbox
from tests.attacks.withstanding import num_cases, withstand


@num_cases(8, 1500)
def test_any_words_are_answered(sandbox: Sandbox, num_cases: int) -> None:
    """Over all commands with all of their options."""

    def check(line: CommandLine) -> None:
        try:
            check_calm(call(line.words))
        finally:
            sandbox.restore()
        sandbox.check(writes_here=line.writes)

    withstand(command_lines(), check, num_cases=num_cases)
