"""The one-step calculator: fields at the left, the lines of the formula at the right, calculated while the user types."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from tui_optim.spec.errors import UsageError
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.personal_app import is_ascii_only
from tui_optim.ui.standing import follow_standing, standing_of
from tui_optim.ui.teaching.step_form import StepForm
from tui_optim.ui.teaching.step_text import step_text
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.step_fields import StepField, StepFields

COMPACT_WIDTH = 100
"""Below this the fields take less room."""


class StepLines(VerticalScroll, can_focus=True):
    """The lines; where the focus is at first, so that letters are keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", id="calculator.down", show=False),
        Binding("k", "scroll_up", "Up", id="calculator.up", show=False),
    ]


class StepScreen(Screen[None]):
    """What an optimizer does to one weight."""

    TITLE = "One step"
    AUTO_FOCUS = "StepLines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "tab",
            "app.focus_next",
            "Fields",
            id="calculator.fields",
            tooltip="go to the fields and through them; up and down work there too",
        ),
        Binding(
            "n",
            "advance",
            "Next step",
            id="calculator.next",
            tooltip="take the state after the step as the next one's start",
        ),
        Binding(
            "b",
            "turn_correction",
            "Bias correction",
            id="calculator.correction",
            tooltip="with bias correction, or without",
        ),
        Binding("u", "clear_second", "One column", id="calculator.one-column", show=False, tooltip="empty the second column"),
        Binding("r", "reset", "Reset", id="calculator.reset", show=False, tooltip="back to the preset's values, from rest"),
        Binding("escape", "leave", "Back", id="calculator.leave", tooltip="leave the field, then the calculator"),
        Binding("q,s", "close", "Back", id="calculator.close", show=False),
    ]  # fmt: skip
    DEFAULT_CSS = """
    StepScreen {
        StepFields, StepLines {
            height: 1fr;
            border: round $border-blurred;
            border-title-color: $quiet;
            border-subtitle-color: $quiet;
            padding: 0 1;
        }
        StepFields { width: 42; }
        &.-compact StepFields { width: 38; }
        StepFields:focus-within, StepLines:focus { border: round $border; border-title-color: $primary; }
        StepLines { width: 1fr; scrollbar-size-vertical: 1; }
        #step-lines { height: auto; }
        #step-lines.-stale { text-opacity: 50%; }
        #step-problem { display: none; height: auto; padding: 0 1; color: $warning; }
        #step-problem.-told { display: block; }
    }
    """

    def __init__(self, form: StepForm, *, source: str, left_out: str = "") -> None:
        """`source` says whose values the fields begin with, `left_out` what of the preset no step here does."""
        super().__init__()
        self.form = form
        self._source, self._left_out = source, left_out
        self._at_first = {column: dict(texts) for column, texts in form.texts.items()}

    def compose(self) -> ComposeResult:
        """Fields, lines, keys."""
        with Horizontal():
            yield StepFields(self.form, id="step-fields")
            with StepLines():
                yield Static("", id="step-lines")
        yield Static("", id="step-problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Calculate with what is there."""
        self.query_one(StepFields).border_title = frame_text(self._source)
        self.query_one(StepLines).border_subtitle = frame_text(self._left_out)
        follow_standing(self)
        self.show_lines()

    def stand(self, _: tuple[str, ...]) -> None:
        """What holds for the app as a whole is another thing."""
        self._name_frame()

    def on_resize(self) -> None:
        """Set the lines anew."""
        self.set_class(self.app.size.width < COMPACT_WIDTH, "-compact")
        self.call_after_refresh(self.show_lines)

    def on_step_fields_changed(self) -> None:
        """Calculate while the user types."""
        self.show_lines()

    def on_descendant_focus(self) -> None:
        """Say what the field under the cursor means."""
        focused = self.focused
        self.query_one(StepFields).border_subtitle = frame_text(
            focused.field.help if isinstance(focused, StepField) else ""
        )

    def show_lines(self) -> None:
        """Calculate and show, or say what is wrong."""
        frame, lines = self.query_one(StepLines), self.query_one("#step-lines", Static)
        self._name_frame()
        try:
            calculations = self.form.calculations()
        except UsageError as error:
            self._tell(str(error))
            return
        self._tell("")
        width = max(20, frame.scrollable_content_region.width)
        lines.update(step_text(calculations, width, is_ascii=is_ascii_only(self.app)))
        self.query_one(StepFields).show_defaults(self.form.defaults())

    def action_turn_correction(self) -> None:
        """With bias correction, or without."""
        if not self.form.has_correction:
            self.notify(f"{self.form.optimizer.name} has no bias correction to turn on or off.")
            return
        self.form.corrects_bias = not self.form.corrects_bias
        self.show_lines()

    def action_advance(self) -> None:
        """Go on from where the step ended."""
        try:
            self.form.advance()
        except UsageError:  # the line below the fields says what is wrong
            return
        self._show_form()

    def action_clear_second(self) -> None:
        """Empty the second column."""
        self.form.texts["b"] = {}
        self._show_form()

    def action_reset(self) -> None:
        """Begin again."""
        self.form.texts = {column: dict(texts) for column, texts in self._at_first.items()}
        self.form.corrects_bias = self.form.has_correction
        self._show_form()

    def action_leave(self) -> None:
        """One layer out."""
        if isinstance(self.focused, StepField):
            self.query_one(StepLines).focus()
        else:
            self.action_close()

    def action_close(self) -> None:
        """Back to where the user came from."""
        self.dismiss(None)

    def _show_form(self) -> None:
        self.query_one(StepFields).show()
        self.show_lines()

    def _tell(self, problem: str) -> None:
        """Say what is wrong; until it is right the lines are those of before."""
        sentence = self.query_one("#step-problem", Static)
        sentence.update(problem)
        sentence.set_class(bool(problem), "-told")
        self.query_one("#step-lines").set_class(bool(problem), "-stale")

    def _name_frame(self) -> None:
        words = [self.form.optimizer.name]
        if self.form.has_correction:
            words.append(f"{'with' if self.form.corrects_bias else 'without'} bias correction")
        self.query_one(StepLines).border_title = frame_text("  ".join([*standing_of(self.app), ", ".join(words)]))
