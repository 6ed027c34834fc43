"""The families of optimizers, after Bottou, Curtis & Nocedal 2018 (arXiv 1606.04838)."""

from tui_optim.spec.explain.topic import Lesson
from tui_optim.spec.explain.trials import lenet, mlp
from tui_optim.spec.optimizers.optimizer import Family

FAMILY_LESSONS: dict[Family, Lesson] = {
    "basic": Lesson(
        what="A step against the gradient: of all examples (batch), of a few (mini-batch), of one (online). A batch "
        "gradient is exact and dear, a small batch's is cheap and noisy.",
        look="The same number of gradients, spent on few exact steps or on many noisy ones: the noisy ones win.",
        experiment=(mlp("batch-gd", "sgd", epochs=3),),
    ),
    "schedules": Lesson(
        what="A rate that changes over the run: high at first, to get far, low at the end, to settle.",
        look="The validation loss drops as the rate goes to 0; a constant rate stays noisy.",
        experiment=(mlp("sgd-cosine", "sgd", epochs=10, settings={"lr": 0.2}),),
    ),
    "momentum": Lesson(
        what="A step goes along a running sum or mean of gradients instead of the last one.",
        look="At one rate momentum goes further in each step.",
        experiment=(mlp("heavy-ball", "nesterov", "sgd", settings={"lr": 0.01}),),
    ),
    "adaptive": Lesson(
        what="Each weight has a rate of its own, made from the gradients that it has seen: large where they are small.",
        look="Ahead in the first epochs at their usual rates; SGD with a falling rate catches up.",
        experiment=(mlp("adam", "rmsprop", "adagrad", "sgd-cosine", epochs=8),),
    ),
    "noise-reduction": Lesson(
        what="Less noise in the gradient instead of a smaller rate: batches that grow, or estimates that use stored "
        "gradients.",
        look="Turn x to gradient evaluations: growing batches end lowest; on a network the better gradients of SVRG do not pay "
        "for what they cost.",
        experiment=(mlp("geometric-batch", "svrg", "sgd", epochs=6),),
    ),
    "second-order": Lesson(
        what="Steps that are scaled by curvature, exact or estimated: few and good, and each costs more.",
        look="With x at steps Newton-CG leads, at gradient evaluations K-FAC: the order depends on what is counted.",
        experiment=(lenet("kfac", "newton-cg", "sgd"),),
    ),
    "averaging": Lesson(
        what="The run is judged by an average of its weights, in which the noise of the last steps cancels.",
        look="The average's validation loss is calm and lower than that of the weights themselves at the same rate.",
        experiment=(
            mlp("sgd-ema", epochs=6, settings={"lr": 0.2}),
            mlp("sgd", epochs=6, settings={"lr": 0.2}),
        ),
    ),
}
