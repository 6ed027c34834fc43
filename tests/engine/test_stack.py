"""A stack of runs against the same runs alone: the same weights to the last bit, the same figures, the same events."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
import torch

from tests.engine.runs_for_tests import CPU, Listener, make_run, splits_of, train_here
from tui_optim.engine.checkpoint import from_bytes
from tui_optim.engine.stack.member import Member
from tui_optim.engine.stack.pace import measure_pace
from tui_optim.engine.stack.rules import RULES
from tui_optim.engine.stack.training import train_stack
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Event, Examined, Progress, Started
from tui_optim.spec.executors import LOCAL, resolve_executor
from tui_optim.spec.kept import Kept
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.spec.stacking import STACKED_OPTIMIZERS, stack_key

TOLERANCE = 1e-5
FIGURES = ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "test_loss", "test_accuracy", "gap", "lr")
RULE_SETTINGS: list[tuple[str, list[dict[str, Any]]]] = [
    ("sgd-by-hand", [{"lr": 0.1}, {"lr": 1.0}]),
    ("sgd-by-hand", [{"lr": 0.1, "replacement": True}, {"lr": 1.0, "replacement": True}]),
    ("sgd", [{"lr": 0.1}, {"lr": 0.5, "weight_decay": 1e-3}]),
    ("sgd", [{"lr": 0.1, "momentum": 0.9}, {"lr": 0.5, "momentum": 0.5, "dampening": 0.3, "weight_decay": 1e-3}]),
    ("sgd", [{"lr": 0.1, "momentum": 0.9, "nesterov": True}, {"lr": 0.05, "momentum": 0.5, "nesterov": True}]),
    ("momentum-ema", [{"lr": 0.5, "beta": 0.9}, {"lr": 0.1, "beta": 0.3, "weight_decay": 1e-3}]),
    ("adagrad", [{"lr": 0.1}, {"lr": 0.05, "lr_decay": 0.01, "initial_accumulator_value": 0.1, "weight_decay": 1e-3}]),
    ("rmsprop", [{"lr": 0.01}, {"lr": 0.003, "alpha": 0.9, "weight_decay": 1e-3}]),
    ("rmsprop", [{"lr": 0.01, "momentum": 0.9, "centered": True}, {"lr": 0.003, "momentum": 0.5, "centered": True}]),
    ("adam", [{"lr": 0.01}, {"lr": 0.03, "beta1": 0.5, "beta2": 0.99, "weight_decay": 1e-3}]),
    ("adam", [{"lr": 0.01, "amsgrad": True}, {"lr": 0.03, "amsgrad": True, "eps": 1e-4}]),
    ("adamw", [{"lr": 0.01}, {"lr": 0.03, "weight_decay": 0.1}]),
    ("adadelta", [{"lr": 1.0}, {"lr": 0.5, "rho": 0.5, "eps": 1e-4, "weight_decay": 1e-3}]),
    ("adamax", [{"lr": 0.01}, {"lr": 0.03, "beta1": 0.5, "beta2": 0.99, "weight_decay": 1e-3}]),
    ("nadam", [{"lr": 0.01}, {"lr": 0.03, "beta1": 0.5, "momentum_decay": 0.1, "weight_decay": 1e-3}]),
    ("radam", [{"lr": 0.01}, {"lr": 0.03, "beta1": 0.5, "beta2": 0.9, "weight_decay": 1e-3}]),
]
RPROP: list[dict[str, Any]] = [{"lr": 0.01}, {"lr": 0.03, "eta_minus": 0.3, "eta_plus": 1.5, "weight_decay": 1e-3}]
"""Of full batches alone."""
SMALL = {"scalar-mean": "uniform-numbers", "quadratic-f1": "one-function", "quadratic-f2": "one-function"}


class Hearer(Listener):
    """Also takes best checkpoints; of the others the last one alone, unless all are wanted."""

    def __init__(self, *, wants_checkpoints: bool = False, **options: Any) -> None:
        super().__init__(wants_checkpoints=wants_checkpoints, **options)
        self.best: list[bytes] = []

    def keep_best(self, kept: Kept) -> None:
        self.best.append(kept.content)


def circles(batch_size: int | str, **options: Any) -> RunSpec:
    """A run on circles; batches as large as wanted."""
    given = "full" if batch_size == "full" else 64
    run = make_run(generated_source("circles"), scenario="circles", batch_size=given, **options)
    return run.model_copy(update={"batch_size": batch_size})


def train_together(runs: Sequence[RunSpec], hearers: Sequence[Hearer] | None = None) -> list[Hearer]:
    """Train a stack, going on from what the hearers have kept."""
    torch.set_num_threads(1)
    heard = list(hearers or [Hearer() for _ in runs])
    members = [
        Member(run=run, emit=one.emit, control=one, checkpoint=one.checkpoints[-1] if one.checkpoints else None)
        for run, one in zip(runs, heard, strict=True)
    ]
    assert len({(stack_key(member.run, LOCAL), Member.standing(member.checkpoint)) for member in members}) == 1
    train_stack(members, data=splits_of(runs[0]), device=CPU)
    return heard


def train_alone(run: RunSpec, **options: Any) -> Hearer:
    heard = Hearer()
    train_here(run.model_copy(update={"threads": 1}), listener=heard, **options)
    return heard


def end_of(heard: Hearer) -> Ended:
    ended = heard.events[-1]
    assert isinstance(ended, Ended)
    return ended


def assert_same(stacked: Hearer, alone: Hearer) -> None:
    """The same end, the same figures after every epoch, the same weights to the last bit."""
    one, other = end_of(stacked), end_of(alone)
    assert (one.state, one.reason) == (other.state, other.reason)
    assert one.final is not None
    assert other.final is not None
    for result, expected in zip([*stacked.epochs, one.final], [*alone.epochs, other.final], strict=True):
        assert_same_result(result, expected)
    if one.state == "finished":
        weights, expected_weights = weights_of(stacked.checkpoints[-1]), weights_of(alone.checkpoints[-1])
        assert all(torch.equal(weights[name], expected_weights[name]) for name in expected_weights)


def assert_same_result(result: EpochResult, expected: EpochResult) -> None:
    assert (result.epoch, result.step, result.cost) == (expected.epoch, expected.step, expected.cost)
    for name in FIGURES:
        value, wanted = getattr(result, name), getattr(expected, name)
        if wanted is None or value is None:
            assert value is wanted, name
        else:
            assert value == pytest.approx(wanted, rel=TOLERANCE, abs=1e-30, nan_ok=True), (expected.epoch, name)


def weights_of(checkpoint: bytes) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = from_bytes(checkpoint)["model"]
    return weights


def test_every_rule_is_known_to_the_spec() -> None:
    """What may be stacked and what can be stacked are the same."""
    assert RULES.keys() == STACKED_OPTIMIZERS


@pytest.mark.parametrize(("optimizer", "settings"), RULE_SETTINGS)
@pytest.mark.parametrize("batch_size", [7, 64])
def test_a_rule_in_a_stack_is_the_optimizer_alone(
    optimizer: str, settings: list[dict[str, Any]], batch_size: int
) -> None:
    """Two settings with two seeds each, and batches that do not divide the examples (the last of a pass is smaller)."""
    runs = [
        circles(batch_size, optimizer=optimizer, epochs=3, seed=seed, **values)
        for values in settings
        for seed in (1, 2)
    ]
    for run, stacked in zip(runs, train_together(runs), strict=True):
        assert_same(stacked, train_alone(run))


def test_rprop_in_a_stack_is_rprop_alone() -> None:
    """Its steps grow and shrink by the signs of exact gradients, also with weight decay and after an interruption."""
    runs = [circles("full", optimizer="rprop", epochs=40, seed=seed, **values) for values in RPROP for seed in (1, 2)]
    for run, stacked in zip(runs, train_together(runs), strict=True):
        assert_same(stacked, train_alone(run))
    cut = train_together(runs, [Hearer(wanted="interrupted", after_polls=9) for _ in runs])
    again = [Hearer() for _ in runs]
    for one, before in zip(again, cut, strict=True):
        one.checkpoints = before.checkpoints[-1:]
    for run, stacked in zip(runs, train_together(runs, again), strict=True):
        expected = weights_of(train_alone(run).checkpoints[-1])
        assert all(torch.equal(value, expected[name]) for name, value in weights_of(stacked.checkpoints[-1]).items())


def test_each_member_tells_the_norm_of_its_gradient() -> None:
    """That of the last gradient of a bin, before the rule's weight decay, as of a run alone that reports there."""
    runs = [circles("full", optimizer="sgd", epochs=5, lr=lr, seed=seed) for lr in (0.1, 5.0) for seed in (1, 2)]
    for run, stacked in zip(runs, train_together(runs), strict=True):
        norms = [event.grad_norm for event in stacked.progress]
        assert len(norms) == 5
        assert norms == pytest.approx([event.grad_norm for event in train_alone(run).progress], rel=1e-4)


