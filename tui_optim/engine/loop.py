"""The training loop: `train(run, emit, control)`.

    seed the generator; build the model, the method and the schedule
    until the budget of epochs is spent, or the patience of the run is at its end (`engine.patience`):
        η ← schedule(work done)
        the method takes a step: it draws its batches, asks for gradients, moves θ
        whenever another epoch's worth of work is done: evaluate on validation and test data, off the clock

An epoch is n gradient evaluations (forward and backward of one example), n the size of the training set: for plain mini-batch
methods that is one pass over the data; for others it is what costs as much, so that runs of equal length are runs of equal
cost. A step that costs more than an epoch ends several at once.

Steps are taken in bins. Only between bins does the loop look at losses (a look makes an accelerator wait), report progress,
notice divergence and obey commands (`engine.commands`): what happens inside a bin is what a bare loop would do.
"""

from collections.abc import Sequence

import torch

from tui_optim.engine.announcement import started
from tui_optim.engine.autopsy import autopsy
from tui_optim.engine.blame import blamed
from tui_optim.engine.branch import take_up
from tui_optim.engine.commands import Commands
from tui_optim.engine.control import Control, Emit
from tui_optim.engine.data import Splits
from tui_optim.engine.devices import make_deterministic
from tui_optim.engine.draws import open_loader
from tui_optim.engine.training import Training
from tui_optim.spec.commands import Order
from tui_optim.spec.errors import DataError
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Examined, RunState
from tui_optim.spec.run import RunSpec

COMMANDS: dict[RunState, str] = {"paused": "pause", "stopped": "stop", "interrupted": "leave"}
"""What the log calls the command that leads to a state."""


def train(
    run: RunSpec,
    emit: Emit,
    control: Control,
    *,
    data: Splits,
    device: torch.device,
    checkpoint: bytes | None = None,
    commands: Sequence[CommandSeen] = (),
) -> Ended:
    """Train one run to its end, its divergence, or a command; emits events and returns the last of them.

    Args:
        run: what to train.
        emit: receives every event, in order.
        control: asked between bins whether to end early; receives checkpoints.
        data: the run's splits, on `device`.
        device: where to compute.
        checkpoint: what `control.keep` received from an earlier attempt; training goes on there in the same bits.
        commands: what earlier attempts were told; those that the checkpoint does not have are done again at their steps.

    Raises:
        DataError: the checkpoint is damaged.
        UsageError: the method cannot be built, or its steps count no work; a user's file does not do what is expected of it.
        torch.OutOfMemoryError: the batch does not fit the device.
    """
    with blamed(run.scenario_info):
        return _train(run, emit, control, data=data, device=device, checkpoint=checkpoint, earlier=commands)


def _train(
    run: RunSpec,
    emit: Emit,
    control: Control,
    *,
    data: Splits,
    device: torch.device,
    checkpoint: bytes | None,
    earlier: Sequence[CommandSeen],
) -> Ended:
    make_deterministic()
    torch.manual_seed(run.seed)
    open_loader()  # the assignment's script looks at one test batch before it builds the model
    training = Training(run, emit, control, data, device)
    if checkpoint is not None:
        take_up(training, checkpoint)
        training.kept = checkpoint
    elif run.parent is not None:
        raise DataError(f"the checkpoint of {run.parent.run_id}, from which this run goes on, is missing or damaged")
    commands = Commands(training, earlier)
    emit(started(run, data, device, steps_per_epoch=training.length.steps_per_epoch, from_step=training.num_steps))
    training.report_start()
    commands.repeat()
    while not training.is_over:
        if not training.is_epoch_over:  # it is when the run was interrupted after the last bin of an epoch
            bad_step = training.take_bin()
            if bad_step is not None:
                return _died(training, bad_step, commands.known)
        commands.repeat()
        wanted = control.poll()
        if isinstance(wanted, Order):
            commands.obey(wanted)
        elif wanted is not None:
            training.keep()
            emit(CommandSeen(command=COMMANDS.get(wanted.state, wanted.state), step=training.num_steps))
            return training.end(wanted.state, wanted.reason)
        if training.is_epoch_over:
            result = training.end_epoch()
            is_best = training.is_best(result)
            emit(EpochEnded(result=result))
            if training.camera is not None and control.wants_picture():
                control.show(training.film())
            stays = training.has_come_to_keep
            if is_best or stays or training.is_over or control.wants_checkpoint():
                training.keep(is_best=is_best, stays=stays)
    return training.end("finished", training.patience.reason)


def _died(training: Training, bad_step: int, commands: Sequence[CommandSeen]) -> Ended:
    """The end of a run whose loss is not finite, with what is to be found about why."""
    ended = training.conclude("diverged", f"the training loss is not finite from step {bad_step} on")
    evidence = autopsy(
        training.run,
        training.data,
        training.device,
        bad_step=bad_step,
        work=training.counters.gradient_evaluations,
        kept=training.kept,
        branch=training.branch,
        memory=training.judge.memory,
        commands=commands,
        rate_factor=training.rate.commanded,
    )
    if evidence is not None:
        training.emit(Examined(evidence=evidence))
    training.emit(ended)
    return ended
