"""Commands that a run goes on after: what they do, what they leave alone, and that a resumed run repeats them bit for bit."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch

from tests.engine.runs_for_tests import CPU, Heard, make_run, numbers, splits_of
from tui_optim.engine import bins
from tui_optim.engine.checkpoint import from_bytes
from tui_optim.engine.loop import train
from tui_optim.spec.commands import Command, Order
from tui_optim.spec.datasets import DataSource, generated_source
from tui_optim.spec.events import CommandSeen, Ended, Evaluated, Notice, Progress
from tui_optim.spec.run import RunSpec


class Commander(Heard):
    """Gives orders at chosen polls (from 1)."""

    def __init__(self, orders: Mapping[int, Order] | None = None) -> None:
        super().__init__()
        self._orders, self._num_polls = dict(orders or {}), 0

    def poll(self) -> Order | None:
        self._num_polls += 1
        return self._orders.pop(self._num_polls, None)

    @property
    def commands(self) -> list[CommandSeen]:
        return [event for event in self.events if isinstance(event, CommandSeen)]

    @property
    def evaluations(self) -> list[tuple[Any, ...]]:
        return [numbers(event.result) for event in self.events if isinstance(event, Evaluated)]


def order(command: Command, value: float | None = None) -> Order:
    return Order(command=command, value=value)


def trained(
    run: RunSpec,
    heard: Commander | None = None,
    *,
    checkpoint: bytes | None = None,
    commands: Sequence[CommandSeen] = (),
) -> tuple[Ended, Commander]:
    torch.set_num_threads(1)
    heard, data = heard or Commander(), splits_of(run)
    return train(run, heard.emit, heard, data=data, device=CPU, checkpoint=checkpoint, commands=commands), heard


def last_bits(heard: Heard) -> list[torch.Tensor]:
    """The weights of the last checkpoint."""
    return list(from_bytes(heard.checkpoints[-1])["model"].values())


def assert_same_end(one: tuple[Ended, Commander], other: tuple[Ended, Commander]) -> None:
    """The same figures, and the same weights to the last bit."""
    assert one[0].final is not None
    assert other[0].final is not None
    assert numbers(one[0].final) == numbers(other[0].final)
    assert all(torch.equal(a, b) for a, b in zip(last_bits(one[1]), last_bits(other[1]), strict=True))


def mlp(source: DataSource, **options: Any) -> RunSpec:
    """Forty steps an epoch, each a bin: a poll is a step."""
    settings: dict[str, Any] = {"scenario": "mlp-fashion", "epochs": 2, "lr": 0.05, "batch_size": 128, **options}
    return make_run(source, **settings)


AVERAGED = {"kind": "polyak", "start": 0.0}


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "svrg"])
def test_evaluate_and_checkpoint_change_no_bit_of_training(source: DataSource, optimizer: str) -> None:
    """A run that is looked at and kept in the middle of epochs ends as one that is left alone, event for event."""
    run = mlp(source, optimizer=optimizer)
    orders = {7: order("evaluate"), 9: order("checkpoint"), 21: order("evaluate")}

    alone, commanded = trained(run), trained(run, Commander(orders))

    assert_same_end(alone, commanded)
    assert [event.loss for event in alone[1].progress] == [event.loss for event in commanded[1].progress]
    assert [numbers(result) for result in alone[1].epochs] == [numbers(result) for result in commanded[1].epochs]


def test_a_look_at_an_average_is_free_and_forgotten(source: DataSource) -> None:
    """BatchNorm's statistics at an average cost a pass where an epoch ends; a look on command is not counted, and not kept."""
    run = make_run(source, scenario="mlp-mnist-batchnorm", epochs=1, lr=0.05, batch_size=200)
    run = run.model_copy(update={"averaging": AVERAGED, "data": source})

    alone, commanded = trained(run), trained(run, Commander({3: order("evaluate"), 5: order("evaluate")}))

    assert_same_end(alone, commanded)


def test_evaluate_tells_the_figures_of_that_very_step(source: DataSource) -> None:
    """Test and validation figures equal those of a run that ends there; the epoch is the last whole one."""
    run = mlp(source, epochs=1)
    _, heard = trained(run, Commander({40: order("evaluate")}))
    (event,) = (event for event in heard.events if isinstance(event, Evaluated))

    result, at_the_end = event.result, heard.epochs[-1]

    assert (result.step, result.epoch, result.effective_epochs) == (40, 0, 1.0)
    assert (result.test_loss, result.val_accuracy) == (at_the_end.test_loss, at_the_end.val_accuracy)
    assert result.train_loss == at_the_end.train_loss


def test_evaluate_leaves_the_test_set_alone_where_data_is_held_out(source: DataSource) -> None:
    """A run that is used for choosing has no test figure on command either."""
    _, heard = trained(mlp(source, epochs=1, holdout=True), Commander({5: order("evaluate")}))
    (event,) = (event for event in heard.events if isinstance(event, Evaluated))
    assert event.result.test_loss is None
    assert event.result.val_loss is not None


def test_checkpoint_keeps_the_run_as_it_stands(source: DataSource) -> None:
    """Kept at step 13 on command: from there a run goes on to the same end."""
    run = mlp(source)
    whole = trained(run, Commander({13: order("checkpoint")}))
    kept = whole[1].checkpoints[0]

    resumed = trained(run, checkpoint=kept, commands=whole[1].commands)

    assert from_bytes(kept)["counters"][-1] == 13
    assert_same_end(whole, resumed)