def test_odd_batches_differ_in_the_last_digit_at_most() -> None:
    """A member's matrices may then begin at addresses that are less round than alone, where BLAS sums in another order."""
    runs = [circles(33, optimizer="sgd-by-hand", epochs=15, seed=seed, lr=0.1) for seed in (1, 2, 3)]
    for run, stacked in zip(runs, train_together(runs), strict=True):
        for result, expected in zip(stacked.epochs, train_alone(run).epochs, strict=True):
            assert_same_result(result, expected)


@pytest.mark.parametrize("batch_size", [1, 10, 50, 100, 200, "full"])
def test_rates_of_the_source_by_hand(batch_size: int | str) -> None:
    """The batch sizes of the source, with a rate so large that the run is chaotic: only equal bits can stay together."""
    epochs = 2 if batch_size == 1 else 15  # 400 steps, of larger batches 300 and fewer
    runs = [circles(batch_size, optimizer="sgd-by-hand", epochs=epochs, seed=42, lr=lr) for lr in (0.01, 0.1, 1.0, 5.0)]
    for run, stacked in zip(runs, train_together(runs), strict=True):
        assert_same(stacked, train_alone(run))


@pytest.mark.parametrize("scenario", SMALL)
@pytest.mark.parametrize("optimizer", ["sgd", "sgd-by-hand", "adam"])
def test_problems_in_float64(scenario: str, optimizer: str) -> None:
    """Where the minimum is known every step is reported, with point and gap, as alone."""
    epochs = 2 if scenario == "scalar-mean" else 40
    runs = [
        make_run(
            generated_source(SMALL[scenario]), scenario=scenario, optimizer=optimizer, lr=lr, seed=seed, epochs=epochs
        )
        for lr in (0.01, 0.1)
        for seed in (1, 2)
    ]
    for run, stacked in zip(runs, train_together(runs), strict=True):
        alone = train_alone(run)
        assert_same(stacked, alone)
        assert [(one.step, one.loss, one.gap, one.point) for one in stacked.progress] == [
            (one.step, one.loss, one.gap, one.point) for one in alone.progress
        ]


