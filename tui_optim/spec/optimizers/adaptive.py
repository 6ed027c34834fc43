"""Diagonal scaling (Bottou, Curtis & Nocedal 2018, section 6.5), and Muon."""

from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.optimizers.optimizer import Optimizer, beta, decay, eps, rate, switch

BETA1 = beta("beta1", 0.9, "decay of the gradient's running mean")
BETA2 = beta("beta2", 0.999, "decay of the squared gradient's running mean")
_MOMENTUM_DECAY = Hyperparameter(name="momentum_decay", default=4e-3, help="decay ψ of the momentum schedule")

ADAPTIVE: tuple[Optimizer, ...] = (
    Optimizer(
        id="adagrad",
        name="Adagrad",
        family="adaptive",
        formula="G ← G + g²\nθ ← θ − η g / (√G + ε)",
        source="Duchi, Hazan & Singer 2011, JMLR 12 (diagonal matrices)",
        hyperparameters=(
            rate(0.01),
            Hyperparameter(name="lr_decay", default=0.0, help="1/t decay of the rate"),
            decay(),
            Hyperparameter(name="initial_accumulator_value", default=0.0, help="start value of G", maximum=1e6),
            eps(1e-10),
        ),
        stores="d",
        helps="Take it where some features are rare: a parameter that seldom gets a gradient keeps a large rate.",
        hurts="G only grows, so the rate falls like 1/√t and long runs of a network come to a halt.",
    ),
    Optimizer(
        id="adadelta",
        name="Adadelta",
        family="adaptive",
        formula="v ← ρ v + (1 − ρ) g²\nΔ = √(u + ε) / √(v + ε) · g;  u ← ρ u + (1 − ρ) Δ²\nθ ← θ − η Δ",
        source="Zeiler 2012, arXiv 1212.5701",
        hyperparameters=(rate(1.0), beta("rho", 0.9, "decay ρ of both running means"), eps(1e-6), decay()),
        stores="2 d",
        helps="Take it where no rate is known: the step has the units of θ, and η = 1 most often works.",
        hurts="It starts slowly, for u begins at zero and ε alone decides the first steps; seldom the best of the "
        "family.",
    ),
    Optimizer(
        id="rmsprop",
        name="RMSProp",
        family="adaptive",
        formula="v ← α v + (1 − α) g²\nθ ← θ − η g / (√v + ε)",
        source="Tieleman & Hinton 2012, Coursera lecture 6.5",
        hyperparameters=(
            rate(0.01),
            beta("alpha", 0.99, "decay α of the squared gradient's running mean"),
            eps(1e-8),
            decay(),
            beta("momentum", 0.0, "momentum μ on the scaled step"),
            switch("centered", "subtract the squared running mean from v"),
        ),
        stores="d (momentum: 2 d; centered: + d)",
        helps="Take it where gradients change their scale during training: the mean forgets, so the rate does not "
        "die as Adagrad's does.",
        hurts="With a constant rate it jitters around the minimum, and the first steps are too long: v starts at "
        "zero without correction.",
    ),
    Optimizer(
        id="adam",
        name="Adam",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²\nm̂ = m / (1 − β₁ᵗ);  v̂ = v / (1 − β₂ᵗ)\nθ ← θ − η m̂ / (√v̂ + ε)",
        source="Kingma & Ba 2015, arXiv 1412.6980; AMSGrad: Reddi, Kale & Kumar 2018, arXiv 1904.09237",
        hyperparameters=(
            rate(0.001),
            BETA1,
            BETA2,
            eps(1e-8),
            decay(),
            switch("amsgrad", "use the largest v̂ so far"),
        ),
        stores="2 d (AMSGrad: 3 d)",
        helps="Take it as the robust default: one rate near 0.001 trains most networks.",
        hurts="Its weight decay is divided by √v̂ as gradients are, so weights with large gradients hardly decay (AdamW "
        "mends that); well-tuned SGD often generalises as well.",
    ),
    Optimizer(
        id="adamw",
        name="AdamW",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²\nθ ← θ − η λ θ − η m̂ / (√v̂ + ε)",
        source="Loshchilov & Hutter 2019, arXiv 1711.05101",
        hyperparameters=(
            rate(0.001),
            BETA1,
            BETA2,
            eps(1e-8),
            decay(0.01),
            switch("amsgrad", "use the largest v̂ so far"),
        ),
        stores="2 d",
        helps="Take it instead of Adam wherever weights are to decay: every weight shrinks by the same share.",
        hurts="The decay per step is η λ, so λ has to be tuned anew with the rate and its schedule.",
    ),
    Optimizer(
        id="adamax",
        name="Adamax",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) g;  u ← max(β₂ u, |g| + ε)\nθ ← θ − η m / ((1 − β₁ᵗ) u)",
        source="Kingma & Ba 2015, arXiv 1412.6980 (AdaMax)",
        hyperparameters=(rate(0.002), BETA1, BETA2, eps(1e-8), decay()),
        stores="2 d",
        helps="Take it where single gradients are very large: the running maximum bounds every step by about η.",
        hurts="One outlier shortens the steps of its parameter for about 1 / (1 − β₂) steps; otherwise Adam is as "
        "good.",
    ),
    Optimizer(
        id="nadam",
        name="NAdam",
        family="adaptive",
        formula="μₜ = β₁ (1 − ½ · 0.96^(t ψ))\nm̂ = μₜ₊₁ m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ) g / (1 − μ₁⋯μₜ)\nθ ← θ − η m̂ / (√v̂ + ε)",
        source="Dozat 2016, ICLR workshop",
        hyperparameters=(rate(0.002), BETA1, BETA2, eps(1e-8), decay(), _MOMENTUM_DECAY),
        stores="2 d",
        helps="Take it where Adam is good and momentum matters: it looks ahead as Nesterov's method does, at no "
        "extra cost.",
        hurts="Most often within noise of Adam, and as sensitive to a rate that is too large.",
    ),
    Optimizer(
        id="radam",
        name="RAdam",
        family="adaptive",
        formula="ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)\nθ ← θ − η rₜ m̂ / (√v̂ + ε)   if ρₜ > 5,  else  θ ← θ − η m̂",
        source="Liu et al. 2020, arXiv 1908.03265",
        hyperparameters=(rate(0.001), BETA1, BETA2, eps(1e-8), decay()),
        stores="2 d",
        helps="Take it where Adam needs a warm-up: the first steps do without v̂ until enough gradients have been seen.",
        hurts="The first 1 / (1 − β₂) or so of its steps are much shorter than Adam's, which costs in short runs.",
    ),
    Optimizer(
        id="rprop",
        name="Rprop",
        family="adaptive",
        formula="per parameter, g₋ its last gradient:\n"
        "g g₋ > 0:  Δ ← min(η⁺ Δ, Δmax)\n"
        "g g₋ < 0:  Δ ← max(η⁻ Δ, Δmin),  g ← 0\n"
        "θ ← θ − Δ sign(g)",
        source="Riedmiller & Braun 1993; the variant without backtracking, iRprop⁻: Igel & Hüsken 2000",
        hyperparameters=(
            rate(0.001, "first step Δ of every parameter; schedules do not reach the later ones"),
            Hyperparameter(
                name="eta_minus", default=0.5, help="factor η⁻ after a change of sign", maximum=1.0, is_open=True
            ),
            Hyperparameter(
                name="eta_plus",
                default=1.2,
                help="factor η⁺ while the sign stays",
                minimum=1.0,
                maximum=10.0,
                is_open=True,
            ),
            Hyperparameter(name="min_step", default=1e-6, help="smallest step Δmin", maximum=1e3),
            Hyperparameter(name="max_step", default=50.0, help="largest step Δmax", maximum=1e6),
            decay(),
        ),
        stores="2 d",
        step_cost="n gradients, one per example of the training set",
        helps="Take it for full-batch training of small problems: it looks at signs alone, so no scale of gradients or layers "
        "troubles it and no rate needs tuning.",
        hurts="The noise of mini-batches flips signs at random and the steps shrink to nothing; and an epoch is one single step.",
        is_full_batch=True,
    ),
    Optimizer(
        id="adafactor",
        name="Adafactor",
        family="adaptive",
        formula="β̂₂ = 1 − t^(−c);  ρ = min(η, 1/√t)\n"
        "R ← β̂₂ R + (1 − β̂₂) mean of g² over columns;  C: over rows\n"
        "V = R C / mean(R)   (vectors: V ← β̂₂ V + (1 − β̂₂) g²)\n"
        "U = g / √V;   Û = U / max(1, RMS(U) / δ)\n"
        "θ ← θ − η λ θ − ρ max(ε₂, RMS(θ)) Û",
        source="Shazeer & Stern 2018, arXiv 1804.04235 (η in place of 0.01, as in torch)",
        hyperparameters=(
            rate(0.01, "largest relative rate η"),
            Hyperparameter(name="beta2_exponent", default=0.8, help="exponent c of β̂₂ = 1 − t^(−c)", maximum=10.0),
            Hyperparameter(
                name="clip_threshold", default=1.0, help="largest RMS δ of a scaled gradient", minimum=1.0, maximum=1e6
            ),
            Hyperparameter(name="min_scale", default=1e-3, help="least scale ε₂ of a parameter", maximum=1e3),
            decay(),
        ),
        stores="rows + columns of each matrix (d for biases)",
        helps="Take it where memory is short: second moments cost a row and a column per matrix instead of d.",
        hurts="It has no momentum and its rate falls like 1/√t at the least: on small networks Adam learns faster and memory is "
        "no concern.",
    ),
    Optimizer(
        id="muon",
        name="Muon + AdamW",
        family="adaptive",
        formula=(
            "every 2-D weight, the output layer too:\nM ← μ M + (1 − μ) g;  W ← W − η λ W − η s · NewtonSchulz(M)\n"
            "biases and kernels: AdamW with its own rate"
        ),
        source="Jordan et al. 2024, Muon; Loshchilov & Hutter 2019 for the rest",
        hyperparameters=(
            rate(0.02),
            beta("momentum", 0.95, "momentum μ of the 2-D weights"),
            switch("nesterov", "Nesterov form of that momentum", default=True),
            decay(0.01),
            Hyperparameter(
                name="ns_steps", kind="int", default=5, help="Newton–Schulz iterations", minimum=1, maximum=20
            ),
            Hyperparameter(
                name="adamw_lr", default=0.002, help="rate of AdamW on biases and convolutions", maximum=1e3
            ),
            BETA1,
            BETA2,
            eps(1e-8),
        ),
        stores="d on 2-D weights, 2 d elsewhere",
        helps="Take it for networks whose weights are mostly matrices: among the fastest per step, in short runs "
        "above all.",
        hurts="Newton–Schulz costs fifteen products of matrices per weight and step: at small batches a step takes half as "
        "long again or more.",
        needs_matrices=True,
    ),
)
