"""Of the extra: what scales, averages or shakes gradients alone."""

from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.optimizers.adaptive import BETA1, BETA2
from tui_optim.spec.optimizers.optimizer import Optimizer, beta, count, decay, eps, momentum, rate, switch
from tui_optim.spec.optimizers.zoo.parameters import DECOUPLED, beta1


def _interpolation(name: str) -> Hyperparameter:
    return Hyperparameter(
        name=name, default=0.9, help="share β of the average in the point of the gradients", maximum=1.0, is_open=True
    )


_WARMUP_STEPS = count("warmup_steps", 0, "steps with a linear rise of the rate", minimum=0)

FIRST_ORDER: tuple[Optimizer, ...] = (
    Optimizer(
        id="lion",
        name="Lion",
        family="adaptive",
        formula="u = sign(β₁ m + (1 − β₁) g)\nθ ← θ − η (u + λ θ)\nm ← β₂ m + (1 − β₂) g",
        source="Chen et al. 2023, arXiv 2302.06675",
        hyperparameters=(
            rate(3e-4),
            beta("beta1", 0.9, "share β₁ of the running mean in the sign"),
            beta("beta2", 0.99, "decay β₂ of the gradient's running mean"),
            decay(help_text=DECOUPLED),
        ),
        stores="d",
        helps="Take it for Adam's speed at half its memory, with a rate 3 to 10 times smaller than Adam's.",
        hurts="Every weight moves by η in every step: with small batches or a constant rate the end is noisy.",
    ),
    Optimizer(
        id="adan",
        name="Adan",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂)(g − g₋)\n"
        "n ← β₃ n + (1 − β₃)(g + β₂ (g − g₋))²\n"
        "θ ← (θ − η (m̂ + β₂ v̂) / (√n̂ + ε)) / (1 + η λ)",
        source="Xie et al. 2022, arXiv 2208.06677 (its β are 1 − β here)",
        hyperparameters=(
            rate(1e-3),
            beta1(0.98),
            beta("beta2", 0.92, "decay β₂ of the running mean of gradient differences"),
            beta("beta3", 0.99, "decay β₃ of the squared gradient's running mean"),
            eps(1e-8),
            decay(help_text="proximal weight decay λ: θ ← θ / (1 + η λ)"),
        ),
        stores="4 d",
        helps="Take it where Adam does well but starts slowly: differences of gradients are Nesterov's look ahead, and "
        "large rates are borne.",
        hurts="With small batches the difference of two gradients is mostly noise, and it stores twice what Adam does.",
    ),
    Optimizer(
        id="lamb",
        name="LAMB",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²\n"
        "r = m / (√v + ε) + λ θ\nlayer by layer:  θ ← θ − η min(‖θ‖, 10) / ‖r‖ · r",
        source="You et al. 2020, arXiv 1904.00962, φ(z) = min(z, 10), without bias correction",
        hyperparameters=(
            rate(5e-3, "learning rate η: the share of its norm that a layer moves in a step"),
            BETA1,
            BETA2,
            eps(1e-6),
            decay(),
        ),
        stores="2 d",
        helps="Take it for very large batches: no layer moves by more than a share η of its norm.",
        hurts="A layer whose weights are small takes small steps, biases of a fresh model above all; with small batches "
        "it gives nothing that Adam does not.",
    ),
    Optimizer(
        id="prodigy",
        name="Prodigy",
        family="adaptive",
        formula="m ← β₁ m + (1 − β₁) d g;  v ← β₂ v + (1 − β₂) d² g²\n"
        "r ← √β₂ r + η d²/d₀ gᵀ(θ₀ − θ);  s ← √β₂ s + η d²/d₀ g\n"
        "d ← max(d, c r / ‖s‖₁)\n"
        "θ ← θ − η d λ θ − η d m / (√v + d ε)",
        source="Mishchenko & Defazio 2023, arXiv 2306.06101 (its Adam form)",
        hyperparameters=(
            rate(1.0, "factor η on the rate that the method finds; leave it at 1"),
            BETA1,
            BETA2,
            Hyperparameter(
                name="d0", default=1e-6, help="first estimate d₀ of the distance", maximum=1.0, is_open=True
            ),
            Hyperparameter(name="d_coef", default=1.0, help="factor c on the estimate of the distance", maximum=1e3),
            eps(1e-8),
            decay(help_text="decoupled weight decay λ: θ ← θ − η d λ θ"),
            switch("bias_correction", "divide the running means by what is missing at the start"),
            switch("safeguard_warmup", "leave the rate η out of s: for schedules that start near 0"),
        ),
        stores="4 d",
        helps="Take it when there is no time to tune a rate: it estimates the distance to the solution and makes it the rate.",
        hurts="Its estimate only grows, so one overestimate stays; without a decay of η the end is noisy, and the first "
        "steps are spent on finding d.",
    ),
    Optimizer(
        id="lookahead",
        name="Lookahead",
        family="averaging",
        formula="k steps of SGD with momentum, or of AdamW, from φ:  θ ← φ, …\nφ ← φ + α (θ − φ);  θ ← φ\njudged by φ",
        source="Zhang, Lucas, Hinton & Ba 2019, arXiv 1907.08610",
        hyperparameters=(
            rate(0.1, "learning rate η of the fast weights"),
            Hyperparameter(
                name="base",
                kind="choice",
                default="sgd",
                choices=("sgd", "adamw"),
                help="optimizer of the fast weights",
            ),
            beta("momentum", 0.9, "momentum μ of SGD, β₁ of AdamW"),
            beta("beta2", 0.999, "β₂ of AdamW; SGD has none"),
            decay(help_text="λ: L2 for SGD, decoupled for AdamW"),
            count("k", 5, "steps k of the fast weights between two of the slow ones", maximum=100_000),
            Hyperparameter(
                name="alpha", default=0.5, help="share α of the way that the slow weights go", maximum=0.999999
            ),
        ),
        stores="2 d with SGD, 3 d with AdamW",
        helps="Take it to calm a rate that is a little too large: the slow weights average the noise away at no cost.",
        hurts="With a rate that falls to 0 there is no noise left to average, and it only slows the start.",
        is_averaging=True,
    ),
    Optimizer(
        id="schedule-free-sgd",
        name="Schedule-Free SGD",
        family="averaging",
        formula="y = (1 − β) z + β x;  g at y, with λ y\nz ← z − η g\nx ← (1 − c) x + c z,   c = ηₜ² / Σ ηᵢ²\njudged by x",
        source="Defazio et al. 2024, arXiv 2405.15682",
        hyperparameters=(rate(0.5), _interpolation("momentum"), decay(), _WARMUP_STEPS),
        stores="d",
        helps="Take it when the length of training is open: the average x is at any time as good as a decayed rate is at "
        "its end.",
        hurts="A schedule on top works against it, and the best rate is several times larger than SGD's: too small a one "
        "makes x lag behind.",
        is_averaging=True,
    ),
    Optimizer(
        id="schedule-free-adamw",
        name="Schedule-Free AdamW",
        family="averaging",
        formula="y = (1 − β₁) z + β₁ x;  g at y\n"
        "v ← β₂ v + (1 − β₂) g²\n"
        "z ← z − η (g / (√v̂ + ε) + λ y)\n"
        "x ← (1 − c) x + c z,   c = ηₜ² / Σ ηᵢ²\n"
        "judged by x",
        source="Defazio et al. 2024, arXiv 2405.15682",
        hyperparameters=(
            rate(2.5e-3),
            _interpolation("beta1"),
            BETA2,
            eps(1e-8),
            decay(help_text="decoupled weight decay λ, at y"),
            _WARMUP_STEPS,
        ),
        stores="2 d",
        helps="Take it instead of AdamW with a decaying rate when the length of training is open: x is good at any time.",
        hurts="A schedule on top works against it, and the training loss, taken at y, is worse than what x would show.",
        is_averaging=True,
    ),
    Optimizer(
        id="sam",
        name="SAM",
        family="momentum",  # its step is that of SGD with momentum, from a gradient that was taken elsewhere
        formula="ε = ρ g(θ) / ‖g(θ)‖        (adaptive: ε = ρ θ² g / ‖|θ| g‖)\n"
        "v ← μ v + g(θ + ε) + λ θ\n"
        "θ ← θ − η v        both gradients on the same batch",
        source="Foret et al. 2021, arXiv 2010.01412; adaptive: Kwon et al. 2021, arXiv 2102.11600",
        hyperparameters=(
            rate(0.05),
            momentum(0.9),
            Hyperparameter(
                name="rho", default=0.05, help="radius ρ of the way uphill (adaptive: 10 times larger)", maximum=100.0
            ),
            switch("adaptive", "scale the way uphill by the weights"),
            decay(),
        ),
        stores="d (and d inside a step)",
        step_cost="2 gradients per example of the batch",
        helps="Take it for a flat minimum: it lowers the worst loss nearby, which often gains test accuracy over long training.",
        hurts="A step costs two gradients: for the same cost, short training gets further with plain momentum.",
    ),
)
