"""Runs as long and as noisy as real ones are: a bin of a few steps reports, and one of them dies on the way."""

import math
import random
from dataclasses import replace

from tests.factories import make_started
from tests.ui.stage import NOON, falling_loss, rewrite_log, write_run
from tui_optim.spec.events import Ended, EpochEnded, Event, Progress
from tui_optim.store.home import Home

EPOCHS, BINS_PER_EPOCH = 10, 40


def write_long_run(home: Home, preset_id: str, *, rate: float, dies_after: float = math.inf) -> None:
    """A loss that falls at this rate (per epoch) with noise from a fixed seed; its end may come as a NaN."""
    is_dead = dies_after < EPOCHS
    run = write_run(home, preset_id, state="diverged" if is_dead else "finished", rate=rate)
    chance = random.Random(preset_id)
    events: list[Event] = [make_started(run.info.spec)]
    for number in range(1, EPOCHS * BINS_PER_EPOCH + 1):
        epoch = number / BINS_PER_EPOCH
        noise = chance.gauss(0.0, 0.15) * math.exp(-0.1 * epoch)
        events.append(
            Progress(
                step=number,
                epoch=math.ceil(epoch),
                loss=math.nan if epoch > dies_after else 0.3 + 2.0 * math.exp(-rate * epoch) + noise,
                lr=0.05,
                train_time_s=2.0 * epoch,
                effective_epochs=epoch,
                grad_norm=math.exp(-rate * epoch),
            )
        )
        if epoch > dies_after:
            break
        if number % BINS_PER_EPOCH == 0:
            result = falling_loss(run.info.spec, number // BINS_PER_EPOCH, rate=rate)
            events.append(EpochEnded(result=replace(result, step=number)))
    reason = (
        f"the training loss is not finite from step {events[-1].step} on" if isinstance(events[-1], Progress) else ""
    )
    events.append(Ended(state=run.status.state, reason=reason))
    rewrite_log(run.folder, events, started_at=NOON)
