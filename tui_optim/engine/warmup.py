"""What torch does only once in a process (loading kernels, compiling primitives), done before the first run comes."""

import torch
from torch import nn

from tui_optim.engine.devices import choose_device
from tui_optim.engine.models import MODELS


def warm_up() -> None:
    """Take one step with each model on the default device; consumes no random numbers of a later run (runs seed anew)."""
    device = choose_device("auto")
    for build in MODELS.values():
        model = build().to(device)
        rule = torch.optim.SGD(model.parameters(), lr=0.0)
        labels = torch.zeros(64, dtype=torch.int64, device=device)
        nn.functional.cross_entropy(model(torch.zeros(64, 1, 28, 28, device=device)), labels).backward()
        rule.step()
