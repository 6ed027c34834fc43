"""An explanation says what its sentences rest on."""

from tests.factories import make_preset
from tui_optim.report.explanation import basis_text, paragraphs
from tui_optim.spec.explain.catalogue import all_topics
from tui_optim.store.library import load_library

PRESETS = load_library().presets
TOPICS = all_topics(PRESETS)


def test_seed_data_and_split_are_named() -> None:
    """Right below what to look at."""
    text = "with seed 42, on the full data, judged by its validation part, on a CPU; other seeds and the sample can differ."
    topic = TOPICS.find("adam")
    assert basis_text(topic) == text
    headings = [part.heading for part in paragraphs(topic, width=60)]
    assert headings.index("Seen") == headings.index("Look at") + 1


def test_a_problem_without_data_names_its_seeds_alone() -> None:
    """There is no sample of a function, and nothing to hold out."""
    assert basis_text(TOPICS.find("scalar-mean")) == "with seeds 1..10, on a CPU; other seeds can differ."


def test_runs_that_use_the_test_set_do_not_claim_the_validation_part() -> None:
    """As those of the assignment."""
    assert "validation" not in basis_text(TOPICS.find("lenet5-fashion"))


def test_nothing_is_claimed_of_what_nobody_ran() -> None:
    """A preset of one's own has an experiment, and no line that says what it showed."""
    mine = make_preset("my-adam", optimizer="adam", hyperparameters={"lr": 0.01})
    topic = all_topics({**PRESETS, "my-adam": mine}).find("my-adam")
    assert topic.experiment
    assert basis_text(topic) == ""
    assert "Seen" not in [part.heading for part in paragraphs(topic, width=60)]


def test_every_preset_of_the_program_was_run() -> None:
    """Each has a lesson whose experiment runs it; none is left with the sentence for presets of one's own."""
    unseen = [topic.id for topic in TOPICS.all if topic.kind == "preset" and not topic.was_seen]
    assert unseen == []