def test_each_member_has_its_own_schedule() -> None:
    """Constant, cosine with warm-up, steps, and one that looks at losses, side by side."""
    schedules: list[dict[str, Any]] = [
        {"kind": "constant"},
        {"kind": "cosine", "warmup": 0.2},
        {"kind": "step", "every": 2},
        {"kind": "plateau", "patience": 0, "threshold": 0.5},
    ]
    runs = [circles(10, optimizer="adam", epochs=6, lr=0.01, schedule=schedule) for schedule in schedules]
    for run, stacked in zip(runs, train_together(runs), strict=True):
        assert_same(stacked, train_alone(run))


def test_a_member_diverges_and_the_others_do_not_notice() -> None:
    """Rates that blow up at different epochs: each ends at the step and with the figures that it has alone."""
    rates = (0.1, 5.0, 0.5, 1000.0)
    runs = [circles(1, optimizer="sgd-by-hand", epochs=6, lr=lr, seed=42) for lr in rates]
    heard = train_together(runs)
    assert {end_of(one).state for one in heard} == {"finished", "diverged"}
    for run, stacked in zip(runs, heard, strict=True):
        assert_same(stacked, train_alone(run))
        steps = [event.evidence.step for event in stacked.events if isinstance(event, Examined)]
        reason = f"from step {steps[0]} on" if steps else ""
        assert bool(steps) == (end_of(stacked).state == "diverged"), "each death is examined, and no life"
        assert end_of(stacked).reason.endswith(reason)


def test_all_members_may_diverge() -> None:
    """Nobody is left, and everybody has been told."""
    runs = [circles(10, optimizer="sgd-by-hand", epochs=30, lr=lr) for lr in (1e3, 1e5)]
    assert [end_of(one).state for one in train_together(runs)] == ["diverged", "diverged"]


