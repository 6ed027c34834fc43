"""A user's scenario trains like ours; what its functions do wrong ends the run with a sentence that names file and line."""

import math
import re
from pathlib import Path

import pytest
import torch

from tests.engine.runs_for_tests import CPU, Listener, make_run, numbers, sample_source, train_here
from tests.own_scenarios import MOONS, SINE, own_run, sized, write_scenario
from tests.spec.test_plugins import SIGN_SGD
from tui_optim.engine.data import KeptSplits, load_splits
from tui_optim.spec.errors import UsageError
from tui_optim.spec.plugins import add_plugin_files


def test_classes_are_learned(tmp_path: Path) -> None:
    """The README's example: accuracy on training and test data, above what a line through the moons reaches."""
    ended, heard = train_here(own_run(write_scenario(tmp_path, MOONS), epochs=30, momentum=0.9))
    assert ended.state == "finished"
    assert ended.final is not None
    assert ended.final.test_accuracy is not None
    assert ended.final.test_accuracy > 0.95
    assert heard.epochs[0].epoch == 0


def test_numbers_are_predicted_without_an_accuracy(tmp_path: Path) -> None:
    """The loss is the file's own, the same as computed here; every accuracy is None."""
    run = own_run(write_scenario(tmp_path, SINE), epochs=3)
    ended, heard = train_here(run)
    data = load_splits(run, CPU)
    assert ended.final is not None
    assert ended.final.test_loss is not None
    assert ended.final.test_loss < float(torch.var(data.test.labels if data.test else torch.ones(2)))
    assert {row.test_accuracy for row in heard.epochs} | {row.train_accuracy for row in heard.epochs} == {None}


@pytest.mark.parametrize("text", [MOONS, SINE])
@pytest.mark.parametrize("optimizer", ["adam", "svrg", "newton-cg", "saga", "lbfgs", "norm-test", "newton"])
def test_methods_of_every_kind_work_on_it(tmp_path: Path, text: str, optimizer: str) -> None:
    """First and second order, snapshots, tables and line searches, with labels that are classes or numbers."""
    batch_size = "full" if optimizer in ("lbfgs", "newton") else 10
    run = own_run(write_scenario(tmp_path, text), optimizer=optimizer, batch_size=batch_size, lr=0.02)
    ended, _ = train_here(run)
    assert ended.state == "finished", ended.reason


@pytest.mark.parametrize("num_test", [0, 1])
@pytest.mark.parametrize("optimizer", ["sgd", "svrg", "saga", "newton-cg", "kfac"])
def test_one_example_is_enough(tmp_path: Path, optimizer: str, num_test: int) -> None:
    """For every kind of method, with one example to test on or none: each figure is a number."""
    run = own_run(write_scenario(tmp_path, sized(1, num_test)), optimizer=optimizer, batch_size=1, lr=0.02)
    ended, heard = train_here(run)
    assert ended.state == "finished", ended.reason
    assert all(row.train_loss is not None and math.isfinite(row.train_loss) for row in heard.epochs[1:])
    assert {row.test_accuracy is None for row in heard.epochs} == {not num_test}


def test_examples_are_held_out_and_test_is_not_touched(tmp_path: Path) -> None:
    """Where something is chosen a sixth of the training set is validation; the split's hash is stored."""
    data = load_splits(own_run(write_scenario(tmp_path, MOONS), holdout=True), CPU)
    assert (len(data.train), len(data.val or []), data.test) == (250, 50, None)
    assert len(data.split_hash) == 16


def test_the_data_is_the_same_every_time(tmp_path: Path) -> None:
    """Draws from the global generators of torch, NumPy and Python are, whatever was drawn before; the caller's go on."""
    drawing = MOONS.replace(
        "    import torch\n\n    labels", "    import random\n\n    import numpy\n    import torch\n\n    labels"
    ).replace(
        "    return points[:300]",
        "    points = points + random.random() + numpy.random.rand()\n    return points[:300]",
    )
    assert "numpy.random.rand()" in drawing
    run = own_run(write_scenario(tmp_path, drawing))
    torch.manual_seed(1)
    first = load_splits(run, CPU)
    after = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), after)
    second = load_splits(run, CPU)
    assert torch.equal(first.train.inputs, second.train.inputs)
    assert first.digest == second.digest != ""


def test_another_version_of_the_file_is_loaded_anew(tmp_path: Path) -> None:
    """A worker that keeps its data for the next run does not take that of an older file for it."""
    path, kept = write_scenario(tmp_path, MOONS), KeptSplits()
    old = kept.of(own_run(path), CPU)
    write_scenario(tmp_path, MOONS.replace("0.15", "0.25"))
    assert kept.of(own_run(path), CPU).digest != old.digest


