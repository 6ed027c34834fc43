"""What a user is warned of before runs start: each once while the app is open."""

from collections.abc import Callable

from tui_optim.runs.logout import logout_danger
from tui_optim.spec.scenarios import Scenario
from tui_optim.ui.laboratory.launcher import Launcher
from tui_optim.ui.teaching.about import sample_text


class Cautions:
    """Knows what has been said."""

    def __init__(self, launcher: Launcher, *, warn: Callable[[str], None]) -> None:
        """`warn` tells the user."""
        self._launcher = launcher
        self._warn = warn
        self._fears_logout = True
        """Whether it is still to be said what a logout would do."""
        self._told_sample: set[str] = set()

    def about_logout(self) -> None:
        """Before the first start: where systemd would end runs at logout."""
        lab, options = self._launcher.lab, self._launcher.plan.options
        if self._fears_logout and options.engine.kind == "local" and not lab.is_read_only:
            self._fears_logout = False
            if danger := logout_danger():
                self._warn(f"{danger}.")

    def about_data(self, scenario: Scenario) -> None:
        """Where runs on a scenario have no more than the packaged sample."""
        source = self._launcher.sources.get(scenario.dataset)
        if source is not None and source.kind == "sample" and scenario.dataset not in self._told_sample:
            self._told_sample.add(scenario.dataset)
            self._warn(sample_text(scenario))