@pytest.mark.parametrize(("epochs", "after_polls"), [(4, 7), (12, 17)])
def test_a_stopped_member_leaves_and_goes_on_alone(epochs: int, after_polls: int) -> None:
    """One is stopped within its first epoch, or its second with bins longer than alone.

    The others end as ever, and alone it goes on from there in the same bits.
    """
    runs = [circles(10, optimizer="adam", epochs=epochs, lr=lr, seed=seed) for lr, seed in ((0.01, 1), (0.02, 2))]
    heard = train_together(runs, [Hearer(wanted="stopped", after_polls=after_polls), Hearer()])

    assert [end_of(one).state for one in heard] == ["stopped", "finished"]
    assert any(isinstance(event, CommandSeen) and event.command == "stop" for event in heard[0].events)
    assert_same(heard[1], train_alone(runs[1]))
    whole, rest = train_alone(runs[0]), train_alone(runs[0], checkpoint=heard[0].checkpoints[-1])
    results = [*heard[0].epochs, *rest.epochs]
    assert [result.epoch for result in results] == [result.epoch for result in whole.epochs]
    for result, expected in zip(results, whole.epochs, strict=True):
        assert_same_result(result, expected)
    assert all(
        torch.equal(value, weights_of(whole.checkpoints[-1])[name])
        for name, value in weights_of(rest.checkpoints[-1]).items()
    )


@pytest.mark.parametrize(("optimizer", "settings"), RULE_SETTINGS)
def test_runs_begun_alone_go_on_in_a_stack(optimizer: str, settings: list[dict[str, Any]]) -> None:
    """Interrupted in the middle of the second epoch alone, then together: the weights of an undisturbed run."""
    runs = [circles(10, optimizer=optimizer, epochs=3, seed=seed, **values) for values in settings for seed in (1, 2)]
    cut: list[Hearer] = []
    for run in runs:
        heard = Hearer(wanted="interrupted", after_polls=27)
        train_here(run.model_copy(update={"threads": 1}), listener=heard)
        again = Hearer()
        again.checkpoints = heard.checkpoints[-1:]
        cut.append(again)

    for run, stacked in zip(runs, train_together(runs, cut), strict=True):
        alone = train_alone(run)
        assert [result.epoch for result in stacked.epochs] == [2, 3]
        for result, expected in zip(stacked.epochs, alone.epochs[-2:], strict=True):
            assert_same_result(result, expected)
        expected_weights = weights_of(alone.checkpoints[-1])
        assert all(
            torch.equal(value, expected_weights[name]) for name, value in weights_of(stacked.checkpoints[-1]).items()
        )


def test_a_stack_goes_on_from_its_own_checkpoints() -> None:
    """Interrupted together, resumed together: the weights of an undisturbed stack."""
    runs = [circles(10, optimizer="adam", epochs=4, lr=lr, seed=seed) for lr, seed in ((0.01, 1), (0.03, 2), (0.02, 1))]
    whole = train_together(runs)
    cut = train_together(runs, [Hearer(wanted="interrupted", after_polls=9) for _ in runs])
    again = [Hearer() for _ in runs]
    for one, before in zip(again, cut, strict=True):
        one.checkpoints = before.checkpoints[-1:]

    for stacked, undisturbed in zip(train_together(runs, again), whole, strict=True):
        expected = weights_of(undisturbed.checkpoints[-1])
        assert all(torch.equal(value, expected[name]) for name, value in weights_of(stacked.checkpoints[-1]).items())


def test_a_stack_whose_last_checkpoint_is_its_end_has_finished() -> None:
    """It died before it could say so: nothing is left to train, and the ends are those of before."""
    runs = [circles(10, optimizer="sgd", epochs=2, lr=lr) for lr in (0.1, 0.2)]
    whole, again = train_together(runs), [Hearer() for _ in runs]
    for one, before in zip(again, whole, strict=True):
        one.checkpoints = before.checkpoints[-1:]

    for stacked, before in zip(train_together(runs, again), whole, strict=True):
        assert not stacked.epochs
        assert not stacked.progress
        ended, expected = end_of(stacked), end_of(before)
        assert (ended.state, ended.best) == ("finished", expected.best)
        assert ended.final is not None
        assert expected.final is not None
        assert_same_result(ended.final, expected.final)


