"""What the training loop reports, and how it ends."""

import math

import pytest
import torch
from torch import nn

from tests.engine.runs_for_tests import CPU, Listener, make_run, train_here
from tui_optim.engine.checkpoint import from_bytes
from tui_optim.engine.data import RULES, load_splits
from tui_optim.engine.evaluation import evaluate
from tui_optim.engine.models import MODELS
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.penalties import penalty_term
from tui_optim.spec.datasets import GENERATED, DataSource, generated_source
from tui_optim.spec.events import Started
from tui_optim.spec.optimizers import OPTIMIZERS
from tui_optim.spec.results import Cost
from tui_optim.spec.scenarios import SCENARIOS


def test_registries_of_spec_and_engine_are_equal() -> None:
    """Everything that can be chosen can be built, and nothing else."""
    assert set(BUILDERS) == set(OPTIMIZERS)
    assert {scenario.model for scenario in SCENARIOS.values()} == set(MODELS)
    assert set(RULES) == set(GENERATED)


@pytest.mark.parametrize("scenario_id", sorted(SCENARIOS))
def test_parameter_table_equals_the_model(scenario_id: str) -> None:
    """The table that the user sees counts the parameters that the model has."""
    scenario = SCENARIOS[scenario_id]
    model = MODELS[scenario.model]()
    for layer in scenario.layers:
        if layer.parameters:
            own = [p.numel() for name, p in model.named_parameters() if name.split(".")[0] == layer.name]
            assert sum(own) == layer.parameters
            assert not layer.weights or model.get_parameter(f"{layer.name}.weight").numel() == layer.weights
    assert sum(p.numel() for p in model.parameters()) == scenario.num_parameters


def test_lenet_has_the_assignments_number_of_parameters() -> None:
    """44,426, of which fc1 and fc2 weigh 30,720 and 10,080."""
    layers = {layer.name: layer for layer in SCENARIOS["lenet5-fashion-fc"].layers}
    assert SCENARIOS["lenet5-fashion"].num_parameters == 44_426
    assert (layers["fc1"].weights, layers["fc2"].weights) == (30_720, 10_080)


def test_history_begins_with_the_untrained_model(source: DataSource) -> None:
    """Epoch 0 holds the test figures at the initial weights, without cost, time or training figures."""
    run = make_run(source, lr=0.1)
    _, heard = train_here(run)
    torch.manual_seed(run.seed)
    torch.empty((), dtype=torch.int64).random_()
    untrained = MODELS["lenet5"]()
    test = load_splits(run, CPU).test
    assert test is not None

    first = heard.epochs[0]

    expected = evaluate(untrained, test, batch_size=64)
    assert (first.test_loss, first.handout_loss) == (expected.loss, expected.handout_loss)
    assert (first.epoch, first.step, first.cost, first.train_loss) == (0, 0, Cost(), None)


def test_cost_is_counted_to_the_example(source: DataSource) -> None:
    """Two epochs over 6,000 examples in batches of 64 are 188 steps and 12,000 gradient evaluations: 2 effective epochs."""
    ended, _ = train_here(make_run(source, epochs=2, lr=0.1))
    assert ended.final is not None
    assert ended.final.cost == Cost(examples_forward_backward=12_000, optimizer_steps=188)
    assert ended.final.effective_epochs == 2.0


def test_divergence_is_a_result(source: DataSource) -> None:
    """A rate far too large ends the run as 'diverged', names the step, and reports chance accuracy."""
    ended, heard = train_here(make_run(source, scenario="mlp-fashion", lr=1e6, epochs=3))
    assert ended.state == "diverged"
    assert "not finite from step" in ended.reason
    assert ended.final is not None
    assert not math.isfinite(ended.final.test_loss or 0)
    assert ended.final.test_accuracy == pytest.approx(0.1, abs=0.03)
    assert not math.isfinite(heard.progress[-1].loss)


def test_a_batch_larger_than_a_pass_gives_the_gradient_of_the_whole(source: DataSource) -> None:
    """Full-batch descent in pieces takes the step of the mean loss over all examples (float32 rounding apart)."""
    run = make_run(source, batch_size="full", lr=0.5)
    data = load_splits(run, CPU)
    torch.manual_seed(run.seed)
    torch.empty((), dtype=torch.int64).random_()
    model = MODELS["lenet5"]()
    nn.functional.cross_entropy(model(data.train.inputs), data.train.labels).backward()
    torch.optim.SGD(model.parameters(), lr=0.5).step()
    assert data.test is not None

    ended, _ = train_here(run, data=data)

    assert ended.final is not None
    assert ended.final.step == 1
    assert ended.final.test_loss == pytest.approx(evaluate(model, data.test, batch_size=64).loss, rel=1e-5)


def test_final_training_figures_are_of_the_whole_set(source: DataSource) -> None:
    """The last row evaluates the whole training set once; the epoch's row holds the running mean over its mini-batches."""
    run = make_run(source, scenario="mlp-fashion", lr=0.1, batch_size=128)  # 40 steps: each is a bin of its own
    ended, heard = train_here(run)
    model = MODELS["mlp-784-128-10"]()
    model.load_state_dict(from_bytes(heard.checkpoints[-1])["model"])
    expected = evaluate(model, load_splits(run, CPU).train, batch_size=1000)
    sizes = [min(128, 5_000 - 128 * step) for step in range(40)]
    running = sum(event.loss * size for event, size in zip(heard.progress, sizes, strict=True)) / 5_000

    assert ended.final is not None

    assert (ended.final.train_loss, ended.final.train_accuracy) == (expected.loss, expected.accuracy)
    assert heard.epochs[-1].train_loss == pytest.approx(running, rel=1e-12)


