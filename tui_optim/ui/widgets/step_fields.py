"""The fields of the calculator: a row for each value that a step starts from, in two columns."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui_optim.ui.look.spelling import spelled_text
from tui_optim.ui.personal_app import is_ascii_only
from tui_optim.ui.teaching.step_form import COLUMNS, Field, StepForm
from tui_optim.ui.widgets.steady_input import SteadyInput


class StepField(SteadyInput):
    """One value; the arrows go to its neighbours."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,enter", "go(1)", "Next", id="fields.next", show=False),
        Binding("up", "go(-1)", "Previous", id="fields.previous", show=False),
    ]

    class Left(Message):
        """The user wants to go to the field so many rows below."""

        def __init__(self, field: "StepField", by: int) -> None:
            """From `field`, `by` rows down."""
            self.field, self.by = field, by
            super().__init__()

    def __init__(self, field: Field, column: str, text: str) -> None:
        """A field with its present text."""
        super().__init__(text, compact=True, id=f"{column}-{field.name.replace('.', '-')}", classes="field")
        self.field, self.column = field, column

    def action_go(self, by: int) -> None:
        """Go to another row."""
        self.post_message(self.Left(self, by))


class StepFields(VerticalScroll, can_focus=False):
    """All fields."""

    DEFAULT_CSS = """
    StepFields {
        scrollbar-size-vertical: 1;
        .row { height: 1; }
        .name { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; color: $quiet; }
        .field { width: 9; height: 1; border: none; padding: 0; margin-left: 1; background: $panel; }
        .field:focus { background: $block-cursor-blurred-background; }
        .heading { width: 9; margin-left: 1; }
    }
    """

    class Changed(Message):
        """The user has typed into a field; the form knows it."""

    def __init__(self, form: StepForm, *, id: str | None = None, classes: str | None = None) -> None:
        """Fields over a form."""
        super().__init__(id=id, classes=classes)
        self.form = form

    def compose(self) -> ComposeResult:
        """A heading and the rows."""
        with Horizontal(classes="row"):
            yield Static("", classes="name")
            yield Static(Content.styled("first", "$primary"), classes="heading")
            yield Static(Content.styled("second", "$accent"), classes="heading")
        for field in self.form.fields:
            with Horizontal(classes="row"):
                letter = spelled_text(field.letter) if is_ascii_only(self.app) else field.letter
                letter = "" if letter == field.name else letter
                yield Static(Content(f"{letter:<4} {field.name}"), classes="name")
                for column in COLUMNS:
                    yield StepField(field, column, self.form.texts[column].get(field.name, ""))

    def show(self) -> None:
        """Show what the form says."""
        for field in self.query(StepField):
            text = self.form.texts[field.column].get(field.field.name, "")
            if field.value != text:
                field.value = text

    def show_defaults(self, defaults: Mapping[str, str]) -> None:
        """Show what the empty fields stand for."""
        for field in self.query(StepField):
            field.placeholder = defaults.get(field.field.name, "–") if field.column == "a" else "same"

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take the text over at once."""
        event.stop()
        field = event.input
        if isinstance(field, StepField):
            self.form.texts[field.column][field.field.name] = event.value
            self.post_message(self.Changed())

    def on_step_field_left(self, message: StepField.Left) -> None:
        """Go to the field above or below, in the same column; from the last to the first."""
        message.stop()
        column = [field for field in self.query(StepField) if field.column == message.field.column]
        column[(column.index(message.field) + message.by) % len(column)].focus()
