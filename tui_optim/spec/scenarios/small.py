"""Problems of a few parameters, whose data is made by a rule: one number, two quadratics, two rings of points."""

import math
from statistics import fmean, pvariance

from tui_optim.spec.generated import uniform_numbers
from tui_optim.spec.quadratics import Quadratic
from tui_optim.spec.scenarios.scenario import Layer, Scenario

GAPS = (1e-3, 1e-6, 1e-10)

MEAN = Quadratic(
    factor=((1.0,),),
    start=(0.0,),
    minimiser=(fmean(uniform_numbers()),),
    minimum=pvariance(uniform_numbers()),
    names=("y",),
)
"""(1/n) Σ (y − xᵢ)²."""
F1 = Quadratic(
    factor=((1.0, 0.0), (0.0, math.sqrt(0.1))), start=(1.0, 1.0), minimiser=(0.0, 0.0), minimum=0.0, names=("x", "y")
)
"""x² + 0.1 y²."""
F2 = Quadratic(
    factor=((math.sqrt(0.5), -math.sqrt(0.5)), (math.sqrt(0.05), math.sqrt(0.05))),
    start=(math.sqrt(2.0), 0.0),
    minimiser=(0.0, 0.0),
    minimum=0.0,
    names=("x", "y"),
)
"""(x − y)²/2 + 0.1 (x + y)²/2."""

_POINT = Layer(name="point", kind="the point (x, y)", output="2", parameters=2)

SMALL: tuple[Scenario, ...] = (
    Scenario(
        id="scalar-mean",
        title="Scalar SGD: the mean of 100 numbers",
        description=(
            "Minimise (1/n) Σ (y − xᵢ)² over one number y from y = 0; the 100 xᵢ are uniform in [0, 1], and y* is their mean. An "
            "epoch is 100 gradients: two epochs are 200 steps of one example. At a constant rate SGD comes near y* and "
            "stays as far from it as its noise keeps it: a larger rate is faster at first and ends in a wider range."
        ),
        dataset="uniform-numbers",
        model="scalar-mean",
        layers=(Layer(name="point", kind="the number y", output="1", parameters=1),),
        loss="squares",
        precision="float64",
        batch_size=1,
        epochs=2,
        targets=GAPS,
        quadratic=MEAN,
        is_written_by_hand=True,
    ),
    Scenario(
        id="quadratic-f1",
        title="Quadratic f₁ = x² + 0.1 y²",
        description=(
            "From (1, 1); Hessian eigenvalues 2 and 0.2, condition number 10. One epoch is one gradient, so one step of "
            "gradient descent. Its twin quadratic-f2 is this one turned by 45°: gradient descent and momentum do not notice, "
            "methods that scale coordinates (RMSProp, Adam) do."
        ),
        dataset="one-function",
        model="quadratic-f1",
        layers=(_POINT,),
        loss="squares",
        precision="float64",
        batch_size=1,
        epochs=2000,
        targets=GAPS,
        quadratic=F1,
        is_written_by_hand=True,
    ),
    Scenario(
        id="quadratic-f2",
        title="Quadratic f₂: f₁ turned by 45°",
        description=(
            "(x − y)²/2 + 0.1 (x + y)²/2 from (√2, 0): quadratic-f1 turned by 45°, with the same eigenvalues 2 and 0.2, and "
            "condition number 10. One epoch is one gradient."
        ),
        dataset="one-function",
        model="quadratic-f2",
        layers=(_POINT,),
        loss="squares",
        precision="float64",
        batch_size=1,
        epochs=2000,
        targets=GAPS,
        quadratic=F2,
        is_written_by_hand=True,
    ),
    Scenario(
        id="circles",
        title="Circles: network 2-10-2, tanh",
        description=(
            "Two noisy rings of points in the plane, 200 to train and 200 to test; softmax and cross-entropy. The preset "
            "sgd-by-hand uses forward, backward and update written by hand; all others go through autograd. Weights and "
            "biases start as N(0, 0.3²)."
        ),
        dataset="circles",
        model="mlp-2-10-2",
        layers=(
            Layer(name="fc1", kind="Linear 2→10, tanh", output="10", parameters=30, weights=20),
            Layer(name="fc2", kind="Linear 10→2", output="2", parameters=22, weights=20),
        ),
        batch_size=10,
        epochs=150,
        targets=(0.85, 0.9, 0.92),
        is_written_by_hand=True,
    ),
)