@pytest.mark.parametrize(
    "text", [MOONS, SINE, MOONS.replace("nn.Tanh()", "nn.Tanh(), nn.Dropout(0.2)").replace("tanh", "tanh, Dropout")]
)
def test_it_resumes_in_the_same_bits(tmp_path: Path, text: str) -> None:
    """From the checkpoint of a middle epoch, and from one within an epoch, the figures are those of an undisturbed run."""
    run = own_run(write_scenario(tmp_path, text), optimizer="adam", epochs=4, lr=0.01)
    whole, heard = train_here(run)
    resumed, _ = train_here(run, checkpoint=heard.checkpoints[1])
    _, paused = train_here(run, listener=Listener(wanted="paused", after_polls=20))
    went_on, _ = train_here(run, checkpoint=paused.checkpoints[-1])
    assert whole.final is not None
    assert resumed.final is not None
    assert went_on.final is not None
    assert numbers(resumed.final) == numbers(went_on.final) == numbers(whole.final)


def test_other_data_than_before_is_noticed(tmp_path: Path) -> None:
    """The file is the same, what it reads is not: the run is not gone on with."""
    (tmp_path / "points.txt").write_text("1.0")
    text = MOONS.replace("0.15 *", f"float(open({str(tmp_path / 'points.txt')!r}).read()) *")
    run = own_run(write_scenario(tmp_path, text))
    _, heard = train_here(run)
    (tmp_path / "points.txt").write_text("2.0")
    with pytest.raises(UsageError, match=r"own.py: load_data returns other data than when this run began"):
        train_here(run, checkpoint=heard.checkpoints[0])


def test_a_rate_far_too_large_diverges_as_a_result(tmp_path: Path) -> None:
    """Not a failure of the file: the run ends as diverged, with the step."""
    ended, _ = train_here(own_run(write_scenario(tmp_path, SINE), lr=1000.0))
    assert ended.state == "diverged"
    assert "the training loss is not finite from step" in ended.reason


def test_images_of_the_program_with_a_model_of_the_file(tmp_path: Path) -> None:
    """`dataset` names them; nothing else changes."""
    text = MOONS.replace(
        'examples=Examples(num_train=300, num_test=300, classes=("upper moon", "lower moon"))',
        'dataset="fashion-mnist"',
    ).split("def load_data")[0]
    text = text.replace("nn.Linear(2, 16)", "nn.Flatten(), nn.Linear(784, 16)").replace(
        "nn.Linear(16, 2)", "nn.Linear(16, 10)"
    )
    text = text.replace("parameters=48, weights=32", "parameters=12560, weights=12544")
    text = text.replace("parameters=34, weights=32", "parameters=170, weights=160")
    add_plugin_files([path := write_scenario(tmp_path, text)])
    assert path.exists()
    run = make_run(sample_source(), scenario="two-moons", lr=0.05)
    ended, _ = train_here(run)
    assert ended.final is not None
    assert (ended.final.test_accuracy or 0) > 0.5


