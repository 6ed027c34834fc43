"""Curvature (Bottou, Curtis & Nocedal 2018, section 6)."""

from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.optimizers.optimizer import Optimizer, beta, count, decay, momentum, rate

MAX_DENSE_PARAMETERS = 2000
"""A d × d matrix of this size is 16 MB in float32, its inversion a second."""

_FIRST_LENGTH = "first step length η that the line search tries"
_CURVATURE = Hyperparameter(
    name="curvature",
    kind="choice",
    default="gauss-newton",
    choices=("gauss-newton", "hessian"),
    help="matrix of the curvature products: Gauss–Newton (never negative, cost 2) or Hessian (cost 3)",
)
_MEMORY = count("memory", 10, "number of curvature pairs kept", maximum=1000)


def _curvature_batch_size(default: int) -> Hyperparameter:
    return count("curvature_batch_size", default, "examples of the batch that curvature products use")


def _min_curvature(default: float) -> Hyperparameter:
    return Hyperparameter(
        name="min_curvature", default=default, help="a pair with sᵀy ≤ ε sᵀs is left out: this ε", maximum=1e6
    )


SECOND_ORDER: tuple[Optimizer, ...] = (
    Optimizer(
        id="newton-cg",
        name="Newton-CG (Hessian-free)",
        family="second-order",
        formula="(B + λ_d I) p = −g   by CG, B = JᵀHJ on a curvature batch\n"
        "α ← η, η/2, … until F(θ + α p) ≤ F(θ) + c₁ α gᵀp\n"
        "θ ← θ + α p\n"
        "λ_d ← 3/2 λ_d if ΔF / Δq < 1/4,   2/3 λ_d if > 3/4",
        source="Bottou, Curtis & Nocedal 2018, Alg. 6.1, eq. 6.16; Martens 2010; Martens & Sutskever 2012, Alg. 2",
        hyperparameters=(
            rate(1.0, _FIRST_LENGTH),
            decay(),
            _curvature_batch_size(64),
            count("max_cg", 10, "conjugate gradient iterations at most", maximum=10_000),
            _CURVATURE,
            Hyperparameter(
                name="cg_tolerance", default=0.1, help="stop at a residual of this share of ‖g‖", maximum=0.999999
            ),
            Hyperparameter(
                name="damping", default=1.0, help="first value of the damping λ_d, which adapts", maximum=1e6
            ),
            Hyperparameter(
                name="preconditioning",
                default=0.75,
                help="exponent ξ of the preconditioner (g² + λ_d)^ξ; 0 for none",
                maximum=1.0,
            ),
            Hyperparameter(
                name="warm_start",
                default=0.0,
                help="start from this share of the last direction; 0 for none",
                maximum=1.0,
            ),
        ),
        stores="d (warm start) between steps, 4 d inside",
        step_cost="1 gradient per example of the batch, 2 per conjugate gradient iteration and example of the curvature "
        "batch (Hessian: 3), and ⅓ per example of the batch and trial of the line search",
        helps="Take it for large batches and badly scaled problems: steps are few and good, and the damping and the line "
        "search choose their length.",
        hurts="A step costs several gradients, and with batches below about 512 examples it fits their noise.",
        searches_line=True,
        compares_points=True,
    ),
    Optimizer(
        id="sqn",
        name="Stochastic quasi-Newton (SQN)",
        family="second-order",
        formula="θ ← θ − η H g\n"
        "every L steps, θ̄ₜ the mean of their iterates:\n"
        "  s ← θ̄ₜ − θ̄ₜ₋₁,  y ← ∇²F(θ̄ₜ) s   on a curvature batch\n"
        "H from the last M pairs (s, y), two-loop recursion",
        source="Byrd, Hansen, Nocedal & Singer 2016; Bottou, Curtis & Nocedal 2018, Alg. 6.2, eq. 6.13–6.14",
        hyperparameters=(
            rate(0.3),
            decay(),
            count("update_every", 10, "steps L between two curvature pairs, and in an average θ̄"),
            _MEMORY,
            _curvature_batch_size(512),
            _CURVATURE,
            _min_curvature(1e-4),
        ),
        stores="(2 M + 2) d for M pairs",
        step_cost="1 gradient per example of the batch, and every L steps 2 per example of the curvature batch "
        "(Hessian: 3)",
        helps="Take it to see curvature used at nearly the price of SGD: the noise of the gradients stays out of the pairs.",
        hurts="It has no line search: a rate a little too large, or pairs too old for where θ is now, and it diverges.",
    ),
    Optimizer(
        id="multibatch-lbfgs",
        name="Multi-batch L-BFGS",
        family="second-order",
        formula="on the overlap O of two batches:\n"
        "  s ← θₖ − θₖ₋₁,  y ← g_O(θₖ) − g_O(θₖ₋₁)\n"
        "θ ← θ − η H g,   H from the last M pairs (s, y), two-loop recursion",
        source="Berahas, Nocedal & Takáč 2016",
        hyperparameters=(
            rate(0.2),
            decay(),
            Hyperparameter(
                name="overlap", default=0.25, help="share of a batch that is kept for the next one", maximum=0.5
            ),
            _MEMORY,
            _min_curvature(0.1),
        ),
        stores="(2 M + 2) d for M pairs, and the overlap's examples",
        step_cost="1 gradient per example of the batch; a share of the examples is seen twice",
        helps="Take it where batches are large: pairs cost nothing, for both gradients are parts of steps' gradients.",
        hurts="On small overlaps the pairs are noisy and H with them; progress stops at a higher loss than SGD's with a "
        "falling rate.",
        compares_points=True,
    ),
    Optimizer(
        id="lbfgs",
        name="L-BFGS",
        family="second-order",
        formula="p ← −H ∇F(θ),   H from the last M pairs (s, y), two-loop recursion\n"
        "α by a strong Wolfe search from η;   θ ← θ + α p",
        source="Liu & Nocedal 1989; Nocedal & Wright 2006, Alg. 7.5 and 3.5",
        hyperparameters=(
            rate(1.0, _FIRST_LENGTH),
            decay(),
            count("max_iter", 4, "iterations in a step at most, with 5/4 as many evaluations", maximum=20),
            _MEMORY,
        ),
        stores="(2 M + 3) d for M pairs",
        step_cost="n gradients at the start of a step and n per trial of the line search, most often one per iteration",
        helps="Take it for smooth problems whose whole gradient is cheap: far fewer iterations than gradient descent, and "
        "no rate to tune.",
        hurts="With 60,000 examples an iteration costs what a whole epoch of mini-batch steps costs.",
        is_full_batch=True,
        searches_line=True,
        compares_points=True,
    ),
    Optimizer(
        id="newton",
        name="Newton",
        family="second-order",
        formula="θ ← θ − η (∇²F(θ) + λ_d I)⁻¹ ∇F(θ)",
        source="Nocedal & Wright 2006, Newton's direction",
        hyperparameters=(
            rate(1.0),
            decay(),
            Hyperparameter(name="damping", default=0.0, help="damping λ_d of the Hessian, constant", maximum=1e6),
        ),
        stores="0 between steps, d² inside",
        step_cost="n gradients and n Hessian products for each of the d parameters, together n (1 + 3 d)",
        helps="Take it to see what curvature is worth: a quadratic is solved in one step, and near a minimum correct digits "
        "double from step to step.",
        hurts="It walks to saddle points and maxima as readily as to minima, and d products with a d × d matrix limit it to "
        "small problems.",
        is_full_batch=True,
        max_parameters=MAX_DENSE_PARAMETERS,
    ),
    Optimizer(
        id="bfgs",
        name="BFGS",
        family="second-order",
        formula="ρ = 1 / sᵀy;  H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ\n"
        "α ← η, η/2, … until F(θ − α H g) ≤ F(θ) − c₁ α gᵀH g\n"
        "θ ← θ − α H g",
        source="Nocedal & Wright 2006, Alg. 6.1, eq. 6.17; line search: Armijo's condition",
        hyperparameters=(rate(1.0, _FIRST_LENGTH), decay()),
        stores="d² + 2 d",
        step_cost="n gradients, and n forward passes (n/3) per trial of the line search, most often one",
        helps="Take it for small smooth problems: nearly Newton's speed from gradients alone.",
        hurts="Noise in the gradients spoils H at once, and a d × d matrix limits it to small problems.",
        is_full_batch=True,
        max_parameters=MAX_DENSE_PARAMETERS,
        searches_line=True,
        compares_points=True,
    ),
    Optimizer(
        id="kfac",
        name="K-FAC",
        family="second-order",
        formula="layer s = W̄ ā:  A = mean ā āᵀ,  G = mean ∂s ∂sᵀ, both running means\n"
        "π² = mean diag A / mean diag G,  γ² = damping + λ\n"
        "U = (G + γ/π I)⁻¹ ∇W̄ (A + π γ I)⁻¹\n"
        "U ← U min(1, √(2 κ / (η² Σ U·∇W̄)))\n"
        "v ← μ v + U;  θ ← θ − η v",
        source="Martens & Grosse 2015, arXiv 1503.05671 (damping: section 6.3); Grosse & Martens 2016, arXiv 1602.01407; "
        "Ba, Grosse & Martens 2017 (κ)",
        hyperparameters=(
            rate(0.01),
            momentum(0.9),
            decay(),
            Hyperparameter(name="damping", default=0.03, help="damping of A ⊗ G, constant", minimum=1e-8, maximum=1e6),
            Hyperparameter(
                name="kl_clip",
                default=0.001,
                help="largest KL divergence κ by which −η U may move the model's distribution; 0 for no limit",
                maximum=1e6,
            ),
            Hyperparameter(
                name="fisher",
                kind="choice",
                default="sampled",
                choices=("sampled", "empirical"),
                help="labels of the statistics: drawn from the model (true Fisher) or the data's own (empirical Fisher)",
            ),
            beta("factor_decay", 0.95, "decay ε of the factors' running means, reached as 1 − 1/k"),
            count("statistics_every", 10, "steps between two updates of the factors"),
            count("inverse_every", 50, "steps between two inversions of the factors"),
        ),
        stores="d, and twice the squares of each layer's inputs and outputs",
        step_cost="1 gradient per example of the batch, and 1 more in every step that takes statistics with sampled labels; "
        "products and inverses of factors enter the time alone",
        helps="Take it where layers differ much in curvature and epochs are few: each layer's inputs and outputs are "
        "decorrelated, and a step does the work of several of SGD's.",
        hurts="Damping, κ and rate depend on one another and have to be tuned together, and beside wide layers the products "
        "with the factors cost more than the gradient.",
        needs_matrices=True,
        needs_cross_entropy=True,
    ),
)
