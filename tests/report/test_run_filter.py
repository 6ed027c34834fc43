"""Filters of runs as a user types them: what passes, what is refused in which words, and what completes."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_preset, make_result, make_run, make_spec
from tui_optim.report.filter_completion import complete, known_values
from tui_optim.report.run_fields import run_fields
from tui_optim.report.run_filter import parse_filter
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home
from tui_optim.store.label import Label


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home for this module's runs."""
    return open_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def runs(home: Home) -> dict[str, StoredRun]:
    """Three runs by what they are called here."""
    momentum = make_preset("heavy-ball", hyperparameters={"lr": 0.05, "momentum": 0.9})
    adam = make_preset("adam", optimizer="adam", hyperparameters={"lr": 0.002}).model_copy(
        update={"family": "adaptive"}
    )
    spec = make_spec()
    good = make_result(spec, 2, test_accuracy=0.91, test_loss=0.3)
    return {
        "sgd": make_run(home, spec, results=[good], final=good),
        "ball": make_run(home, make_spec(preset=momentum, seed=7), state="diverged", reason="loss is NaN"),
        "adam": replace(
            make_run(home, make_spec("circles", adam, overrides={"schedule.kind": "cosine"}), state="queued"),
            label=Label(name="the fast one", note="for chapter 2", is_pinned=True),
        ),
    }


def passing(text: str, runs: dict[str, StoredRun]) -> list[str]:
    """Which of them pass."""
    wanted = parse_filter(text, run_fields(runs.values()))
    return [name for name, run in runs.items() if wanted.passes(run)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["sgd", "ball", "adam"]),
        ("lr>=0.01", ["ball"]),
        ("lr >= 0.002 lr<0.05", ["adam"]),
        ("lr=1e-3", ["sgd"]),
        ("momentum=0.9", ["ball"]),
        ("momentum!=0.9", ["sgd", "adam"]),
        ("family~ADAPT", ["adam"]),
        ("family!~adapt", ["sgd", "ball"]),
        ("state=diverged", ["ball"]),
        ("state!=diverged seed=42", ["sgd", "adam"]),
        ("schedule.kind=cosine", ["adam"]),
        ("test_accuracy>=0.9", ["sgd"]),
        ("test_accuracy>=90%", ["sgd"]),
        ("test_accuracy<90%", ["ball"]),
        ("epoch>=2 device=cpu", ["sgd", "ball"]),
        ("pinned=yes", ["adam"]),
        ("pinned=false preset~sgd", ["sgd"]),
        ('name="the fast one"', ["adam"]),
        ("note~'chapter 2'", ["adam"]),
        ("fast chapter", ["adam"]),
        ("lenet5 heavy", ["ball"]),
        ("CIRCLES", ["adam"]),
        ("batch_size=64", ["sgd", "ball"]),
        ("nobody", []),
    ],
)
def test_every_term_has_to_hold(text: str, expected: list[str], runs: dict[str, StoredRun]) -> None:
    """Fields with operators, words, quotes; what a run does not have equals nothing and is in no order."""
    assert passing(text, runs) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("learning=3", "unknown field 'learning'"),
        ("momentun>0.5", "did you mean 'momentum'?"),
        ("family>second", "family is text: it takes =, !=, ~, !~, not >"),
        ("lr>=", "lr>= needs a value"),
        ("lr>fast", "lr > 'fast': expected a number"),
        ("epoch=two", "epoch = 'two': expected a number"),
        ("state=divergd", "did you mean 'diverged'?"),
        ("test_accuracy>=90", "test_accuracy is a fraction: write 0.9 or 90%"),
        ("pinned=perhaps", "pinned is true or false"),
        ("name='half", "a quote is not closed"),
        (">=3", "has no field before it"),
    ],
)
def test_what_cannot_be_meant_is_told_in_a_sentence(text: str, sentence: str) -> None:
    """With the nearest valid name, or what to write."""
    with pytest.raises(UsageError) as caught:
        parse_filter(text, run_fields())
    assert sentence in str(caught.value)


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["lr", ">=", "=", "~", '"', "'", " ", "1", "%", "state", "!"])).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but a sentence ever comes of a bad filter."""
    sentence = ""
    try:
        parse_filter(text, run_fields())
    except UsageError as error:
        sentence = str(error)
    assert sentence.isprintable()


def test_a_loss_that_is_no_number_is_in_no_order(home: Home) -> None:
    """It is found by its name."""
    spec = make_spec()
    run = make_run(home, spec, results=[replace(make_result(spec, 1), test_loss=math.nan)])
    assert passing("test_loss>0", {"run": run}) == passing("test_loss<9", {"run": run}) == []
    assert passing("test_loss=nan", {"run": run}) == ["run"]


def completed(text: str, runs: dict[str, StoredRun]) -> tuple[str, ...]:
    """What may stand at the end of a text."""
    found = run_fields(runs.values())
    return complete(text, len(text), found, lambda field: known_values(field, runs.values())).candidates


def test_fields_operators_and_values_complete(runs: dict[str, StoredRun]) -> None:
    """Names by their beginning and then by a part; the operators of a whole name; the values that runs have."""
    assert completed("sta", runs)[0] == "state"
    assert completed("lr=0.1 sch", runs)[0] == "schedule.kind"
    assert "test_accuracy" in completed("acc", runs)
    assert completed("family", runs) == ("family=", "family!=", "family~", "family!~")
    assert completed("preset=", runs) == ("adam", "heavy-ball", "sgd-baseline")
    assert completed("seed=4", runs) == ("42",)
    assert completed("lr>", runs) == ("0.001", "0.002", "0.05")
    assert completed("name=the", runs) == ('"the fast one"',)
    assert completed("state=div", runs) == ("diverged",)
    assert completed("state=diverged", runs) == ()
    assert completed("nothing=", runs) == ()


def test_a_candidate_takes_the_place_of_what_was_begun(runs: dict[str, StoredRun]) -> None:
    """What stands behind the cursor stays there."""
    found = run_fields(runs.values())
    completion = complete("lr>0.1 fam seed=1", 10, found, lambda _: [])
    assert completion.applied("lr>0.1 fam seed=1", 10, 0) == ("lr>0.1 family seed=1", 13)
