"""The list of sweeps: those of the home, the newest first, and the ready-made ones."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.ui.names import sweep_name
from tui_optim.ui.sweeping.sentences import row_text
from tui_optim.ui.sweeping.watch import SweepRow
from tui_optim.ui.widgets.choice_list import ChoiceList

READY_MADE = "ready-made/"
"""How the ids of ready-made sweeps begin; those of started ones are file names and have no slash."""


class SweepList(ChoiceList):
    """Says which sweep is highlighted and which one the user enters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "screen.enter",
            "Open",
            id="sweep-list.open",
            key_display="enter",
            tooltip="go to the map, or say what a ready-made sweep takes",
        ),
    ]  # fmt: skip

    class Highlighted(Message):
        """Another sweep is highlighted; `option_id` is '' where there is none."""

        def __init__(self, option_id: str) -> None:
            """`option_id`: a sweep's id, or `READY_MADE` and a name."""
            self.option_id = option_id
            super().__init__()

    class Clicked(Message):
        """The user clicked on a sweep."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until sweeps are shown."""
        super().__init__(id=id, classes=classes)
        self._texts: dict[str, Content] = {}

    def show(self, rows: Sequence[SweepRow], plans: Mapping[str, SweepPlan], *, chosen: str) -> None:
        """Show these; the highlight stays, or goes to `chosen` where the list has become another."""
        texts = {
            row.sweep.sweep_id: row_text(row, number=number) for row, number in zip(rows, _numbers(rows), strict=True)
        }
        texts |= {f"{READY_MADE}{name}": _plan_text(name, plan) for name, plan in plans.items()}
        if list(texts) == list(self._texts):
            for option_id, text in texts.items():
                if text != self._texts[option_id]:
                    self.replace_option_prompt(option_id, text)
            self._texts = texts
            return
        self._texts = texts
        options = [Option(texts[row.sweep.sweep_id], id=row.sweep.sweep_id) for row in rows]
        if plans:
            options.append(Option(Content("Ready-made"), disabled=True))
            options += [Option(texts[f"{READY_MADE}{name}"], id=f"{READY_MADE}{name}") for name in plans]
        self.set_options(options)
        self.highlight(chosen)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say which sweep is highlighted."""
        event.stop()
        self.post_message(self.Highlighted(event.option_id or ""))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Say so."""
        event.stop()
        self.post_message(self.Clicked())


def _plan_text(name: str, plan: SweepPlan) -> Content:
    return Content.assemble(("+ ", "$quiet"), name, "\n", (f"  {sweep_name(plan)}", "$quiet"))


def _numbers(rows: Sequence[SweepRow]) -> list[int | None]:
    """Which of its name each sweep is, counted from its first start; None for one that is alone. The newest comes first."""
    names = [sweep_name(row.sweep.spec.plan) for row in rows]
    return [names[at:].count(name) if names.count(name) > 1 else None for at, name in enumerate(names)]
