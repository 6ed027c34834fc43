"""Where the time of one LeNet-5 step on the CPU goes, and what other ways to compute the same step gain.

Each way computes the same formulas; what differs is the order of sums, and with it the last bits. A way is worth a setting of its
own where it gains a fifth: channels last does so for networks of more channels than LeNet-5 has.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from tests.benchmarks.measure import describe
from tests.benchmarks.table import Row, median_of, ratios
from tui_optim.engine.devices import make_deterministic
from tui_optim.engine.memory_format import lay_channels_last
from tui_optim.engine.models import MODELS
from tui_optim.runs.machine import cpu_budget

BATCH = 64
EXAMPLES = 6400
"""Of one measurement."""
ROUNDS = 9
KINDS = {
    "convolution, backward": ("convolution_backward", "ConvolutionBackward0"),
    "convolution, forward": ("mkldnn_convolution", "convolution", "conv2d", "_convolution"),
    "pooling": ("maximum", "gt", "bitwise_xor", "bitwise_and_", "bitwise_xor_", "_MaxPool", "_MaxPoolBackward",
                "max_pool2d", "max_pool2d_with_indices", "max_pool2d_with_indices_backward"),
    "linear layers": ("addmm", "mm", "linear", "t", "transpose"),
    "activations": ("relu", "threshold_backward", "tanh", "tanh_backward", "sigmoid", "sigmoid_backward"),
    "loss": ("_log_softmax", "_log_softmax_backward_data", "nll_loss_forward", "nll_loss_backward", "cross_entropy_loss"),
    "step of SGD": ("_foreach_add_", "add_", "_fused_sgd_"),
}  # fmt: skip
"""What operators of torch are called here; what is not named is the way between them."""


def three_by_three() -> nn.Module:
    """A network of one's own, as a first course builds it: two convolutions of 3 × 3, of 16 and 32 channels."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    )  # fmt: skip


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "LeNet-5": MODELS["lenet5"],
    "convolutions of 3 × 3, 16 and 32 channels": three_by_three,
}


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a step is computed."""

    network: str = "LeNet-5"
    threads: int = 1
    is_channels_last: bool = False
    is_fused: bool = False
    has_onednn: bool = True


def rows() -> list[Row]:
    """Channels last against contiguous: a small and a larger network, one thread and all."""
    make_deterministic()
    found: list[Row] = []
    for network in NETWORKS:
        for threads in sorted({1, cpu_budget()}):
            plain = Way(network=network, threads=threads)
            taken = _in_turns({"plain": plain, "laid": replace(plain, is_channels_last=True)})
            words = f"{threads} thread{'s' if threads > 1 else ''}"
            found.append(
                Row(
                    what=f"{network}: step of {BATCH}, {words}: contiguous ÷ `memory_format=channels-last`",
                    values=ratios(taken["plain"], taken["laid"]),
                    unit="×",
                    besides=f"{median_of(taken['plain'], 'ms')} ÷ {median_of(taken['laid'], 'ms')}",
                )
            )
    torch.set_num_threads(cpu_budget())
    return found


def main() -> None:
    """Print the profile, then other ways."""
    make_deterministic()
    print(
        "a step of LeNet-5, 64 examples, one thread; shares by what operators do themselves, contiguous and channels last:"
    )
    plain, laid = _shares(Way()), _shares(Way(is_channels_last=True))
    for kind, share in plain.most_common():
        print(f"  {kind:24} {100 * share:5.1f} %  {100 * laid[kind]:5.1f} %")
    ways = {
        "as it is": Way(),
        "channels last": Way(is_channels_last=True),
        "fused SGD": Way(is_fused=True),
        "without oneDNN": Way(has_onednn=False),
    }
    taken = _in_turns(ways)
    for name, values in taken.items():
        print(f"  {name:16} {describe(values, unit='ms')}, {median_of(ratios(taken['as it is'], values), '×')} as fast")
    torch.set_num_threads(cpu_budget())


def _in_turns(ways: Mapping[str, Way]) -> dict[str, list[float]]:
    """Milliseconds of a step by name, one for each round; the first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(ROUNDS + 1):
        for name, way in ways.items():
            step_ms = _step_ms(way)
            if repeat:
                taken[name].append(step_ms)
    return taken


def _shares(way: Way) -> Counter[str]:
    """Kind of work → share of the processor time."""
    torch.set_num_threads(way.threads)
    step = _steps(way)
    step(10)
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        step(EXAMPLES // BATCH)
    times = Counter[str]()
    for row in seen.key_averages():
        operator = row.key.rpartition("::")[2]
        kind = next((kind for kind, names in KINDS.items() if operator in names), "everything else")
        times[kind] += row.self_cpu_time_total
    whole = times.total()
    return Counter({kind: spent / whole for kind, spent in times.items()})


def _step_ms(way: Way) -> float:
    torch.set_num_threads(way.threads)
    step, count = _steps(way), EXAMPLES // BATCH
    with torch.backends.mkldnn.flags(enabled=way.has_onednn):
        step(3)
        began = time.perf_counter()
        step(count)
        return 1000 * (time.perf_counter() - began) / count


def _steps(way: Way) -> Callable[[int], None]:
    """Takes so many steps with a model of its own."""
    torch.manual_seed(0)
    model = NETWORKS[way.network]()
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
