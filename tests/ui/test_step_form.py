"""The calculator's fields in two columns, and its lines at any width."""

import pytest

from tui_optim.spec.errors import UsageError
from tui_optim.ui.teaching.step_form import StepForm
from tui_optim.ui.teaching.step_text import step_text

SHEET = {"lr": 0.01, "beta1": 0.9, "beta2": 0.99}


def form(optimizer: str = "adam", **first: str) -> StepForm:
    """The exercise's form, with some texts typed into the first column."""
    made = StepForm(optimizer, SHEET if optimizer == "adam" else {})
    made.texts["a"] |= first
    return made


def test_a_form_begins_with_the_given_values_and_from_rest() -> None:
    """A gradient of 1, a weight of 0, the first step; states are empty, which means their default."""
    made = form()
    assert [field.name for field in made.fields][:6] == ["grad", "parameter", "step", "m", "v", "v_max"]
    assert {name: made.texts["a"].get(name) for name in ("grad", "m", "lr")} == {"grad": "1", "m": None, "lr": "0.01"}
    assert made.defaults()["m"] == "0"


def test_what_is_typed_is_calculated() -> None:
    """The exercise of the sheet, without bias correction."""
    made = form(grad="2", m="0.5", v=".2")
    made.corrects_bias = False
    (calculation,) = made.calculations()
    assert calculation.steps[0].change == pytest.approx(-0.0133237, rel=1e-5)


def test_the_second_column_differs_where_it_says_something() -> None:
    """All else is as in the first."""
    made = form(grad="2", m="0.5", v="0.2")
    made.texts["b"] = {"v": "20", "m": "  "}
    first, second = made.calculations()
    assert (first.question.state["v"], second.question.state["v"]) == (0.2, 20.0)
    assert first.question.state["m"] == second.question.state["m"]


def test_a_default_may_depend_on_another_field() -> None:
    """Rprop's first step is its rate, whatever that is."""
    made = form("rprop", lr="0.25")
    assert made.defaults()["delta"] == "0.25"


def test_the_next_step_starts_where_the_last_one_ended() -> None:
    """Two steps by hand are two steps at once, in both columns."""
    made = form(grad="2")
    made.texts["b"] = {"grad": "3"}
    made.advance()
    assert (made.texts["a"]["step"], made.texts["b"]["step"]) == ("2", "2")
    assert made.texts["a"]["m"] == "0.2"
    first, second = made.calculations()
    assert second.question.state["m"] == pytest.approx(0.3)
    assert first.question.parameter == pytest.approx(-0.01)


@pytest.mark.parametrize("text", ["x", "1e999", "--", "nan"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """With the field's name."""
    with pytest.raises(UsageError, match=r"grad = .*: expected a number"):
        form(grad=text).calculations()


def test_an_optimizer_that_is_not_elementwise_has_no_form() -> None:
    """The reason is the calculator's."""
    with pytest.raises(UsageError, match="LAMB has no step for one weight alone"):
        StepForm("lamb", {})


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_lines_stay_within_the_width(width: int) -> None:
    """Numbers are wrapped; equations alone may be wrapped by the screen."""
    made = form("nadam", grad="2")
    made.texts["b"] = {"v": "20"}
    lines = step_text(made.calculations(), width).plain.splitlines()
    assert all(len(line) <= width for line in lines if line.startswith("  ="))


def test_two_states_stand_side_by_side_where_there_is_room() -> None:
    """In 80 cells the values share a line, in 40 one stands below the other."""
    made = form(grad="2", m="0.5", v="0.2")
    made.texts["b"] = {"v": "20"}
    wide, narrow = (step_text(made.calculations(), width).plain.splitlines() for width in (100, 40))
    assert sum(line.count("· 2 = 0.65") for line in wide) == sum(line.count("· 2 = 0.65") for line in narrow) == 2
    assert any(line.count("· 2 = 0.65") == 2 for line in wide)
    assert not any(line.count("· 2 = 0.65") == 2 for line in narrow)


def test_steps_with_other_lines_stand_one_below_the_other() -> None:
    """RAdam's first step has fewer lines than its ninth."""
    made = form("radam")
    made.texts["b"] = {"step": "9"}
    text = step_text(made.calculations(), 100).plain
    assert text.count("ρ∞ = 2 / (1 − β₂) − 1") == 2
    assert "v has seen too few gradients" in text


def test_in_ascii_formulas_are_spelled() -> None:
    """Letters by their names, roots with parentheses, nothing that is left to be mapped cell by cell but a minus."""
    text = step_text(form(grad="2", m="0.5", v="0.2").calculations(), 100, is_ascii=True).plain
    assert "beta1 m + (1 − beta1) g" in text.replace("₁", "1")
    assert "sqrt(v_hat)" in text
    assert set(text) - {chr(code) for code in range(128)} <= set("−₁₂")
