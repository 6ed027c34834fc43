"""The calculator's fields as the user typed them, in two columns, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass

from tui_optim.spec.calculator.calculation import (
    GRADIENT,
    PARAMETER,
    STEP,
    Calculation,
    Question,
    calculate,
    find_recipe,
    letter,
)
from tui_optim.spec.hyperparameters import Hyperparameter, Value, format_value, parse_value
from tui_optim.spec.optimizers import find_optimizer

COLUMNS = ("a", "b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A value that a step starts from."""

    name: str
    letter: str
    """As it stands in the formulas."""
    help: str
    is_state: bool = False


class StepForm:
    """What a step starts from. An empty field of the first column is its default, one of the second as in the first."""

    def __init__(self, optimizer_id: str, hyperparameters: Mapping[str, Value]) -> None:
        """Begin with a gradient of 1, from rest. Raises UsageError where the optimizer is not elementwise."""
        recipe = find_recipe(optimizer_id)
        self.optimizer = find_optimizer(optimizer_id)
        states = [
            Field(name=one.symbol.name, letter=one.symbol.letter, help=one.help, is_state=True) for one in recipe.states
        ]
        self.fields: tuple[Field, ...] = (
            Field(name=GRADIENT.name, letter="g", help=GRADIENT.help),
            Field(name=PARAMETER.name, letter="w", help=PARAMETER.help),
            Field(name=STEP.name, letter="t", help=STEP.help),
            *states,
            *(self._field(about) for about in self.optimizer.hyperparameters),
        )
        known = {about.name for about in self.optimizer.hyperparameters}
        first = {name: format_value(value) for name, value in hyperparameters.items() if name in known}
        first |= {about.name: format_value(about.default) for about in (GRADIENT, PARAMETER, STEP)}
        self.texts: dict[str, dict[str, str]] = {"a": first, "b": {}}
        self.has_correction = recipe.corrects_bias
        self.corrects_bias = recipe.corrects_bias

    def calculations(self) -> list[Calculation]:
        """One, or two where the second column says anything. Raises UsageError when a field is not valid."""
        question = Question(
            optimizer=self.optimizer.id,
            state={},
            hyperparameters={},
            corrects_bias=self.corrects_bias if self.has_correction else None,
        )
        questions = []
        for column in COLUMNS:
            given = {name: text for name, text in self.texts[column].items() if text.strip()}
            if column == "b" and not given:
                break
            question = self._with_values(question, given)
            questions.append(question)
        return [calculate(one) for one in questions]

    def defaults(self) -> dict[str, str]:
        """What the empty fields of the first column stand for. Raises UsageError when a field is not valid."""
        used = self.calculations()[0].question
        values = {**used.hyperparameters, **used.state, GRADIENT.name: used.gradient, PARAMETER.name: used.parameter}
        return {name: format_value(value) for name, value in {**values, STEP.name: used.step}.items()}

    def advance(self) -> None:
        """Let every state, the weight and the step be what they are after the step. Raises UsageError."""
        for column, calculation in zip(COLUMNS, self.calculations(), strict=False):
            (taken,) = calculation.steps
            after = {**taken.state, PARAMETER.name: taken.parameter}
            self.texts[column] |= {name: f"{value:.12g}" for name, value in after.items()}
            self.texts[column][STEP.name] = str(taken.number + 1)

    def _with_values(self, question: Question, texts: Mapping[str, str]) -> Question:
        for name, text in texts.items():
            question = question.with_value(name, parse_value(text))
        return question

    def _field(self, about: Hyperparameter) -> Field:
        return Field(
            name=about.name, letter=letter(self.optimizer.id, about.name), help=f"{about.help}: {about.expected}"
        )
