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
        source="Duchi, Hazan & Singer 2011, JMLR 12, fig. 1 (diagonal)",
        hyperparameters=(
            rate(0.01),
            Hyperparameter(name="lr_decay", default=0.0, help="1/t decay of the rate"),
            decay(),
            Hyperparameter(name="initial_accumulator_value", default=0.0, help="start value of G"),
            eps(1e-10),
        ),
        stores="d",
    ),
    Optimizer(
        id="adadelta",
        name="Adadelta",
        family="adaptive",
        formula="v ← ρ v + (1 − ρ) g²\nΔ = √(u + ε) / √(v + ε) · g;  u ← ρ u + (1 − ρ) Δ²\nθ ← θ − η Δ",
        source="Zeiler 2012, arXiv 1212.5701, Alg. 1",
        hyperparameters=(rate(1.0), beta("rho", 0.9, "decay ρ of both running means"), eps(1e-6), decay()),
        stores="2 d",
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
    ),
    Optimizer(
        id="adam",
        name="Adam",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²\nm̂ = m / (1 − β₁ᵗ);  v̂ = v / (1 − β₂ᵗ)\nθ ← θ − η m̂ / (√v̂ + ε)",
        source="Kingma & Ba 2015, arXiv 1412.6980, Alg. 1; AMSGrad: Reddi, Kale & Kumar 2018, Alg. 2",
        hyperparameters=(
            rate(0.001),
            BETA1,
            BETA2,
            eps(1e-8),
            decay(),
            switch("amsgrad", "use the largest v̂ so far"),
        ),
        stores="2 d (AMSGrad: 3 d)",
    ),
    Optimizer(
        id="adamw",
        name="AdamW",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²\nθ ← θ − η λ θ − η m̂ / (√v̂ + ε)",
        source="Loshchilov & Hutter 2019, arXiv 1711.05101, Alg. 2",
        hyperparameters=(
            rate(0.001),
            BETA1,
            BETA2,
            eps(1e-8),
            decay(0.01),
            switch("amsgrad", "use the largest v̂ so far"),
        ),
        stores="2 d",
    ),
    Optimizer(
        id="adamax",
        name="Adamax",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) g;  u ← max(β₂ u, |g| + ε)\nθ ← θ − η m / ((1 − β₁ᵗ) u)",
        source="Kingma & Ba 2015, arXiv 1412.6980, Alg. 2",
        hyperparameters=(rate(0.002), BETA1, BETA2, eps(1e-8), decay()),
        stores="2 d",
    ),
    Optimizer(
        id="nadam",
        name="NAdam",
        family="adaptive",
        formula="μₜ = β₁ (1 − ½ · 0.96^(t ψ))\nm̂ = μₜ₊₁ m / (1 − Πμᵢ₊₁) + (1 − μₜ) g / (1 − Πμᵢ)\nθ ← θ − η m̂ / (√v̂ + ε)",
        source="Dozat 2016, ICLR workshop, Alg. 2",
        hyperparameters=(rate(0.002), BETA1, BETA2, eps(1e-8), decay(), _MOMENTUM_DECAY),
        stores="2 d",
    ),
    Optimizer(
        id="radam",
        name="RAdam",
        family="adaptive",
        formula="ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)\nθ ← θ − η rₜ m̂ / (√v̂ + ε)   if ρₜ > 5,  else  θ ← θ − η m̂",
        source="Liu et al. 2020, arXiv 1908.03265, Alg. 2",
        hyperparameters=(rate(0.001), BETA1, BETA2, eps(1e-8), decay()),
        stores="2 d",
    ),
    Optimizer(
        id="muon",
        name="Muon + AdamW",
        family="adaptive",
        formula="2-D weights: M ← μ M + (1 − μ) g;  W ← W − η λ W − η s · NewtonSchulz(M)\nothers: AdamW with its own rate",
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
    ),
)
