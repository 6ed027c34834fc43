"""What to look at in each scenario, and the runs to begin with; data, model and loss are in `spec.scenarios`."""

from tui_optim.spec.explain.topic import Arm, Lesson
from tui_optim.spec.explain.trials import points


def _mnist(scenario: str, rate: float) -> Arm:
    """As the source trains both networks, but shorter, and with a part of the training data held out."""
    settings = {"lr": rate, "batch_size": 60}
    return Arm(scenario=scenario, presets=("heavy-ball",), settings=settings, epochs=4, seeds=(1234,), holdout=True)


SCENARIO_LESSONS: dict[str, Lesson] = {
    "lenet5-fashion": Lesson(
        look="The baseline of the assignment is still far up after ten epochs; what is to be beaten is its test loss and "
        "accuracy, with few gradient evaluations. Turn x to compare at equal cost.",
        experiment=(Arm(scenario="lenet5-fashion", presets=("sgd-baseline", "nesterov-cosine")),),
    ),
    "lenet5-fashion-l2": Lesson(
        look="The penalty pulls all weights to 0: with a λ far too large the losses stay high; with the small one "
        "little changes in six epochs.",
        experiment=tuple(
            Arm(
                scenario="lenet5-fashion-l2",
                presets=("nesterov",),
                settings={"weight_decay": decay},
                epochs=6,
                holdout=True,
            )
            for decay in (0.0, 5e-4, 0.02)
        ),
    ),
    "lenet5-fashion-fc": Lesson(
        look="Under L1 a third of the weights is below 0.001 after six epochs, under L2 two in a hundred: the sparsity column "
        "tells them apart.",
        experiment=tuple(
            Arm(
                scenario="lenet5-fashion-fc",
                presets=("sgd",),
                settings={"penalty.kind": kind, "penalty.strength": strength},
                epochs=6,
                holdout=True,
            )
            for kind, strength in (("l2", 1e-3), ("l1", 1e-4))
        ),
    ),
    "mlp-fashion": Lesson(
        look="SGD's validation loss falls throughout; Adam's has its minimum within the first ten epochs and rises while "
        "its training loss goes on falling: it overfits.",
        experiment=(
            Arm(scenario="mlp-fashion", presets=("adam",), settings={"lr": 0.001}, epochs=30, holdout=True),
            Arm(scenario="mlp-fashion", presets=("sgd-baseline",), epochs=30, holdout=True),
        ),
    ),
    "mlp-mnist": Lesson(
        look="At rate 0.01 it learns; at 0.5 it does not: loss and accuracy stay at chance. mlp-mnist-batchnorm is the "
        "same network with BatchNorm; `tui-optim sweep batchnorm-mnist` runs both in full.",
        experiment=tuple(_mnist("mlp-mnist", rate) for rate in (0.01, 0.5)),
    ),
    "mlp-mnist-batchnorm": Lesson(
        look="With BatchNorm the network is ahead after the first epoch, and it bears the rate 0.5, at which the plain one "
        "does not learn.",
        experiment=tuple(_mnist(f"mlp-mnist{ending}", rate) for ending in ("", "-batchnorm") for rate in (0.01, 0.5)),
    ),
    "scalar-mean": Lesson(
        look="The gap F − F* on a logarithmic axis (key y): the larger rate falls faster, and its noise keeps it about ten "
        "times as far from the minimum as the smaller one.",
        experiment=tuple(
            points("scalar-mean", "sgd-by-hand", seeds=tuple(range(1, 11)), settings={"lr": rate})
            for rate in (0.01, 0.1)
        ),
    ),
    "quadratic-f1": Lesson(
        look="On a logarithmic axis (key y) gradient descent and heavy ball, once the steep direction is done, fall along "
        "straight lines, whose slopes theory gives for the flat one; Adam scales each coordinate: both come down "
        "together, however steep.",
        experiment=(points("quadratic-f1", "batch-gd", "heavy-ball", "adam", settings={"lr": 0.001}),),
    ),
    "quadratic-f2": Lesson(
        look="The same function turned by 45°: gradient descent and heavy ball lie on their lines of f₁, Adam does not, "
        "for it scales each coordinate.",
        experiment=tuple(
            points(f"quadratic-f{number}", "batch-gd", "adam", settings={"lr": 0.001}) for number in (1, 2)
        ),
    ),
    "circles": Lesson(
        look="Batch 10 at rate 0.1 learns to tell the rings apart, after twenty epochs in which the loss hardly falls; batch "
        "1 at rate 5 diverges in the first epoch, and stays in the list as that.",
        experiment=(
            points("circles", "sgd-by-hand", settings={"batch_size": 10, "lr": 0.1}),
            points("circles", "sgd-by-hand", settings={"batch_size": 1, "lr": 5.0}),
        ),
    ),
}
