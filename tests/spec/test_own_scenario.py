"""A user's scenario is a file; what is wrong with it is said in a sentence, and a run keeps what it was."""

import json
import re
from pathlib import Path

import pytest

from tests.factories import make_preset
from tests.own_scenarios import MOONS, SINE, own_run, sized, write_scenario
from tests.packages import declare_plugins
from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.errors import UsageError
from tui_optim.spec.optimizers import OPTIMIZERS
from tui_optim.spec.own_scenario import load_scenario, unchanged_scenario
from tui_optim.spec.plugins import FILES_VARIABLE, find_plugins
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.spec.scenarios import all_scenarios, find_scenario


def test_a_file_in_a_folder_is_a_scenario_beside_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found by its id, with its file, its hash, and what the program works out from what it says."""
    path = write_scenario(tmp_path, MOONS)
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path))
    scenario = find_scenario("two-moons")
    assert (scenario.origin, len(scenario.sha256)) == (str(path), 64)
    assert (scenario.num_parameters, scenario.has_accuracy, scenario.has_test) == (82, True, True)
    assert list(all_scenarios())[-1] == "two-moons"


def test_without_classes_there_is_no_accuracy(tmp_path: Path) -> None:
    """Numbers are predicted: no accuracy, no targets of accuracy, and a loss of the file's own."""
    scenario = load_scenario(str(write_scenario(tmp_path, SINE))).scenario
    assert (scenario.has_accuracy, scenario.loss, scenario.targets) == (False, "own", ())


def test_images_of_the_program_need_no_data_of_the_file(tmp_path: Path) -> None:
    """With `dataset` the file brings the model alone."""
    text = MOONS.replace(
        'examples=Examples(num_train=300, num_test=300, classes=("upper moon", "lower moon"))', 'dataset="mnist"'
    )
    scenario = load_scenario(str(write_scenario(tmp_path, text.split("def load_data")[0]))).scenario
    assert scenario.data_set.num_examples["full"] == (60_000, 10_000)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("SCENARIO =", "SCENE =", "expected OPTIMIZER, .*, or SCENARIO"),
        ("SCENARIO = Scenario(", "SCENARIO = dict(", "expected SCENARIO, a tui_optim.spec.scenarios.Scenario"),
        ("def build_model", "def build", r"expected a function build_model\(\)"),
        ("def load_data", "def data", r"expected a function load_data\(\)"),
        ('id="two-moons"', 'id="../moons"', r"id = '\.\./moons': expected a–z"),
        ('id="two-moons"', 'id="circles"', "id = 'circles': a scenario or data set of the program has this id"),
        ("batch_size=10", "batch_size='ten'", "batch_size = 'ten': expected a valid integer"),
        ("epochs=30", "epochs=0", "epochs and batch_size: expected whole numbers from 1 on"),
        (
            "epochs=30",
            "epochs=30, validation_size=300",
            "validation_size = 300: expected a number below the 300 training",
        ),
        ("epochs=30", "epochs=30, loss='squares'", r"model and loss: .* a function loss\(outputs, targets\)"),
        (
            "epochs=30",
            "epochs=30, has_handout_loss=True",
            "has_handout_loss: only scenarios that come with the program",
        ),
        ("epochs=30", "epochs=30, penalised_layers=('fc9',)", "penalised_layers: 'fc9': expected names of layers"),
        ("epochs=30", "speed=30", r"TypeError: .*'speed' \(line \d+\)"),
        ('title="Two moons: network 2-16-2"', 'title="a\\nb"', r"title = 'a\\nb': expected one line of text"),
        ("num_train=300", "num_train=0", "expected num_train from 1 and num_test from 0 on"),
        (', classes=("upper moon", "lower moon")', "", r"cross-entropy has no meaning; .* loss\(outputs, targets\)"),
        ('("upper moon", "lower moon")', '("moon",)', "expected two or more, or none"),
        ("examples=Examples(", "dataset='mnist', examples=Examples(", "expected one of them"),
        ("parameters=48", "parameters='48'", "layers.0.parameters = '48': expected a valid integer"),
        ("weights=32", "weights=320", "layers: fc1 has 320 weights among 48 parameters"),
        ("SCENARIO =", "raise SystemExit(4)\nSCENARIO =", r"SystemExit: 4 \(line \d+\)"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, part: str) -> None:
    """What is missing, of another type, or contradicts itself is one sentence with the file; the rest goes on."""
    assert old in MOONS
    path = write_scenario(tmp_path, MOONS.replace(old, new, 1))
    monkeypatch.setenv(FILES_VARIABLE, str(path))
    found = find_plugins()
    (problem,) = found.problems
    assert problem.startswith(f"plugin {path}: ")
    assert "\n" not in problem
    assert re.search(part, problem), problem


