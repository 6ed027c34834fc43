"""Where the time of one LeNet-5 step on the CPU goes, and what other ways to compute the same step gain.

Each way computes the same formulas; what differs is the order of sums, and with it the last bits. A way is worth a setting of its
own where it gains a fifth.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from tests.benchmarks.measure import describe, machine, ratio
from tui_optim.engine.devices import make_deterministic
from tui_optim.engine.memory_format import lay_channels_last
from tui_optim.engine.models import MODELS
from tui_optim.runs.machine import cpu_budget

BATCH = 64
STEPS = 150
ROUNDS = 9
KINDS = {
    "convolution, backward": ("convolution_backward", "ConvolutionBackward0"),
    "convolution, forward": ("mkldnn_convolution", "convolution", "conv2d", "_convolution"),
    "pooling": ("max_pool2d_with_indices", "max_pool2d", "max_pool2d_with_indices_backward", "avg_pool2d", "avg_pool2d_backward"),
    "linear layers": ("addmm", "mm", "linear", "t", "transpose"),
    "activations": ("relu", "threshold_backward", "tanh", "tanh_backward", "sigmoid", "sigmoid_backward"),
    "loss": ("_log_softmax", "_log_softmax_backward_data", "nll_loss_forward", "nll_loss_backward", "cross_entropy_loss"),
    "step of SGD": ("_foreach_add_", "add_", "_fused_sgd_"),
}  # fmt: skip
"""What operators of torch are called here; what is not named is the way between them."""


@dataclass(frozen=True)
class Way:
    """How a step is computed."""

    threads: int
    is_channels_last: bool = False
    is_fused: bool = False
    has_onednn: bool = True


def main() -> None:
    """Print the profile, then the ways."""
    make_deterministic()
    budget = cpu_budget()
    print(f"a step of LeNet-5, {BATCH} examples; {machine()}")
    print(f"  shares of {STEPS} steps, one thread, by what they do themselves:")
    for kind, share in _shares().most_common():
        print(f"    {kind:24} {100 * share:5.1f} %")
    exact = Way(threads=1)
    ways = {
        "as it is, one thread": exact,
        "fused SGD": Way(threads=1, is_fused=True),
        "channels last": Way(threads=1, is_channels_last=True),
        "channels last, fused": Way(threads=1, is_channels_last=True, is_fused=True),
        "without oneDNN": Way(threads=1, has_onednn=False),
        f"{budget} threads": Way(threads=budget),
        f"{budget} threads, channels last": Way(threads=budget, is_channels_last=True),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(ROUNDS + 1):
        for name, way in ways.items():
            seconds = _seconds(way)
            if repeat:  # the first warms up
                taken[name].append(seconds / STEPS)
    for name, values in taken.items():
        faster = ratio(taken["as it is, one thread"], values)
        print(f"  {name:36} {describe(values, unit='ms', scale=1000)}, {faster:.2f}× as fast")
    torch.set_num_threads(budget)


def _shares() -> Counter[str]:
    """Kind of work → share of the processor time."""
    torch.set_num_threads(1)
    step = _step(Way(threads=1))
    step(10)
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        step(STEPS)
    times = Counter[str]()
    for row in seen.key_averages():
        operator = row.key.rpartition("::")[2]
        kind = next((kind for kind, names in KINDS.items() if operator in names), "everything else")
        times[kind] += row.self_cpu_time_total
    whole = times.total()
    return Counter({kind: spent / whole for kind, spent in times.items()})


def _seconds(way: Way) -> float:
    torch.set_num_threads(way.threads)
    step = _step(way)
    with torch.backends.mkldnn.flags(enabled=way.has_onednn):
        step(5)
        began = time.perf_counter()
        step(STEPS)
        return time.perf_counter() - began


def _step(way: Way) -> Callable[[int], None]:
    """Takes so many steps with a model of its own."""
    torch.manual_seed(0)
    model = MODELS["lenet5"]()
    inputs, labels = torch.randn(BATCH, 1, 28, 28), torch.randint(10, (BATCH,))
    if way.is_channels_last:
        model.register_forward_pre_hook(lay_channels_last)
    rule = torch.optim.SGD(model.parameters(), lr=1e-3, fused=way.is_fused)

    def steps(count: int) -> None:
        for _ in range(count):
            rule.zero_grad()
            nn.functional.cross_entropy(model(inputs), labels).backward()
            rule.step()

    return steps


if __name__ == "__main__":
    main()