def test_validation_best_is_kept(source: DataSource) -> None:
    """A scenario with a validation set names its best epoch by validation loss."""
    ended, heard = train_here(make_run(source, scenario="mlp-fashion", lr=0.1, epochs=3))
    best = min(heard.epochs[1:], key=lambda r: r.val_loss or math.inf)
    assert ended.best == best
    assert heard.num_best >= 1


def test_holdout_never_touches_the_test_set(source: DataSource) -> None:
    """A run made for choosing trains on five sixths, validates on one sixth, and has no test figure anywhere."""
    ended, heard = train_here(make_run(source, holdout=True, lr=0.1))
    started = next(event for event in heard.events if isinstance(event, Started))
    assert (started.num_train, started.num_val, started.num_test) == (5_000, 1_000, 0)
    assert len(started.split_hash) == 16
    assert all(r.test_loss is None and r.handout_loss is None and r.val_loss is not None for r in heard.epochs)
    assert ended.final is not None
    assert ended.final.test_accuracy is None


def test_a_run_may_evaluate_the_test_set_at_its_end_alone() -> None:
    """No epoch has a test figure; the end has, and it is that of the same run evaluated all the time."""
    run = make_run(generated_source("circles"), scenario="circles", batch_size=100, lr=0.1, epochs=2)
    (usual, often), (ended, heard) = (train_here(run.model_copy(update={"test_once": once})) for once in (False, True))
    assert [result.test_loss is None for result in often.epochs] == [False, False, False]
    assert [result.test_loss for result in heard.epochs] == [None, None, None]
    assert usual.final is not None
    assert ended.final is not None
    assert ended.final.test_loss == usual.final.test_loss
    assert ended.final.test_accuracy == usual.final.test_accuracy


def test_order_and_weights_are_paired_across_optimizers(source: DataSource) -> None:
    """Equal seeds give equal initial weights and equal first mini-batches whatever the optimizer."""
    runs = [make_run(source, scenario="mlp-fashion", optimizer=optimizer, lr=0.0) for optimizer in ("sgd", "adam")]
    sgd, adam = (train_here(run)[1] for run in runs)
    assert [event.loss for event in sgd.progress] == [event.loss for event in adam.progress]


def test_stop_ends_at_the_next_bin_with_a_checkpoint(source: DataSource) -> None:
    """A command is obeyed between bins; what has been trained is kept."""
    ended, heard = train_here(make_run(source, lr=0.1, epochs=5), listener=Listener(wanted="stopped", after_polls=3))
    assert ended.state == "stopped"
    assert len(heard.progress) == 3
    assert len(heard.checkpoints) == 1


@pytest.mark.parametrize("kind", ["l2", "l1", "elastic-net"])
def test_penalty_equals_its_formula(source: DataSource, kind: str) -> None:
    """λ Σ [ρ|w| + (1 − ρ)/2 w²] over the weights of fc1 and fc2, in float64 by hand."""
    run = make_run(
        source, scenario="lenet5-fashion-fc", lr=0.1, penalty={"kind": kind, "strength": 0.01, "l1_ratio": 0.3}
    )
    model = MODELS["lenet5"]()
    ratio = {"l2": 0.0, "l1": 1.0, "elastic-net": 0.3}[kind]
    weights = [model.get_parameter(f"{layer}.weight").double() for layer in ("fc1", "fc2")]
    expected = 0.01 * sum(float(ratio * w.abs().sum() + (1 - ratio) / 2 * w.square().sum()) for w in weights)

    term = penalty_term(run, model)

    assert term is not None
    assert float(term()) == pytest.approx(expected, rel=1e-5)


def test_l1_makes_the_penalised_layers_sparse(source: DataSource) -> None:
    """A strong L1 penalty raises the share of near-zero weights, and the loss columns stay without the penalty."""
    strong, _ = train_here(
        make_run(source, scenario="lenet5-fashion-fc", lr=0.05, epochs=2, penalty={"kind": "l1", "strength": 0.01})
    )
    weak, _ = train_here(
        make_run(source, scenario="lenet5-fashion-fc", lr=0.05, epochs=2, penalty={"kind": "l1", "strength": 0.0})
    )
    assert strong.final is not None
    assert weak.final is not None
    assert (strong.final.sparsity or 0) > 5 * (weak.final.sparsity or 1)
    assert weak.final.penalty == 0.0


def test_l2_scenario_gives_the_optimizer_its_weight_decay(source: DataSource) -> None:
    """The L2 scenario sets weight_decay for a preset that does not, and reports λ/2‖θ‖²."""
    run = make_run(source, scenario="lenet5-fashion-l2", lr=0.1)
    ended, _ = train_here(run)
    assert run.hyperparameters["weight_decay"] == 5e-4
    assert ended.final is not None
    assert (ended.final.penalty or 0) > 0
