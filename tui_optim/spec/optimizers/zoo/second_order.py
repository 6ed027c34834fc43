"""Of the extra: what estimates curvature, by factors of a weight's axes or by a diagonal."""

from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.optimizers.adaptive import BETA1
from tui_optim.spec.optimizers.optimizer import Optimizer, beta, count, decay, eps, rate
from tui_optim.spec.optimizers.zoo.parameters import DECOUPLED, beta1

SECOND_ORDER: tuple[Optimizer, ...] = (
    Optimizer(
        id="shampoo",
        name="Shampoo",
        family="second-order",
        formula="for each axis i of a weight G:  Lᵢ ← β₂ Lᵢ + (1 − β₂) G₍ᵢ₎ G₍ᵢ₎ᵀ\n"
        "every T steps:  Pᵢ = Lᵢ^(−1/2k),  k axes\n"
        "U = P₁ G P₂,  scaled to the norm of the graft's step;  U ← U + λ θ\n"
        "M ← β₁ M + U;  θ ← θ − η (U + β₁ M)",
        source="Gupta, Koren & Singer 2018, arXiv 1802.09568; Anil et al. 2020, arXiv 2002.09018 (grafting, blocks)",
        hyperparameters=(
            rate(0.02),
            beta("beta1", 0.9, "momentum β₁"),
            beta("beta2", 0.99, "decay β₂ of the statistics"),
            Hyperparameter(
                name="graft",
                kind="choice",
                default="sgd",
                choices=("sgd", "adagrad", "rmsprop"),
                help="whose step gives each weight its step's length",
            ),
            count("update_every", 20, "steps T between two inverse roots"),
            count("start", 25, "step from which the roots are used; before it, the graft's steps"),
            count("block_size", 512, "axes longer than this are cut into blocks", minimum=16, maximum=8192),
            Hyperparameter(name="matrix_eps", default=1e-6, help="ridge of the roots, relative", maximum=1.0),
            decay(),
        ),
        stores="for a weight m × n: 2 (m² + n²) + 2 m n (graft: + m n)",
        step_cost="1 gradient per example of the batch, and matrix roots of order m³ + n³ every T steps, which are not counted",
        helps="Take it where directions of a weight matrix are correlated: it scales them, not single entries as Adam does.",
        hurts="Matrix roots take time that the counted cost does not show, most of all for wide layers; roots that are "
        "rarely renewed are out of date.",
    ),
    Optimizer(
        id="soap",
        name="SOAP",
        family="second-order",
        formula="L ← β₂ L + (1 − β₂) G Gᵀ;  R ← β₂ R + (1 − β₂) Gᵀ G\n"
        "every T steps:  Q_L, Q_R ← QR(L Q_L), QR(R Q_R)\n"
        "Adam in that basis:  G′ = Q_Lᵀ G Q_R,  W ← W − η Q_L (M̂′ / (√V̂ + ε)) Q_Rᵀ − η λ W\n"
        "biases: AdamW",
        source="Vyas et al. 2024, arXiv 2409.11321",
        hyperparameters=(
            rate(3e-3),
            beta1(0.95),
            beta("beta2", 0.95, "decay β₂ of squares and of L, R"),
            eps(1e-8),
            decay(0.01, DECOUPLED),
            count("update_every", 10, "steps T between two turns of the basis"),
            count("max_dim", 10_000, "longer axes keep their basis", maximum=100_000),
        ),
        stores="for a weight m × n: 2 (m² + n²) + 2 m n",
        step_cost="1 gradient per example of the batch, and QR of order m³ + n³ every T steps, which is not counted; the "
        "first step only sets the basis",
        helps="Take it for the most progress per step: Adam in the axes in which the gradient's entries are uncorrelated.",
        hurts="Products with the bases and QR take time that the counted cost does not show, most of all for wide layers.",
    ),
    Optimizer(
        id="psgd-kron",
        name="PSGD Kron",
        family="second-order",
        formula="m ← μ m + (1 − μ) g\n"
        "Q = Q₁ ⊗ Q₂ triangular, by a gradient step on  m̂ᵀQᵀQ m̂ + vᵀ(QᵀQ)⁻¹v,  v ~ N(0, I)\n"
        "u = QᵀQ m̂, scaled down to root mean square 1.1\n"
        "θ ← θ − η (u + λ θ)",
        source="Li 2018, arXiv 1512.04202; Li 2019, arXiv 1809.10232 (Kronecker factors); "
        "Pooladzandi & Li 2024, arXiv 2402.04553",
        hyperparameters=(
            rate(1e-3),
            beta("momentum", 0.9, "decay μ of the gradient's running mean"),
            decay(help_text="decoupled weight decay λ of weights, not of biases"),
            count("max_size_triangular", 512, "longer axes get a diagonal factor", maximum=8192),
        ),
        stores="for a weight m × n: m² + n² + m n",
        step_cost="1 gradient per example of the batch, and products of order m³ + n³ when Q moves (each of the first 500 "
        "steps, then ever more rarely), which are not counted",
        helps="Take it for a full preconditioner per layer without roots or inverses of matrices.",
        hurts="Q moves in each of the first 500 steps, so short runs are slow for what they learn.",
    ),
    Optimizer(
        id="sophia-h",
        name="Sophia-H",
        family="second-order",
        formula="every k steps:  h ← β₂ h + (1 − β₂) u ⊙ ∇²F u,   u ~ N(0, I)\n"
        "m ← β₁ m + (1 − β₁) g\n"
        "θ ← θ − η λ θ − η clip(m / max(h, ε), ±ρ)",
        source="Liu et al. 2023, arXiv 2305.14342, with the Hutchinson estimate (its rate is η ρ, its γ is ρ)",
        hyperparameters=(
            rate(0.06),
            beta1(0.96),
            beta("beta2", 0.99, "decay β₂ of the Hessian diagonal's running mean"),
            Hyperparameter(name="clip", default=0.01, help="largest entry ρ of m / h", maximum=1e6),
            Hyperparameter(
                name="eps", default=1e-12, help="smallest curvature ε; below it, the clip decides", maximum=1.0
            ),
            count("update_every", 10, "steps k between two Hessian products"),
            decay(help_text=DECOUPLED),
        ),
        stores="3 d",
        step_cost="1 gradient per example of the batch, and a Hessian product (3) every k steps",
        helps="Take it where curvatures differ much between weights: flat directions take long steps, the clip bounds them.",
        hurts="Where the Hessian is not positive every step is as long as the clip allows: it then behaves like Lion.",
    ),
    Optimizer(
        id="adahessian",
        name="AdaHessian",
        family="second-order",
        formula="h = u ⊙ ∇²F u,   u = ±1 at random\n"
        "m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) h²\n"
        "θ ← θ − η λ θ − η m̂ / (v̂^(k/2) + ε)",
        source="Yao et al. 2021, arXiv 2006.00719 (without its averaging of h over kernels)",
        hyperparameters=(
            rate(0.1),
            BETA1,
            beta("beta2", 0.999, "decay β₂ of the squared Hessian diagonal's running mean"),
            Hyperparameter(
                name="eps", default=1e-4, help="term ε that keeps the denominator from zero", maximum=1.0, is_open=True
            ),
            Hyperparameter(
                name="hessian_power", default=1.0, help="power k of the curvature", minimum=0.01, maximum=1.0
            ),
            decay(help_text=DECOUPLED),
        ),
        stores="3 d",
        step_cost="1 gradient and a Hessian product (3) per example of the batch",
        helps="Take it to see a diagonal of true curvature in Adam's place for squared gradients: rates need little tuning.",
        hurts="A step costs four gradients, and with small batches the estimate of the diagonal is noisier than g².",
    ),
)