@pytest.mark.parametrize(
    ("text", "old", "new", "part"),
    [
        (
            MOONS,
            "    import torch\n\n    labels",
            "    raise ValueError('no')\n    labels",
            r"load_data raised ValueError: no \(line \d+\)",
        ),
        (
            MOONS,
            "    import torch\n\n    labels",
            "    raise SystemExit(3)\n    labels",
            r"load_data raised SystemExit: 3 \(line \d+\)",
        ),
        (
            MOONS,
            "return points[:300], labels[:300], points[300:], labels[300:]",
            "return None",
            "load_data returned None; expected 4 tensors: inputs, targets, test_inputs, test_targets",
        ),
        (MOONS, ", points[300:], labels[300:]", "", "load_data returned 2 values; expected 4 tensors"),
        (
            MOONS,
            "points[:300], labels[:300],",
            "points[:0], labels[:0],",
            "load_data returned 0 inputs and 0 targets to train; examples has num_train = 300",
        ),
        (
            MOONS,
            "points[:300], labels[:300],",
            "points[:300], labels[:299],",
            "load_data returned 300 inputs and 299 targets to train",
        ),
        (MOONS, "points[:300],", "[1.0],", r"load_data: inputs = \[1.0\]: expected a tensor"),
        (
            MOONS,
            "points[300:],",
            "points[300:, :1],",
            r"inputs of shapes \[300, 2\] and \[300, 1\]: expected examples of one shape",
        ),
        (
            MOONS,
            "    return points[:300]",
            "    points[7, 1] = float('nan')\n    return points[:300]",
            r"load_data: inputs has a number that is not finite \(row 7\)",
        ),
        (
            MOONS,
            "    return points[:300]",
            "    labels[302] = 2\n    return points[:300]",
            r"targets to test: label 2 \(row 2\); 2 classes are numbered 0 to 1",
        ),
        (
            MOONS,
            "labels[:300],",
            "labels[:300].float(),",
            r"targets to train: torch.float32 of shape \[300\]; expected whole numbers",
        ),
        (
            MOONS,
            "    from torch import nn ",
            "    1 / 0 ",
            r"build_model raised ZeroDivisionError: division by zero \(line \d+\)",
        ),
        (
            MOONS,
            "return nn.Sequential(",
            "return nn.Sequential\n    (",
            "build_model returned the class Sequential; expected a torch.nn.Module: call the class",
        ),
        (
            MOONS,
            "return nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))",
            "return nn.Tanh()",
            "a model without parameters: there is nothing to train",
        ),
        (
            MOONS,
            "return nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))",
            "return 5",
            "build_model returned 5; expected a torch.nn.Module",
        ),
        (
            MOONS,
            "nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2)",
            "nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2)",
            "layers add up to 82 parameters; the model has 42: 0 24, 2 18",
        ),
        (
            MOONS,
            "nn.Tanh()",
            "nn.Tanh(), nn.Dropout()",
            "the model has Dropout, which not every optimizer suits; expected 'Dropout' in the kind",
        ),
        (
            MOONS,
            "nn.Linear(16, 2))",
            "nn.Linear(16, 2)).requires_grad_(False)",
            "parameter 0.weight is not trained; register it as a buffer",
        ),
        (
            MOONS,
            "nn.Linear(16, 2))",
            "nn.Linear(16, 2), nn.Flatten(0))",
            r"the model returned a tensor of shape \[4\] for 2 examples",
        ),
        (
            MOONS,
            'upper moon"',
            'upper moon", "third"',
            r"the model returned a tensor of shape \[2, 2\] for 2 examples; expected \[2, 3\]: a score",
        ),
        (
            SINE,
            "return (outputs",
            "raise ValueError('no')\n    return (outputs",
            r"loss raised ValueError: no \(line \d+\)",
        ),
        (
            SINE,
            ".square().mean()",
            ".square()",
            r"loss \(line \d+\) returned a tensor of shape \[2, 1\]; expected one number, the mean",
        ),
        (
            SINE,
            ".square().mean()",
            ".square().mean().item()",
            r"loss \(line \d+\) returned 0\.\d+; expected one number",
        ),
        (
            SINE,
            ".square().mean()",
            ".square().mean().detach()",
            r"loss \(line \d+\) returned a number without a gradient",
        ),
        (
            SINE,
            ".square().mean()",
            ".square().sum()",
            r"loss \(line \d+\) of two examples is .*; expected the mean over the examples",
        ),
        (SINE, "nn.Linear(1, 16)", "nn.Linear(2, 16)", r"layers add up to 49 parameters; the model has 65"),
        (
            SINE,
            "x = 6 * torch.rand(384, 1) - 3",
            "x = 6 * torch.rand(384, 2) - 3",
            r"the model with its loss, on inputs of shape \[2, 2\], raised RuntimeError: mat1 and mat2",
        ),
    ],
)
def test_what_a_file_does_wrong_is_named(tmp_path: Path, text: str, old: str, new: str, part: str) -> None:
    """What fails, what has another shape, labels that are no classes, numbers that are none: one line with the file."""
    assert old in text
    path = write_scenario(tmp_path, text.replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        train_here(own_run(path))
    assert re.search(part, str(caught.value)), caught.value
    assert str(caught.value).startswith(f"plugin {path}: ")
    assert "\n" not in str(caught.value)


FAILS_LATER = """
    class Late(nn.Sequential):
        def forward(self, x):
            if self.training:
                raise RuntimeError("late")
            return super().forward(x)

    return Late(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
"""


@pytest.mark.parametrize("is_own_optimizer", [False, True])
def test_a_failure_while_training_is_that_of_the_file(tmp_path: Path, is_own_optimizer: bool) -> None:
    """A model that fails in training alone is named with its line, also where a user's optimizer calls it."""
    text = MOONS.replace("    return nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))\n", FAILS_LATER)
    path = write_scenario(tmp_path, text)
    if is_own_optimizer:
        add_plugin_files([write_scenario(tmp_path, SIGN_SGD, name="sign_sgd.py")])
    line = text[: text.index('raise RuntimeError("late")')].count("\n") + 1
    with pytest.raises(UsageError, match=rf"^plugin {path}: forward raised RuntimeError: late \(line {line}\)$"):
        train_here(own_run(path, optimizer="sign-sgd" if is_own_optimizer else "sgd"))