def test_an_installed_package_brings_a_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module named by an entry point of the group is read like a file."""
    write_scenario(tmp_path, MOONS, name="moons_of_a_package.py")
    declare_plugins(tmp_path, "moons = moons_of_a_package")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path / "none"))  # another key of the cache
    assert find_plugins().scenarios["two-moons"].scenario.origin == "moons_of_a_package"


def test_one_file_may_bring_an_optimizer_and_a_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both names are read."""
    from tests.spec.test_plugins import SIGN_SGD

    monkeypatch.setenv(FILES_VARIABLE, str(write_scenario(tmp_path, f"{SIGN_SGD}\n\n{MOONS}")))
    found = find_plugins()
    assert (list(found.by_id), list(found.scenarios), found.problems) == (["sign-sgd"], ["two-moons"], [])


def test_a_run_keeps_its_scenario(tmp_path: Path) -> None:
    """What the file said stands in the run's specification: it is read back without the file, and repeats with `--plugin`."""
    path = write_scenario(tmp_path, MOONS)
    run = own_run(path)
    path.unlink()
    again = RunSpec.model_validate(json.loads(run.model_dump_json()))
    assert again == run
    assert again.scenario_info.title == "Two moons: network 2-16-2"
    assert f"--plugin {path}" in again.command


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    """A run is not gone on with after its file has changed, be it by a space; put back, it is."""
    path = write_scenario(tmp_path, MOONS)
    scenario = load_scenario(str(path)).scenario
    path.write_text(f"{MOONS} ", encoding="utf-8")
    with pytest.raises(UsageError, match=f"plugin {path}: the file has changed since this run was made; put back"):
        unchanged_scenario(scenario)
    path.write_text(MOONS, encoding="utf-8")
    assert unchanged_scenario(scenario).scenario == scenario


def test_optimizers_are_matched_with_it(tmp_path: Path) -> None:
    """The layers and the loss decide what is greyed, by the rules for our own scenarios."""
    moons = load_scenario(str(write_scenario(tmp_path, MOONS))).scenario
    sine = load_scenario(str(write_scenario(tmp_path, SINE, name="sine.py"))).scenario
    noisy = MOONS.replace("2→16, tanh", "2→16, tanh, Dropout")
    dropout = load_scenario(str(write_scenario(tmp_path, noisy, name="noisy.py"))).scenario
    assert why_unsuited(moons, OPTIMIZERS["kfac"]) is None
    assert "sine has another loss" in str(why_unsuited(sine, OPTIMIZERS["kfac"]))
    assert "gradients that are written out" in str(why_unsuited(moons, OPTIMIZERS["sgd-by-hand"]))
    assert why_unsuited(moons, OPTIMIZERS["svrg"]) is None
    assert "with dropout" in str(why_unsuited(dropout, OPTIMIZERS["saga"]))


@pytest.mark.parametrize(
    ("num_train", "batch_size", "is_holdout", "layer", "expected"),
    [
        (1, None, False, "Linear", 1),
        (7, None, False, "Linear", 7),
        (12, None, True, "Linear", 10),
        (300, None, False, "Linear", 10),
        (7, 8, False, "Linear", "batch_size = 8: the training set has 7 examples; take fewer, or 'full'"),
        (12, 11, True, "Linear", "has 10 examples beside the 2 of its validation part; take fewer, or 'full'"),
        (1, None, True, "Linear", "of 1 example nothing can be held out: leave --holdout out"),
        (2, None, True, "Linear", "of 2 examples nothing can be held out: leave --holdout out"),
        (1, "full", False, "BatchNorm", "the training set has 1 example, and BatchNorm needs two or more"),
        (11, None, False, "BatchNorm", "the last batch of 11 examples would have one, and BatchNorm needs two"),
        (11, "full", False, "BatchNorm", "full"),
    ],
)
def test_few_examples_are_enough_or_a_sentence(
    tmp_path: Path, num_train: int, batch_size: int | str | None, is_holdout: bool, layer: str, expected: int | str
) -> None:
    """A preset's batch is brought down to what there is; what the user sets beyond that is refused before a run is made."""
    text = sized(num_train, 1).replace('kind="Linear 2→16, tanh"', f'kind="{layer} 2→16, tanh"')
    scenario = load_scenario(str(write_scenario(tmp_path, text))).scenario

    def batch() -> int | str:
        return resolve_run(
            scenario.id,
            make_preset(),
            data=generated_source(scenario.dataset),
            overrides={} if batch_size is None else {"batch_size": batch_size},
            holdout=is_holdout,
            own_scenario=scenario,
        ).batch_size

    if isinstance(expected, int) or expected == "full":
        assert batch() == expected
    else:
        with pytest.raises(UsageError, match=re.escape(expected)):
            batch()
