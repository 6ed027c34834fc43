"""A new sweep: what is searched and how, with the number of runs and the time they take while the user types."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Input, Static

from tui_optim.spec.errors import UsageError
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.once import once
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.sweeping.desk import Judged
from tui_optim.ui.sweeping.draft import CHOICES, DRAFT_FIELDS, SweepDraft
from tui_optim.ui.widgets.choice_row import ChoiceRow
from tui_optim.ui.widgets.steady_input import SteadyInput

DELAY_S = 0.12
"""How long the keys have to rest before the draft is judged."""
_TITLES = {
    "tuned": "tunes",
    "final_seeds": "final seeds",
    "final_epochs": "final epochs",
    "final_test": "final test",
    "settings": "set",
}
_EMPTY = {
    "epochs": "the scenario's",
    "patience": "a trial trains all of its epochs",
    "final_seeds": "none: the sweep ends with its search",
    "final_epochs": "as many as a trial's",
    "settings": "nothing: the presets' values",
}
"""What an empty field means."""
_HINTS = {
    "search": "grid: all values; random, tpe: points in ranges; rate: log-spaced, extends itself. left and right turn",
    "space": "what is searched: lr=0.01,0.1 batch_size=64,128; for random and tpe also ranges, lr=1e-4..1",
    "tuned": "the key that is tuned: eight values a factor 10^⅓ apart around the preset's own, more at the border",
    "trials": "points of each preset",
    "seeds": "tuning seeds: 7, or 7..9 to judge each point by the mean of three",
    "epochs": "epochs of a trial",
    "metric": "what decides, at the last epoch of a trial: on held-out data, never on the test set",
    "prune": "median: give a trial up that is worse than half of the earlier ones at its epoch",
    "patience": "ends a trial whose validation loss has not been bettered for so many epochs; it is judged where it ended",
    "final_seeds": "fresh seeds, 101..105: each winner then trains on the full training set",
    "final_epochs": "epochs of these runs",
    "winner": "each: every preset's own; overall: one of all presets, and each of them trains with its values",
    "final_test": "when these runs evaluate the test set; once: at their end alone",
    "settings": "values that all trials share: momentum=0.9 schedule.kind=cosine",
}


class NewSweepScreen(Dialog[SweepSpec]):
    """Gives the sweep back that is to be started."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "start", "Start", id="new-sweep.start", show=False, priority=True),
        Binding("down", "app.focus_next", "Next", id="new-sweep.next", show=False),
        Binding("up", "app.focus_previous", "Previous", id="new-sweep.previous", show=False),
    ]
    DEFAULT_CSS = """
    NewSweepScreen {
        & > .box { width: 92; padding: 0 1; overflow-y: auto; }
        .row { height: 1; }
        .row > Static { width: 14; color: $quiet; }
        .row > Input, .row > ChoiceRow { width: 1fr; margin: 0; }
        #sweep-presets { height: auto; max-height: 2; margin-bottom: 1; color: $foreground; }
        #sweep-hint { height: 2; margin-top: 1; }
        #sweep-outcome { height: auto; min-height: 2; max-height: 4; }
    }
    """

    def __init__(
        self,
        title: str,
        about: str,
        draft: SweepDraft,
        *,
        keep: Callable[[SweepDraft], None],
        judge: Callable[[SweepDraft], Awaitable[Judged]],
        missing: str = "",
    ) -> None:
        """Edit a draft.

        Args:
            title: where the sweep is.
            about: which presets it is of.
            draft: what the fields hold at first.
            keep: gets every change.
            judge: says what a draft would be, or raises UsageError.
            missing: why `tpe` cannot be chosen, or ''.
        """
        super().__init__()
        self.draft = draft
        self.title_text, self.about = title, about
        self._keep, self._judge, self._missing = keep, judge, missing
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The fields, what the current one means, and what the whole would be."""
        with Vertical(classes="box") as box:
            box.border_title = frame_text(f"New sweep · {self.title_text}")
            keys = "tab: next field   ⟪new-sweep.start:enter⟫: start   ⟪dialog.cancel:esc⟫: back, kept"
            box.border_subtitle = with_keys(self.app, keys)
            yield Static(self.about, id="sweep-presets", markup=False)
            for name in DRAFT_FIELDS:
                with Horizontal(classes="row", id=f"row-{name}"):
                    yield Static(_TITLES.get(name, name), markup=False)
                    yield self._field(name)
            yield Static("", classes="hint", id="sweep-hint", markup=False)
            yield Static("", id="sweep-outcome", markup=False)

    def on_mount(self) -> None:
        """Stand on what is searched."""
        self._show_fields()
        self.query_one("#field-tuned" if self.draft.search == "rate" else "#field-space").focus()
        self._judge_now()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the field means."""
        name = (event.widget.id or "").removeprefix("field-")
        self.query_one("#sweep-hint", Static).update(_HINTS.get(name, ""))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take a typed word over."""
        event.stop()
        self._take(event.input.id or "", event.value)
        self._show_fields()

    def on_choice_row_changed(self, event: ChoiceRow.Changed) -> None:
        """Take a choice over."""
        event.stop()
        for row in self.query(ChoiceRow):
            self._take(row.id or "", row.value)
        self._show_fields()

    def action_start(self) -> None:
        """Start, where that is possible."""
        if self._timer is not None:
            self._timer.stop()
        # a group of its own: what was typed just before is judged as well, and must not break the start off
        self.run_worker(self._show_outcome(is_start=True), group="start", exclusive=True)

    def _field(self, name: str) -> Input | ChoiceRow:
        value = getattr(self.draft, name)
        if name in CHOICES:
            unavailable = ("tpe",) if self._missing and name == "search" else ()
            return ChoiceRow(CHOICES[name], value, unavailable=unavailable, id=f"field-{name}")
        return SteadyInput(value, _EMPTY.get(name, ""), compact=True, id=f"field-{name}", select_on_focus=False)

    def _take(self, field_id: str, value: str) -> None:
        name = field_id.removeprefix("field-")
        if name in DRAFT_FIELDS and getattr(self.draft, name) != value:
            self.draft = replace(self.draft, **{name: value})
            self._keep(self.draft)
            self._judge_soon()

    def _show_fields(self) -> None:
        """Only those that mean something with this search."""
        for name in DRAFT_FIELDS:
            self.query_one(f"#row-{name}").display = self.draft.asks_for(name)

    def _judge_soon(self) -> None:
        """Judge once the keys rest."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = once(self, DELAY_S, self._judge_now)

    def _judge_now(self) -> None:
        self.run_worker(self._show_outcome(), group="judge", exclusive=True)

    async def _show_outcome(self, *, is_start: bool = False) -> None:
        outcome, draft = self.query_one("#sweep-outcome", Static), self.draft
        try:
            judged = await self._judge(draft)
        except UsageError as error:
            outcome.set_classes("problem")
            outcome.update(str(error))
            return
        outcome.set_classes("")
        outcome.update(judged.text)
        if is_start and self.is_current:
            self.dismiss(judged.spec)
