"""What a run says when it begins."""

import torch

from tui_optim.engine.data import Splits
from tui_optim.engine.devices import device_name
from tui_optim.spec.events import Started
from tui_optim.spec.extras import extra_versions
from tui_optim.spec.optimizers import all_optimizers
from tui_optim.spec.run import RunSpec


def started(run: RunSpec, data: Splits, device: torch.device, *, steps_per_epoch: int, from_step: int) -> Started:
    """Where and on what an attempt runs."""
    optimizer = all_optimizers().get(run.optimizer)  # None: a file that this process was not told of
    packages = extra_versions(optimizer) if optimizer else {}
    return Started(
        device=device.type,
        device_name=device_name(device),
        threads=torch.get_num_threads(),
        num_train=len(data.train),
        num_val=len(data.val) if data.val else 0,
        num_test=len(data.test) if data.test else 0,
        steps_per_epoch=steps_per_epoch,
        split_hash=data.split_hash,
        versions={"torch": str(torch.__version__)} | packages,
        from_step=from_step,
    )
