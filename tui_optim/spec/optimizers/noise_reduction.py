"""Noise reduction: gradient aggregation and growing batches (Bottou, Curtis & Nocedal 2018, section 5)."""

from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.optimizers.optimizer import Optimizer, count, decay, momentum, rate, switch

MAX_TABLE_BYTES = 2 * 2**30
"""Of SAG's and SAGA's table, at 4 bytes a number."""
_INNER_STEPS = count("inner_steps", 0, "mini-batch steps m per cycle (0: one pass over the training set)", minimum=0)
_TABLE = (
    rate(0.01),
    count(
        "blocks",
        100,
        "blocks B of examples, one stored gradient and one step each, whatever batch_size is (0: one per example)",
        minimum=0,
    ),
    decay(),
)

_AGGREGATION: tuple[Optimizer, ...] = (
    Optimizer(
        id="svrg",
        name="SVRG",
        family="noise-reduction",
        formula=(
            "every m steps: w̃ ← θ;  μ ← ∇F(w̃)\n"
            "θ ← θ − η (∇f_S(θ) − α (∇f_S(w̃) − μ))\n"
            "after m steps: θ ← (a) last, (b) mean, (c) random one of the iterates"
        ),
        source="Johnson & Zhang 2013; Bottou, Curtis & Nocedal 2018, Alg. 5.1; α: Yin et al. 2025, arXiv 2311.05589",
        hyperparameters=(
            rate(0.01),
            Hyperparameter(
                name="option",
                kind="choice",
                choices=("a", "b", "c"),
                default="a",
                help="what a cycle ends in: (a) its last, (b) the mean or (c) a random one of its iterates",
            ),
            _INNER_STEPS,
            Hyperparameter(
                name="alpha", default=1.0, help="strength α of the correction (1: SVRG, 0: SGD)", maximum=1.0
            ),
            Hyperparameter(
                name="alpha_fall",
                default=0.0,
                help="share of the run over which α falls linearly to 0 (1: the whole run, 0: α stays)",
                maximum=1.0,
            ),
            decay(),
        ),
        stores="2 d (options b and c: 3 d)",
        step_cost="2 gradients per example of the batch, and n gradients at the start of every cycle",
        helps="Convex problems to high accuracy: with a constant rate it converges linearly where SGD stalls at its noise.",
        hurts="Deep networks: θ leaves the snapshot so fast that the correction adds noise, at three times the cost of SGD.",
        remembers_examples=True,
    ),
    Optimizer(
        id="sag",
        name="SAG",
        family="noise-reduction",
        formula="draw a block b;  g_b ← ∇f_b(θ)\nθ ← θ − η · mean of the g_b seen so far",
        source="Schmidt, Le Roux & Bach 2017, arXiv 1309.2388; Bottou, Curtis & Nocedal 2018, eq. 5.15",
        hyperparameters=_TABLE,
        stores="(B + 1) d",
        step_cost="1 gradient per example of the block",
        helps="Convex problems with memory to spare: linear convergence with a constant rate at the cost of SGD's steps.",
        hurts="Deep networks: the mean is over gradients that are hundreds of steps old, and misleads at high rates.",
        remembers_examples=True,
    ),
    Optimizer(
        id="saga",
        name="SAGA",
        family="noise-reduction",
        formula="draw a block b;  g ← ∇f_b(θ)\nθ ← θ − η (g − g_b + mean of all g_b);  g_b ← g",
        source="Defazio, Bach & Lacoste-Julien 2014, arXiv 1407.0202; Bottou, Curtis & Nocedal 2018, Alg. 5.2",
        hyperparameters=_TABLE,
        stores="(B + 1) d",
        step_cost="1 gradient per example of the block, and n gradients before the first step",
        helps="Convex problems with memory to spare: linear convergence like SAG's, with an unbiased estimate.",
        hurts="Deep networks: a stored gradient is soon so stale that subtracting it adds noise instead of removing it.",
        remembers_examples=True,
    ),
    Optimizer(
        id="sarah",
        name="SARAH",
        family="noise-reduction",
        formula="every m + 1 steps: v ← ∇F(θ), else v ← ∇f_S(θ) − ∇f_S(θ⁻) + v\nθ⁻ ← θ;  θ ← θ − η v",
        source="Nguyen, Liu, Scheinberg & Takáč 2017, arXiv 1703.00102",
        hyperparameters=(rate(0.01), _INNER_STEPS, decay()),
        stores="2 d",
        step_cost="2 gradients per example of the batch, and n gradients at the start of every cycle",
        helps="Convex problems: v fades within a cycle, so its steps settle where SVRG's keep wandering.",
        hurts="Deep networks: errors of v add up over a cycle, and a cycle costs three times a pass of SGD.",
        remembers_examples=True,
    ),
)

