"""What runs that are followed on a terminal look like: a table that is drawn again and again."""

from collections.abc import Callable, Sequence

from rich.console import Group
from rich.markup import escape
from rich.table import Table as RichTable
from rich.text import Text

from tui_optim.report.cells import loss_text, plain_text
from tui_optim.report.columns import GAP
from tui_optim.store.catalogue import StoredRun

_Form = Callable[[float], str]
_FORMS: dict[str, tuple[str, _Form]] = {
    "test_loss": ("test loss", loss_text),
    "test_accuracy": ("test acc.", "{:.2%}".format),
    "gap": (GAP.title, "{:.2e}".format),
}
"""Figures that not every scenario has, each with its title and how it is written."""


def live_table(runs: Sequence[StoredRun]) -> Group:
    """A row for each run, and below them why one failed, or does not go on: as a row it would leave no room for the others."""
    shown = _shown(runs[0])
    titles = ["preset", "seed", "state", "epoch", "ETA", "train loss", *(_FORMS[one][0] for one in shown)]
    table = RichTable(box=None, pad_edge=False)
    for title in (*titles, "grad. evals ÷ n"):
        table.add_column(title, justify="left" if title in ("preset", "state") else "right", no_wrap=True)
    for run in runs:
        status, result = run.status, run.status.result
        train_loss = status.loss if status.final is None else status.final.train_loss
        table.add_row(
            escape(plain_text(run.info.spec.preset)),
            str(run.info.spec.seed),
            status.state,
            f"{status.epoch}/{status.epochs}",
            "" if status.eta_s is None else f"{status.eta_s:.0f} s",
            _figure(train_loss, loss_text),
            *(_figure(getattr(result, one) if result else None, _FORMS[one][1]) for one in shown),
            _figure(result.effective_epochs if result else None, "{:.2f}".format),
        )
    reasons = [
        Text(f"{plain_text(run.info.spec.preset)}, seed {run.info.spec.seed}: {plain_text(run.status.reason)}")
        for run in runs
        if run.status.reason
    ]
    return Group(table, *reasons)


def _shown(run: StoredRun) -> list[str]:
    """Which of `_FORMS` the runs of this one's scenario have."""
    scenario = run.info.spec.scenario_info
    shown = ["test_loss"] if scenario.has_test else ["gap"] if scenario.quadratic else []
    return [*shown, "test_accuracy"] if scenario.has_test and scenario.has_accuracy else shown


def _figure(value: float | None, form: _Form) -> str:
    return "" if value is None else form(value)
