"""SGD with and without momentum."""

from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.optimizers.optimizer import Optimizer, beta, decay, rate, switch

MOMENTUM: tuple[Optimizer, ...] = (
    Optimizer(
        id="sgd",
        name="SGD",
        family="basic",
        formula="v ← μ v + (1 − τ)(g + λ θ)\nθ ← θ − η v        (Nesterov: θ ← θ − η (g + μ v))",
        source="Robbins & Monro 1951; Polyak 1964; Bottou, Curtis & Nocedal 2018, Alg. 4.1, eq. 7.1; Sutskever et al. 2013",
        hyperparameters=(
            rate(0.01),
            beta("momentum", 0.0, "momentum μ"),
            Hyperparameter(name="dampening", default=0.0, help="dampening τ of the gradient", maximum=1.0),
            decay(),
            switch("nesterov", "look ahead along the momentum (needs momentum > 0, dampening 0)"),
        ),
        stores="0 (momentum: d)",
    ),
)
