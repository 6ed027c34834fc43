"""What torch does only once in a process (loading kernels, compiling primitives), done before the first run comes."""

import torch
from torch import nn

from tui_optim.engine.devices import choose_device
from tui_optim.engine.models import MODELS
from tui_optim.engine.without_compiler import leave_compiler_out
from tui_optim.spec.datasets import DATASETS
from tui_optim.spec.scenarios import SCENARIOS


def warm_up() -> None:
    """Take a step with each model of images on the default device; consumes no random numbers of a later run (they seed anew)."""
    leave_compiler_out()
    device = choose_device("auto")
    for name in dict.fromkeys(scenario.model for scenario in SCENARIOS.values() if scenario.dataset in DATASETS):
        model = MODELS[name]().to(device)
        rule = torch.optim.SGD(model.parameters(), lr=0.0)
        labels = torch.zeros(64, dtype=torch.int64, device=device)
        nn.functional.cross_entropy(model(torch.zeros(64, 1, 28, 28, device=device)), labels).backward()
        rule.step()
