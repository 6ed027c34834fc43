"""What an X-ray shows of a run, each with its formula and what to look for."""

from dataclasses import replace

from tui_optim.spec.explain.topic import Topic
from tui_optim.spec.explain.trials import mlp, points

_ADAM = replace(mlp("adam", "sgd", epochs=4), xray=500)

INNER: tuple[Topic, ...] = (
    Topic(
        id="x-ray",
        kind="word",
        title="X-ray",
        what="A look into a run after one of its steps, on a copy of its model and a fixed batch: gradient norm and update ÷ "
        "weight of each layer, sharpness, gradient noise scale, effective rate, angle of the momentum. It is off unless a run is "
        "started with --xray auto or with a number of steps, or told to take one (key n, `tui-optim xray`). It changes no bit "
        "of the training, and its time is off the training clock.",
        look="Key I on the run: m turns through the measures. The title line says what share of the time it took.",
        experiment=(_ADAM,),
        was_seen=False,
        see=("sharpness", "update-ratio", "noise-scale", "effective-rate", "momentum-angle", "grad_norm"),
        aliases=("xray", "x ray"),
    ),
    Topic(
        id="sharpness",
        kind="word",
        title="Sharpness",
        what="The largest eigenvalue of the Hessian of the training loss. On a quadratic, gradient descent leaves a minimum that "
        "is sharper than 2/η; heavy ball stands (2+2β)/η, Nesterov (2+2β)/(η(1+2β)). With full batches sharpness often rises to "
        "that bound and stays there, at the edge of stability. Methods that scale the gradient have no bound in η alone.",
        formula="λ_max(∇²F(θ)) on the fixed batch, by Lanczos",
        look="On a quadratic it is 2 from the first step to the last, below the bound 2/η. On networks it moves.",
        experiment=(replace(points("quadratic-f1", "batch-gd", epochs=100), xray=5),),
        source="Cohen et al. 2021, arXiv 2103.00065; Lanczos 1950",
        see=("x-ray", "curvature", "lr", "divergence"),
        aliases=("edge of stability", "hessian eigenvalue"),
    ),
    Topic(
        id="update-ratio",
        kind="word",
        title="Update ÷ weight",
        what="How far a step moves the weights of a layer, relative to their length. About a thousandth is a rule of thumb: far "
        "above it the rate is too large for that layer, far below it the layer hardly learns.",
        formula="‖θₜ₊₁ − θₜ‖ / ‖θₜ‖ of each layer",
        look="Layers that lie far apart want different rates, which Adam gives them and SGD does not.",
        experiment=(_ADAM,),
        was_seen=False,
        source="Karpathy et al., CS231n, Neural Networks Part 3",
        see=("x-ray", "lr"),
        aliases=("update to weight ratio", "update/weight"),
    ),
    Topic(
        id="noise-scale",
        kind="word",
        title="Gradient noise scale",
        what="The batch size at which the noise of a batch's gradient is as large as the gradient. Smaller batches are mostly "
        "noise, and growing them pays; far larger ones cost more than they bring. It grows as the gradient falls. Both parts are "
        "unbiased estimates from the fixed batch and its eight parts; where noise hides the gradient there is a gap.",
        formula="B_simple = tr Σ / |G|²    Σ covariance of the gradients of single examples, G their mean",
        look="Is it above the batch size, which is dashed? Then a larger batch would need fewer steps.",
        experiment=(_ADAM,),
        was_seen=False,
        source="McCandlish et al. 2018, arXiv 1812.06162, eq. 2.9, estimates of appendix A.1",
        see=("x-ray", "gradient-noise", "batch"),
        aliases=("simple noise scale", "critical batch size"),
    ),
    Topic(
        id="effective-rate",
        kind="word",
        title="Effective rate",
        what="What multiplies the gradient of a weight in methods that give each weight a rate of its own, as quantiles over the "
        "weights: 5, 50 and 95 %.",
        formula="η / (√v̂ + ε) for Adam; by their own formulas for RMSProp, Adagrad, Adadelta, Adamax, NAdam, RAdam",
        look="How wide the quantiles lie apart is how much the method does that SGD cannot. They rise as gradients fall.",
        experiment=(_ADAM,),
        was_seen=False,
        source="Kingma & Ba 2015, arXiv 1412.6980, Alg. 1",
        see=("x-ray", "adam", "lr"),
        aliases=("effective learning rate",),
    ),
    Topic(
        id="momentum-angle",
        kind="word",
        title="Momentum–gradient angle",
        what="The angle between the momentum and the gradient on the fixed batch. At 0° the momentum leads straight down, at 90° "
        "it has nothing to do with the gradient, above that it leads uphill: it has gone too far, and the steps swing.",
        formula="arccos(⟨m, g⟩ / (‖m‖ ‖g‖))",
        look="Heavy ball on a quadratic swings: its angle passes 90° again and again.",
        experiment=(replace(points("quadratic-f1", "heavy-ball", epochs=200), xray=5),),
        source="Polyak 1964",
        see=("x-ray", "momentum"),
        aliases=("momentum angle", "gradient angle"),
    ),
)