def test_the_best_epoch_on_held_out_data_is_kept() -> None:
    """With validation each member has its best epoch in its end, and its weights as they were then among the checkpoints."""
    runs = [circles(10, optimizer="sgd", epochs=8, lr=lr, holdout=True) for lr in (0.5, 1.5)]
    for run, stacked in zip(runs, train_together(runs), strict=True):
        alone = train_alone(run)
        best, expected = end_of(stacked).best, end_of(alone).best
        assert best is not None
        assert expected is not None
        assert best.epoch == expected.epoch
        kept = from_bytes(stacked.best[-1])
        assert kept["num_epochs"] == best.epoch
        matching = next(one for one in alone.checkpoints if from_bytes(one)["num_epochs"] == best.epoch)
        assert all(torch.equal(value, weights_of(matching)[name]) for name, value in kept["model"].items())


def test_events_are_those_of_a_run_alone_but_for_their_number_of_reports() -> None:
    """In the same order; the more epochs there are, the fewer reports an epoch."""

    def kinds(events: list[Event]) -> list[str]:
        named = [type(event).__name__ for event in events]
        return [name for number, name in enumerate(named) if number == 0 or named[number - 1] != name]

    for epochs, num_reports in ((4, 20), (20, 10)):
        runs = [circles(10, optimizer="sgd", epochs=epochs, lr=lr) for lr in (0.1, 0.2)]
        stacked, alone = train_together(runs)[0], train_alone(runs[0])
        assert kinds(stacked.events) == kinds(alone.events)
        assert len(stacked.progress) == epochs * num_reports
        assert stacked.progress[-1].step == alone.progress[-1].step
        assert isinstance(stacked.events[0], Started)
        assert isinstance(stacked.events[1], Progress)
        assert isinstance(stacked.events[2], EpochEnded)


def test_what_may_be_stacked() -> None:
    """Small problems with elementwise optimizers on this machine's CPU, of equal length and batch size; nothing else."""
    run = circles(10, optimizer="adam", epochs=3, lr=0.1)
    key = stack_key(run, LOCAL)

    assert key is not None
    assert stack_key(circles(10, optimizer="adam", epochs=3, lr=0.2, seed=5, weight_decay=0.1), LOCAL) == key
    assert stack_key(circles(10, optimizer="adam", epochs=4, lr=0.1), LOCAL) != key
    assert stack_key(circles(50, optimizer="adam", epochs=3, lr=0.1), LOCAL) != key
    assert stack_key(circles(10, optimizer="adam", epochs=3, lr=0.1, amsgrad=True), LOCAL) != key
    assert stack_key(run, resolve_executor("local", parameters={"stack": False})) is None
    assert stack_key(run.model_copy(update={"device": "cuda"}), LOCAL) is None
    assert stack_key(run.model_copy(update={"averaging": {"kind": "polyak", "start": 0.5}}), LOCAL) is None
    assert stack_key(circles(10, optimizer="adafactor", epochs=3, lr=1.0), LOCAL) is None
    assert not SCENARIOS["mlp-fashion"].is_written_by_hand


def test_members_have_the_films_of_runs_alone() -> None:
    """The same epochs and weights to the last bit, interrupted or not, and of a diverged member up to its end."""
    runs = [
        circles(10, optimizer="sgd-by-hand", epochs=40, lr=lr, seed=seed) for lr, seed in ((0.1, 1), (0.5, 2), (1e6, 1))
    ]
    together = train_together(runs)
    for run, heard in zip(runs, together, strict=True):
        assert heard.pictures[-1] == train_alone(run).pictures[-1]
    hearers = [Hearer(wanted="interrupted", after_polls=25) for _ in runs[:2]]
    train_together(runs[:2], hearers)
    again = [Hearer() for _ in hearers]
    for one, before in zip(again, hearers, strict=True):
        one.checkpoints = before.checkpoints
    train_together(runs[:2], again)
    for one, heard in zip(again, together, strict=False):
        assert one.pictures[-1] == heard.pictures[-1]


def test_the_pace_is_that_of_the_fastest_epochs() -> None:
    """What else the machine does only makes epochs slower: of a busy clock the quick ones count, together and alone."""
    runs = [circles(50, optimizer="sgd", epochs=2, lr=lr) for lr in (0.1, 100.0)]
    busy = count()

    def clock() -> float:
        """An epoch of a run takes 5 s, and each third 1 s."""
        number = next(busy)
        return 5.0 * number - 4.0 * (number // 3)

    pace = measure_pace(runs, data=splits_of(runs[0]), device=CPU, clock=clock)
    assert (pace.stack_s, pace.alone_s) == (6.0, 1.0)