_SGD = (
    rate(0.1),
    momentum(0.0),
    switch("nesterov", "look ahead along the momentum (needs momentum > 0)"),
    decay(),
)
_MAX_BATCH_SIZE = count("max_batch_size", 2048, "largest batch (the first one, if that is larger)")


def _growth(default: float, help_text: str) -> Hyperparameter:
    return Hyperparameter(name="growth", default=default, help=help_text, minimum=1.0, maximum=10.0)


_GROWING_BATCHES: tuple[Optimizer, ...] = (
    Optimizer(
        id="geometric-batch",
        name="Geometric batch growth",
        family="noise-reduction",
        formula=(
            "n_k = min(⌈n₀ τᵏ⌉, n_max)   n₀: batch_size\n"
            "g = (1/n_k) Σ_{i∈S_k} ∇fᵢ(θ),   |S_k| = n_k\n"
            "v ← μ v + (g + λ θ);  θ ← θ − η v"
        ),
        source="Bottou, Curtis & Nocedal 2018, arXiv 1606.04838, eqs. 5.6-5.7",
        hyperparameters=(
            _growth(1.0033, "factor τ of the batch at every step"),
            _MAX_BATCH_SIZE,
            *_SGD,
        ),
        stores="0 (momentum: d)",
        helps="A constant rate stays useful to the end: the noise falls as under a decaying rate; fast on an accelerator.",
        hurts="Batches that grow too early leave few steps for the same work; the right τ depends on the length of the run.",
    ),
    Optimizer(
        id="norm-test",
        name="Norm test",
        family="noise-reduction",
        formula=(
            "σ² = Σⱼ sⱼ ‖gⱼ − g‖² / (m − 1)   m parts of sⱼ examples\n"
            "σ²/n > ϑ² ‖g‖²:   n ← ⌈σ² / (ϑ² ‖g‖²)⌉\n"
            "p steps without growth:   n ← ⌈τ n⌉\n"
            "v ← μ v + (g + λ θ);  θ ← θ − η v"
        ),
        source="Byrd, Chin, Nocedal & Wu 2012, Math. Program. 134; Bottou, Curtis & Nocedal 2018, eqs. 5.11-5.12",
        hyperparameters=(
            Hyperparameter(
                name="theta",
                default=0.9,
                help="ϑ: largest noise of g relative to its norm; smaller grows earlier",
                maximum=1.0,
                is_open=True,
            ),
            count("parts", 8, "parts m of the batch that the variance is estimated from", minimum=2, maximum=1024),
            count("test_every", 10, "steps between tests (a tested gradient takes m small passes)"),
            count("patience", 500, "steps p without growth after which the batch grows anyway (0: never)", minimum=0),
            _growth(1.5, "factor τ of that growth"),
            _MAX_BATCH_SIZE,
            *_SGD,
        ),
        stores="0 (momentum: d), and m d during a test",
        helps="The batch grows where the gradient drowns in noise and not before: no growth factor to guess for a new problem.",
        hurts="One unlucky test enlarges the batch for good; on deep networks noise dominates early and the batch soon peaks.",
    ),
)

NOISE_REDUCTION: tuple[Optimizer, ...] = (*_AGGREGATION, *_GROWING_BATCHES)


def table_problem(blocks: int, *, num_examples: int, num_parameters: int) -> str:
    """What is wrong with a table of so many blocks (0: one per example), in a sentence; empty where it is not too large."""
    num_rows = min(blocks or num_examples, num_examples)
    size = 4 * num_rows * num_parameters
    if size <= MAX_TABLE_BYTES:
        return ""
    return (
        f"blocks = {blocks}: {num_rows:,} gradients of {num_parameters:,} numbers take {size / 2**30:.1f} GiB, more than "
        f"{MAX_TABLE_BYTES // 2**30} GiB; choose fewer blocks, for example 100"
    )
