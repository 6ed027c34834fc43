"""Everything that can be chosen or read is explained, and every experiment can be started."""

import dataclasses
import re
import shlex
from pathlib import Path

import pytest

from tests.factories import make_preset
from tui_optim.spec.averaging import AVERAGINGS
from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.explain.catalogue import Topics, all_topics
from tui_optim.spec.explain.families import FAMILY_LESSONS
from tui_optim.spec.explain.optimizers import OPTIMIZER_LESSONS
from tui_optim.spec.explain.presets import PRESET_LESSONS
from tui_optim.spec.explain.rules import AVERAGING_LESSONS, SCHEDULE_LESSONS
from tui_optim.spec.explain.scenarios import SCENARIO_LESSONS
from tui_optim.spec.explain.topic import Arm, Topic
from tui_optim.spec.optimizers import FAMILIES, OPTIMIZERS
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import SCENARIOS, find_scenario
from tui_optim.spec.schedules import SCHEDULES
from tui_optim.store.library import load_library

LIBRARY = load_library()
TOPICS = all_topics(LIBRARY.presets)
FIGURES = {field.name for field in dataclasses.fields(EpochResult)} - {"epoch", "step", "cost"}


def runs_of(arm: Arm) -> list[RunSpec]:
    """The runs of an arm on data that nobody reads."""
    dataset = find_scenario(arm.scenario).dataset
    return arm.runs(LIBRARY.find, DataSource(dataset=dataset, kind="full", origin="", folder=Path(), files={}))


def named(topic: Topic) -> str:
    """For the names of tests."""
    return f"{topic.kind}-{topic.id}"


@pytest.mark.parametrize(
    "name",
    [
        *LIBRARY.presets,
        *OPTIMIZERS,
        *SCENARIOS,
        *SCHEDULES,
        *AVERAGINGS,
        *FAMILIES,
        *sorted(FIGURES),
        "train",
        "val",
        "test",
    ],
)
def test_every_name_is_explained(name: str) -> None:
    """Whatever a registry or a result calls so is found by its name."""
    topic = TOPICS.get(name)
    assert topic is not None
    assert topic.title
    assert topic.what


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=lambda optimizer: optimizer.id)
def test_an_optimizers_explanation_says_what_the_registry_says(optimizer: object) -> None:
    """Its formula or its preset's, what a step costs and what it stores: written once, shown here too."""
    topic = TOPICS.find(optimizer.id)  # type: ignore[attr-defined]
    facts = dict(topic.facts)
    assert topic.formula
    assert topic.source
    assert facts["A step costs"] == optimizer.step_cost  # type: ignore[attr-defined]
    assert facts["Keeps between steps"] == optimizer.stores  # type: ignore[attr-defined]


@pytest.mark.parametrize("topic", TOPICS.all, ids=named)
def test_every_experiment_can_be_started(topic: Topic) -> None:
    """Its runs resolve, each once, and what to look at is said; only what suits no scenario here has none."""
    assert bool(topic.look) == bool(topic.experiment)
    if not topic.experiment:
        optimizer = OPTIMIZERS[topic.id]
        assert all(why_unsuited(scenario, optimizer) for scenario in SCENARIOS.values())
    runs = [run for arm in topic.experiment for run in runs_of(arm)]
    assert len({run.model_dump_json() for run in runs}) == len(runs)


@pytest.mark.parametrize("topic", TOPICS.all, ids=named)
def test_every_reference_leads_somewhere(topic: Topic) -> None:
    """What is named under 'see also' is explained, and no topic names itself."""
    assert topic.id not in topic.see
    assert all(TOPICS.get(name) for name in topic.see)


@pytest.mark.parametrize("topic", TOPICS.all, ids=named)
def test_names_lead_to_one_topic(topic: Topic) -> None:
    """No alias hides behind another name, and no name behind another kind."""
    assert TOPICS.get(topic.id) is topic
    assert all(TOPICS.get(alias) is topic for alias in topic.aliases)


@pytest.mark.parametrize("topic", TOPICS.all, ids=named)
def test_texts_are_sentences(topic: Topic) -> None:
    """Short, complete, and in lines that the screen can wrap."""
    for text in filter(None, (topic.what, topic.look)):
        assert text[0].isupper() or text[0] in "αηθλμ'n("
        assert text.endswith((".", "!", ")"))
        assert "\n" not in text
        assert len(text) < 600
    assert all(len(line) <= 110 for line in topic.formula.splitlines())


@pytest.mark.parametrize(
    ("lessons", "registry"),
    [
        (OPTIMIZER_LESSONS, OPTIMIZERS),
        (PRESET_LESSONS, LIBRARY.presets),
        (SCENARIO_LESSONS, SCENARIOS),
        (SCHEDULE_LESSONS, SCHEDULES),
        (AVERAGING_LESSONS, AVERAGINGS),
        (FAMILY_LESSONS, FAMILIES),
    ],
    ids=["optimizers", "presets", "scenarios", "schedules", "averagings", "families"],
)
def test_no_lesson_is_about_nothing(lessons: dict[str, object], registry: dict[str, object]) -> None:
    """Each belongs to something that exists."""
    assert set(lessons) <= set(registry)


@pytest.mark.parametrize("topic", TOPICS.all, ids=named)
def test_the_command_names_the_runs(topic: Topic) -> None:
    """Scenario, presets and every value stand in the command line that is shown."""
    for arm in topic.experiment:
        words = shlex.split(arm.command)
        assert words[:3] == ["tui-optim", "run", arm.scenario]
        assert set(arm.presets) <= set(words)
        assert {f"{name}={str(value).lower()}" for name, value in arm.settings.items()} <= set(map(str.lower, words))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("val_loss", "val_loss"),
        ("Val Loss", "val_loss"),
        ("validation", "val"),
        ("effective epochs", "effective_epochs"),
        ("held-out", "held-out"),
        ("holdout", "held-out"),
        ("band", "band"),
        ("nan", "divergence"),
        ("second-order", "family-second-order"),
    ],
)
def test_names_may_be_written_as_people_do(name: str, found: str) -> None:
    """With blanks, dashes or underscores, in any case, or by another name."""
    assert TOPICS.find(name).id == found


def test_an_unknown_name_proposes_the_nearest() -> None:
    """And where none is near, how to see all."""
    with pytest.raises(UsageError, match="nothing is known about 'cosin': did you mean 'cosine'"):
        TOPICS.find("cosin")
    with pytest.raises(UsageError, match="tui-optim explain lists all"):
        TOPICS.find("qqqq")


def test_a_preset_of_ones_own_is_tried_against_the_yardstick() -> None:
    """It has its optimizer's facts, and an experiment that runs it."""
    mine = make_preset("my-adam", optimizer="adam", hyperparameters={"lr": 0.01})
    topic = all_topics({**LIBRARY.presets, "my-adam": mine}).find("my-adam")
    assert re.search(r"run mlp-fashion my-adam sgd$", topic.experiment[0].command)
    assert dict(topic.facts)["Values"] == "lr 0.01, batch_size 64"


def test_an_optimizer_without_a_preset_is_explained_too() -> None:
    """As where a user has an empty library."""
    topics: Topics = all_topics({})
    assert topics.find("adam").kind == "optimizer"
    assert topics.find("adam").formula == OPTIMIZERS["adam"].formula
