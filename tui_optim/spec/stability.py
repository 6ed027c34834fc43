"""Above which sharpness a method with a constant rate leaves a minimum: where the theory of quadratics has a bound for it.

On ½ h θ² the step θ ← θ − η h θ shrinks θ only while h < 2/η. With momentum β, in the form of torch (v ← β v + g), the bound is
(2 + 2β)/η for heavy ball and (2 + 2β)/(η (1 + 2β)) for Nesterov (Cohen et al. 2021, arXiv 2103.00065). Methods that scale
their gradient by what they know of it, as Adam does, have none in η alone.
"""

from tui_optim.spec.optimizers import all_optimizers
from tui_optim.spec.run import RunSpec

AS_GRADIENT_DESCENT = frozenset({"sgd-by-hand", "svrg", "sag", "saga", "sarah", "geometric-batch", "norm-test"})
"""In the mean their step is that of gradient descent."""
WITH_BOUND = AS_GRADIENT_DESCENT | {"sgd", "momentum-ema"}


def stability_bound(run: RunSpec, lr: float) -> float | None:
    """The bound on the sharpness at this rate; None where the method has none, or does not move."""
    if run.optimizer not in WITH_BOUND or run.optimizer_origin or not lr > 0.0:
        return None
    values = run.hyperparameters
    if run.optimizer == "momentum-ema":
        beta = float(values["beta"])
        return (2 + 2 * beta) / (lr * (1 - beta))  # the steps of heavy ball with η (1 − β)
    beta = float(values.get("momentum", 0.0))
    step = lr * (1 + 2 * beta if values.get("nesterov") else 1 - float(values.get("dampening", 0.0)) * (beta > 0))
    return (2 + 2 * beta) / step if step > 0.0 else None


def bound_name(run: RunSpec) -> str:
    """Its formula; '' where there is none."""
    if run.optimizer not in WITH_BOUND or run.optimizer_origin:
        return ""
    if run.optimizer == "momentum-ema":
        return "(2+2β)/(η(1−β))"
    if not run.hyperparameters.get("momentum"):
        return "2/η"
    if run.hyperparameters.get("nesterov"):
        return "(2+2β)/(η(1+2β))"
    return "(2+2β)/(η(1−τ))" if run.hyperparameters.get("dampening") else "(2+2β)/η"


def about_bound(run: RunSpec) -> str:
    """A sentence about the bound of a run's method, or about that there is none."""
    if bound_name(run):
        return "above the bound a constant rate leaves a minimum"
    known = all_optimizers().get(run.optimizer)
    return f"2/η is the bound of gradient descent, not of {known.name if known else run.optimizer}"
