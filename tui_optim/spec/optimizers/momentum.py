"""SGD with and without momentum, and momentum as a running mean."""

from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.optimizers.optimizer import Optimizer, beta, decay, momentum, rate, switch

MOMENTUM: tuple[Optimizer, ...] = (
    Optimizer(
        id="sgd",
        name="SGD",
        family="basic",
        formula="v ← μ v + (1 − τ)(g + λ θ)\nθ ← θ − η v        (Nesterov: θ ← θ − η (g + μ v))",
        source="Robbins & Monro 1951; Polyak 1964; Bottou, Curtis & Nocedal 2018, eq. 7.1; Sutskever et al. 2013",
        hyperparameters=(
            rate(0.01),
            momentum(0.0),
            Hyperparameter(name="dampening", default=0.0, help="dampening τ of the gradient", maximum=1.0),
            decay(),
            switch("nesterov", "look ahead along the momentum (needs momentum > 0, dampening 0)"),
        ),
        stores="0 (momentum: d)",
        helps="Take it first: cheap, well understood, and with momentum and a falling rate hard to beat on images.",
        hurts="One rate serves all parameters: where curvatures differ much it crawls along the flat directions, and the "
        "rate has to be tuned.",
    ),
    Optimizer(
        id="sgd-by-hand",
        name="SGD by hand",
        family="basic",
        formula="g ← (1/|S|) Σ_{i∈S} ∇fᵢ(θ),   ∇fᵢ written out\nθ ← θ − η g",
        source="Robbins & Monro 1951; Bottou, Curtis & Nocedal 2018, Alg. 4.1",
        hyperparameters=(
            rate(0.1),
            switch(
                "replacement", "draw every batch anew from all examples, instead of passing over them in random order"
            ),
        ),
        stores="0",
        helps="Take it to see all of SGD: a forward pass, a gradient and an update of a few lines, without autograd or a "
        "library's optimizer.",
        hurts="It exists only where the gradient is written out, and its rate is constant unless a schedule lowers it.",
        is_by_hand=True,
    ),
    Optimizer(
        id="momentum-ema",
        name="Momentum, EMA form",
        family="momentum",
        formula="m ← β m + (1 − β) g,   m₀ = 0\nθ ← θ − η m",
        source="Bottou, Curtis & Nocedal 2018, eq. 7.1 with weights β and 1 − β; Kingma & Ba 2015, Adam without v and m̂",
        hyperparameters=(rate(0.1), beta("beta", 0.9, "decay β of the gradient's running mean"), decay()),
        stores="d",
        helps="Take it to change β without tuning η anew: the weights on past gradients sum to one, so the step's size stays.",
        hurts="The mean starts at zero and nothing corrects it: about 1 / (1 − β) steps at the start, and after a change of "
        "direction, are too short or too late.",
    ),
)