@pytest.mark.parametrize("schedule", [{"kind": "constant"}, {"kind": "cosine"}, {"kind": "plateau", "patience": 0}])
def test_the_rate_is_multiplied_from_the_next_bin_on(source: DataSource, schedule: dict[str, Any]) -> None:
    """Half the rate from step 11 on, whatever the schedule; before that not a bit differs."""
    run = mlp(source, schedule=schedule)

    (_, alone), (_, halved) = trained(run), trained(run, Commander({10: order("rate", 0.5)}))

    assert [event.lr for event in halved.progress[:10]] == [event.lr for event in alone.progress[:10]]
    assert [event.lr for event in halved.progress[10:40]] == [0.5 * event.lr for event in alone.progress[10:40]]
    assert halved.commands == [CommandSeen(command="rate", step=10, value=0.5)]
    assert last_bits(halved)[0].ne(last_bits(alone)[0]).any()


def test_a_rate_beyond_all_bounds_is_refused(source: DataSource) -> None:
    """Four times × 1000 would be 10¹²: the last one is not done, and the log says so."""
    run = mlp(source, epochs=1, lr=1e-12)
    _, heard = trained(run, Commander({poll: order("rate", 1000.0) for poll in (1, 2, 3, 4)}))
    assert len(heard.commands) == 3
    assert any("would leave all bounds" in event.text for event in heard.events if isinstance(event, Notice))


@pytest.mark.parametrize(("optimizer", "schedule"), [("sgd", "one-cycle"), ("adam", "constant"), ("kfac", "constant")])
@pytest.mark.parametrize("cut", [5, 30, 60])
def test_a_resumed_run_repeats_its_commands(source: DataSource, optimizer: str, schedule: str, cut: int) -> None:
    """Resumed from before, between and after its commands, a run does them at the same steps and ends in the same bits."""
    lr = {"sgd": 0.05, "adam": 0.002, "kfac": 0.002}[optimizer]
    run = mlp(source, optimizer=optimizer, lr=lr, schedule={"kind": schedule})
    orders = {10: order("rate", 0.5), 20: order("evaluate"), 45: order("rate", 4.0), 46: order("extend", 1)}
    whole = trained(run, Commander(orders | {cut: order("checkpoint")}))
    step = next(one.step for one in whole[1].commands if one.command == "checkpoint")
    kept = next(one for one in whole[1].checkpoints if from_bytes(one)["counters"][-1] == step)

    resumed = trained(run, checkpoint=kept, commands=whole[1].commands)

    assert_same_end(whole, resumed)
    assert resumed[0].final is not None
    assert resumed[0].final.epoch == 3
    assert resumed[1].commands == []  # they are in the log already
    assert resumed[1].evaluations == (whole[1].evaluations if cut < 20 else [])


def test_commands_after_a_resume_come_between_those_to_be_repeated(source: DataSource) -> None:
    """A new command before the step of an old one, then another cut: both are done once, in the order of their steps."""
    run = mlp(source)
    whole = trained(run, Commander({5: order("checkpoint"), 30: order("rate", 0.5)}))
    log = list(whole[1].commands)
    second = trained(
        run,
        Commander({5: order("rate", 0.1), 9: order("checkpoint")}),
        checkpoint=whole[1].checkpoints[0],
        commands=log,
    )
    log += second[1].commands
    kept = next(one for one in second[1].checkpoints if from_bytes(one)["counters"][-1] == 14)

    third = trained(run, checkpoint=kept, commands=log)

    assert_same_end(second, third)
    assert third[1].progress[-1].lr == pytest.approx(0.05 * 0.5 * 0.1)


@pytest.mark.parametrize("schedule", [{"kind": "constant"}, {"kind": "cosine", "final": 0.1}])
def test_extended_at_its_end_or_on_the_way_a_run_is_the_same(source: DataSource, schedule: dict[str, Any]) -> None:
    """One epoch more, given while it trains or once it has finished: the same figures at each end of an epoch, and weights."""
    run = mlp(source, epochs=1, schedule=schedule)
    on_the_way = trained(run, Commander({10: order("extend", 1)}))
    finished = trained(run)
    told = CommandSeen(command="extend", step=40, value=1.0)

    afterwards = trained(run, checkpoint=finished[1].checkpoints[-1], commands=[told])

    assert_same_end(on_the_way, afterwards)
    heard = finished[1].epochs + afterwards[1].epochs
    assert [numbers(result) for result in heard] == [numbers(result) for result in on_the_way[1].epochs]


def test_an_extended_schedule_keeps_its_planned_length_and_last_rate(source: DataSource) -> None:
    """A cosine over one epoch falls as planned; in the epoch that is added the rate stays where it ended."""
    run = mlp(source, epochs=1, schedule={"kind": "cosine", "final": 0.1})
    (_, planned), (_, extended) = trained(run), trained(run, Commander({10: order("extend", 1)}))
    rates = [event.lr for event in extended.events if isinstance(event, Progress)]
    assert rates[:40] == [event.lr for event in planned.progress]
    assert set(rates[40:]) == {rates[39]}


def test_extending_comes_to_the_same_where_epochs_are_evaluated_at_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quadratic of more epochs than are measured is evaluated every second one: its planned end stays such a point."""
    monkeypatch.setattr(bins, "MAX_MEASURED", 100)
    run = make_run(generated_source("one-function"), scenario="quadratic-f1", batch_size="full", epochs=101, lr=0.01)
    on_the_way = trained(run, Commander({5: order("extend", 3)}))
    finished = trained(run)

    afterwards = trained(
        run,
        checkpoint=finished[1].checkpoints[-1],
        commands=[CommandSeen(command="extend", step=101, value=3.0)],
    )

    assert_same_end(on_the_way, afterwards)
