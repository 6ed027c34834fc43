"""What to look at in each scenario, and the runs to begin with; data, model and loss are in `spec.scenarios`."""

from tui_optim.spec.explain.topic import Arm, Lesson

SCENARIO_LESSONS: dict[str, Lesson] = {
    "lenet5-fashion": Lesson(
        look="The baseline of the assignment is still far up after ten epochs; what is to be beaten is its test loss and "
        "accuracy, with few gradient evaluations. Turn x to compare at equal cost.",
        experiment=(Arm(scenario="lenet5-fashion", presets=("sgd-baseline", "nesterov-cosine")),),
    ),
    "lenet5-fashion-l2": Lesson(
        look="The penalty pulls all weights to 0: with a λ far too large the training loss stays high, with a small one "
        "training and test loss come closer together.",
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
        look="L1 makes weights exactly small, L2 makes all of them smaller: the sparsity column tells them apart.",
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
}
