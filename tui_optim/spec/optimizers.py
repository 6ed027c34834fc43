"""The optimizers that can be chosen: data only; `engine.optimizers` holds the builder of each."""

from dataclasses import dataclass
from typing import Literal, get_args

from tui_optim.spec.errors import unknown
from tui_optim.spec.hyperparameters import Hyperparameter

Family = Literal["basic", "schedules", "momentum", "adaptive", "noise-reduction", "second-order", "averaging"]
FAMILIES: tuple[Family, ...] = get_args(Family)

FAMILY_TITLES: dict[Family, str] = {
    "basic": "Basic gradient methods",
    "schedules": "Learning-rate schedules",
    "momentum": "Momentum",
    "adaptive": "Adaptive scaling",
    "noise-reduction": "Noise reduction",
    "second-order": "Second order",
    "averaging": "Iterate averaging",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer:
    """An update rule with its hyper-parameters."""

    id: str
    name: str
    family: Family
    formula: str
    """The update rule in Unicode, one line per step; θ parameters, g mini-batch gradient, η rate, λ weight decay."""
    source: str
    hyperparameters: tuple[Hyperparameter, ...]
    stores: str
    """What it keeps between steps, in units of the number of parameters d."""


def _rate(default: float) -> Hyperparameter:
    return Hyperparameter(name="lr", default=default, help="learning rate η", maximum=1e6)


def _beta(name: str, default: float, help_text: str) -> Hyperparameter:
    return Hyperparameter(name=name, default=default, help=help_text, maximum=0.999999)


def _eps(default: float) -> Hyperparameter:
    return Hyperparameter(name="eps", default=default, help="term ε that keeps the denominator from zero", maximum=1.0)


def _decay(default: float = 0.0) -> Hyperparameter:
    return Hyperparameter(name="weight_decay", default=default, help="L2 coefficient λ", maximum=10.0)


def _switch(name: str, help_text: str, *, default: bool = False) -> Hyperparameter:
    return Hyperparameter(name=name, kind="bool", default=default, help=help_text)


_BETA1 = _beta("beta1", 0.9, "decay of the gradient's running mean")
_BETA2 = _beta("beta2", 0.999, "decay of the squared gradient's running mean")
_MOMENTUM_DECAY = Hyperparameter(name="momentum_decay", default=4e-3, help="decay ψ of the momentum schedule")

_ALL = (
    Optimizer(
        id="sgd",
        name="SGD",
        family="basic",
        formula="v ← μ v + (1 − τ)(g + λ θ)\nθ ← θ − η v        (Nesterov: θ ← θ − η (g + μ v))",
        source="Robbins & Monro 1951; Polyak 1964; Bottou, Curtis & Nocedal 2018, Alg. 4.1, eq. 7.1; Sutskever et al. 2013",
        hyperparameters=(
            _rate(0.01),
            _beta("momentum", 0.0, "momentum μ"),
            Hyperparameter(name="dampening", default=0.0, help="dampening τ of the gradient", maximum=1.0),
            _decay(),
            _switch("nesterov", "look ahead along the momentum (needs momentum > 0, dampening 0)"),
        ),
        stores="0 (momentum: d)",
    ),
    Optimizer(
        id="adagrad",
        name="Adagrad",
        family="adaptive",
        formula="G ← G + g²\nθ ← θ − η g / (√G + ε)",
        source="Duchi, Hazan & Singer 2011, JMLR 12, fig. 1 (diagonal)",
        hyperparameters=(
            _rate(0.01),
            Hyperparameter(name="lr_decay", default=0.0, help="1/t decay of the rate"),
            _decay(),
            Hyperparameter(name="initial_accumulator_value", default=0.0, help="start value of G"),
            _eps(1e-10),
        ),
        stores="d",
    ),
    Optimizer(
        id="adadelta",
        name="Adadelta",
        family="adaptive",
        formula="v ← ρ v + (1 − ρ) g²\nΔ = √(u + ε) / √(v + ε) · g;  u ← ρ u + (1 − ρ) Δ²\nθ ← θ − η Δ",
        source="Zeiler 2012, arXiv 1212.5701, Alg. 1",
        hyperparameters=(_rate(1.0), _beta("rho", 0.9, "decay ρ of both running means"), _eps(1e-6), _decay()),
        stores="2 d",
    ),
    Optimizer(
        id="rmsprop",
        name="RMSProp",
        family="adaptive",
        formula="v ← α v + (1 − α) g²\nθ ← θ − η g / (√v + ε)",
        source="Tieleman & Hinton 2012, Coursera lecture 6.5",
        hyperparameters=(
            _rate(0.01),
            _beta("alpha", 0.99, "decay α of the squared gradient's running mean"),
            _eps(1e-8),
            _decay(),
            _beta("momentum", 0.0, "momentum μ on the scaled step"),
            _switch("centered", "subtract the squared running mean from v"),
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
            _rate(0.001),
            _BETA1,
            _BETA2,
            _eps(1e-8),
            _decay(),
            _switch("amsgrad", "use the largest v̂ so far"),
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
            _rate(0.001),
            _BETA1,
            _BETA2,
            _eps(1e-8),
            _decay(0.01),
            _switch("amsgrad", "use the largest v̂ so far"),
        ),
        stores="2 d",
    ),
    Optimizer(
        id="adamax",
        name="Adamax",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) g;  u ← max(β₂ u, |g| + ε)\nθ ← θ − η m / ((1 − β₁ᵗ) u)",
        source="Kingma & Ba 2015, arXiv 1412.6980, Alg. 2",
        hyperparameters=(_rate(0.002), _BETA1, _BETA2, _eps(1e-8), _decay()),
        stores="2 d",
    ),
    Optimizer(
        id="nadam",
        name="NAdam",
        family="adaptive",
        formula="μₜ = β₁ (1 − ½ · 0.96^(t ψ))\nm̂ = μₜ₊₁ m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ) g / (1 − μ₁⋯μₜ)\nθ ← θ − η m̂ / (√v̂ + ε)",
        source="Dozat 2016, ICLR workshop, Alg. 2",
        hyperparameters=(_rate(0.002), _BETA1, _BETA2, _eps(1e-8), _decay(), _MOMENTUM_DECAY),
        stores="2 d",
    ),
    Optimizer(
        id="radam",
        name="RAdam",
        family="adaptive",
        formula="ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)\nθ ← θ − η rₜ m̂ / (√v̂ + ε)   if ρₜ > 5,  else  θ ← θ − η m̂",
        source="Liu et al. 2020, arXiv 1908.03265, Alg. 2",
        hyperparameters=(_rate(0.001), _BETA1, _BETA2, _eps(1e-8), _decay()),
        stores="2 d",
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
            _rate(0.02),
            _beta("momentum", 0.95, "momentum μ of the 2-D weights"),
            _switch("nesterov", "Nesterov form of that momentum", default=True),
            _decay(0.01),
            Hyperparameter(
                name="ns_steps", kind="int", default=5, help="Newton–Schulz iterations", minimum=1, maximum=20
            ),
            Hyperparameter(
                name="adamw_lr", default=0.002, help="rate of AdamW on biases and convolutions", maximum=1e3
            ),
            _BETA1,
            _BETA2,
            _eps(1e-8),
        ),
        stores="d on 2-D weights, 2 d elsewhere",
    ),
)

OPTIMIZERS: dict[str, Optimizer] = {optimizer.id: optimizer for optimizer in _ALL}


def find_optimizer(optimizer_id: str) -> Optimizer:
    """Look an optimizer up; raises UsageError with the nearest valid name."""
    if optimizer_id not in OPTIMIZERS:
        raise unknown("optimizer", optimizer_id, OPTIMIZERS)
    return OPTIMIZERS[optimizer_id]
