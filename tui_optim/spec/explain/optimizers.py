"""What to look at with each optimizer, and the runs that show it; formula, source and cost are in `spec.optimizers`."""

from tui_optim.spec.explain.topic import Lesson
from tui_optim.spec.explain.trials import lenet, mlp, points

_COST = "Turn x to gradient evaluations"

OPTIMIZER_LESSONS: dict[str, Lesson] = {
    "sgd": Lesson(
        look="Three rates of one method, in the training loss: the small one falls steadily and slowly, the middle one is "
        "lowest, the large one ends as high as the small one. The validation loss jumps the more, the larger the rate.",
        experiment=tuple(mlp("sgd", settings={"lr": rate}) for rate in (0.01, 0.1, 0.46)),
    ),
    "sgd-by-hand": Lesson(
        look="The larger the batch, the larger the rate that it bears: batch 1 at rate 5 diverges in the first epoch, batch "
        "100 at rate 1 learns.",
        experiment=(
            points("circles", "sgd-by-hand", settings={"batch_size": 1, "lr": 5.0}),
            points("circles", "sgd-by-hand", settings={"batch_size": 100, "lr": 1.0}),
        ),
    ),
    "newton": Lesson(
        look="One step, and the gap is at rounding error, where 25 steps of gradient descent leave 2e-5. The step is not "
        "free: a gradient and, for each of the two parameters, a Hessian product, 7 in all on the axis of gradients.",
        experiment=(
            points("quadratic-f2", "newton", epochs=25),
            points("quadratic-f2", "batch-gd", epochs=25, settings={"lr": 0.9}),
        ),
    ),
    "bfgs": Lesson(
        look="From gradients alone it learns the curvature of two directions: after the work of 6⅔ gradients the gap is below "
        "1e-7, before Newton's first step is paid for; by 12 it is at rounding error too.",
        experiment=(points("quadratic-f2", "bfgs", "newton", epochs=12),),
    ),
    "momentum-ema": Lesson(
        look="It lies on the heavy ball's line: a mean with β = 0.9 and rate η takes the steps of a sum with rate η/10.",
        experiment=(
            mlp("momentum-ema", settings={"lr": 0.1}),
            mlp("heavy-ball", settings={"lr": 0.01}),
        ),
    ),
    "adagrad": Lesson(
        look="Its rate falls like 1/√t by itself, that of RMSProp does not: after ten epochs RMSProp has the lower "
        "training loss.",
        experiment=(mlp("adagrad", "rmsprop", epochs=10),),
    ),
    "adadelta": Lesson(
        look="With η = 1, which nobody tuned, it learns at once where SGD at η = 1 is thrown far off.",
        experiment=(mlp("adadelta", "sgd", settings={"lr": 1.0}),),
    ),
    "rmsprop": Lesson(
        look="Adam is RMSProp with momentum and bias correction. Their training losses lie close together; without "
        "momentum the validation loss of RMSProp is the rougher one.",
        experiment=(mlp("rmsprop", "adam", settings={"lr": 0.001}),),
    ),
    "adam": Lesson(
        look="Both have the rate 0.001, with which Adam is far ahead. Later its training loss goes on falling while its "
        "validation loss rises; that of the slow SGD does not.",
        experiment=(mlp("adam", "sgd-baseline", epochs=15),),
    ),
    "adamw": Lesson(
        look="The same λ in both: Adam adds λθ to the gradient and divides it by √v̂ with it, AdamW shrinks every weight "
        "by the same share; so strong a decay through the gradient keeps Adam's loss high.",
        experiment=(mlp("adam", "adamw", settings={"weight_decay": 0.01}),),
    ),
    "adamax": Lesson(
        look="The running maximum of |g| in place of √v̂ makes steps shorter: at twice Adam's rate both lines lie close "
        "together.",
        experiment=(mlp("adam", settings={"lr": 0.001}), mlp("adamax", settings={"lr": 0.002})),
    ),
    "nadam": Lesson(
        look="The training losses nearly coincide: Nesterov's look ahead changes little here. In the validation loss the "
        "seeds (a band) lie further apart than the two methods.",
        experiment=(mlp("adam", "nadam", seeds=(1, 2, 3)),),
    ),
    "radam": Lesson(
        look="The first steps differ: RAdam leaves v out until it has seen enough gradients, then shortens its steps less "
        "and less. The training losses lie close together from the first epoch on.",
        experiment=(mlp("adam", "radam", settings={"lr": 0.01}),),
    ),
    "rprop": Lesson(
        look="Both take one step per epoch, with exact gradients: Rprop's own step for each weight is far ahead of one "
        "rate for all.",
        experiment=(mlp("rprop", "batch-gd", epochs=20),),
    ),
    "adafactor": Lesson(
        look="Rows and columns instead of a number for each weight: it learns somewhat more slowly than Adam, with a share "
        "of its memory.",
        experiment=(mlp("adafactor", "adam"),),
    ),
    "muon": Lesson(
        look=f"{_COST}: after three epochs it is ahead of Adam and of SGD, though not in the first epoch's mean training "
        "loss. Turn x to seconds: each step takes longer for its products of matrices.",
        experiment=(lenet("muon", "adam", "sgd"),),
    ),
    "svrg": Lesson(
        look="On a convex problem it converges at a constant rate where SGD stays at its noise: the gap on a logarithmic "
        "axis (key y). On a network (family noise-reduction) SGD is ahead at equal cost.",
        experiment=tuple(
            points("scalar-mean", preset, epochs=30, settings={"lr": 0.05, "batch_size": 1})
            for preset in ("svrg", "sgd")
        ),
    ),
    "sag": Lesson(
        look="Only 100 steps are taken in an epoch, where SGD takes 782: its line is less rough, and ends higher.",
        experiment=(mlp("sag", "sgd", epochs=6),),
    ),
    "saga": Lesson(
        look="The first epoch's work only fills the table: nothing is learned in it. Afterwards compare with SAG, which "
        "starts at once and is biased.",
        experiment=(mlp("saga", "sag", epochs=6),),
    ),
    "sarah": Lesson(
        look="A full gradient begins each cycle, and errors add up until the next: it falls behind SVRG, whose estimate "
        "does not drift.",
        experiment=(mlp("sarah", "svrg", epochs=6),),
    ),
    "geometric-batch": Lesson(
        look="Both have one constant rate, and here the noise goes down because the batch grows: the validation loss is "
        "lower and jumps less. Turn x to steps: 2,792 in the first epoch, 205 in the tenth.",
        experiment=(mlp("geometric-batch", "sgd", epochs=10),),
    ),
    "norm-test": Lesson(
        look="The batch grows once the gradient drowns in noise. Turn x to steps: 1,399 in the first epoch, 316 in the "
        "tenth. Gradient evaluations on x compare fairly.",
        experiment=(mlp("norm-test", "sgd", epochs=10),),
    ),
    "newton-cg": Lesson(
        look=f"Turn x to steps: few, and each gets far. {_COST}: what a step costs in products with the Gauss–Newton matrix "
        "puts SGD ahead by the fifth epoch.",
        experiment=(mlp("newton-cg", "sgd", epochs=5),),
    ),
    "sqn": Lesson(
        look="A tenth of SGD's steps, each on a larger batch, with curvature from a batch of its own: for the same work it "
        "gets as far.",
        experiment=(mlp("sqn", "sgd", epochs=5),),
    ),
    "multibatch-lbfgs": Lesson(
        look="From the second epoch on it hardly falls any more at a constant rate, while SGD goes on.",
        experiment=(mlp("multibatch-lbfgs", "sgd", epochs=5),),
    ),
    "lbfgs": Lesson(
        look="Both see exact gradients: for the work of twenty epochs L-BFGS makes four steps of several iterations, "
        "gradient descent twenty, and L-BFGS gets further. Mini-batches are far ahead of both by then.",
        experiment=(mlp("lbfgs", "batch-gd", epochs=20),),
    ),
    "kfac": Lesson(
        look=f"{_COST}: after one epoch its validation loss is where that of SGD is after three. Turn x to seconds: "
        "the matrices count there too.",
        experiment=(lenet("kfac", "sgd"),),
    ),
    "lion": Lesson(
        look="Every weight moves by η in every step, whatever its gradient: at Adam's rate it is far too restless, at a "
        "tenth of it about as good.",
        experiment=(mlp("lion", settings={"lr": 0.001}), mlp("lion", settings={"lr": 0.0001}), mlp("adam")),
    ),
    "adan": Lesson(
        look="At twice Adam's rate its training loss falls faster; it stores twice what Adam does.",
        experiment=(mlp("adan", "adam"),),
    ),
    "lamb": Lesson(
        look="Made for very large batches of large networks: on this small one Adam is ahead even at batch 4096, for a "
        "layer moves by no more than a share of its norm.",
        experiment=(mlp("lamb", "adam", epochs=10, settings={"batch_size": 4096}),),
    ),
    "prodigy": Lesson(
        look="The first steps are spent on finding the distance d; by the fifth epoch its training loss is below that of "
        "Adam at its tuned rate.",
        experiment=(mlp("prodigy", "adam", epochs=5),),
    ),
    "lookahead": Lesson(
        look="The run is judged by the slow weights: their line is calmer than that of SGD with momentum at the same rate.",
        experiment=(
            mlp("lookahead", epochs=5, settings={"lr": 0.05}),
            mlp("heavy-ball", epochs=5, settings={"lr": 0.05}),
        ),
    ),
    "schedule-free-sgd": Lesson(
        look="Up to half of the run it is ahead of the cosine, whose loss drops as its rate falls; after that its validation "
        "loss rises, and the cosine's does not.",
        experiment=(mlp("schedule-free-sgd", "sgd-cosine", epochs=10),),
    ),
    "schedule-free-adamw": Lesson(
        look="Its validation loss, taken at the average x, is lowest after three or four epochs, that of AdamW at a constant "
        "rate after seven; after that it rises further.",
        experiment=(mlp("schedule-free-adamw", "adamw", epochs=10),),
    ),
    "sam": Lesson(
        look=f"{_COST}: a step costs two gradients, so in a short run plain momentum gets further for the same work.",
        experiment=(mlp("sam", "heavy-ball", epochs=10),),
    ),
    "shampoo": Lesson(
        look=f"{_COST}, then to seconds: the roots of matrices cost time that gradient evaluations do not show.",
        experiment=(lenet("shampoo", "sgd"),),
    ),
    "soap": Lesson(
        look="Turn x to gradient evaluations: its validation loss is below Adam's after every epoch. Turn x to seconds for "
        "what the bases cost.",
        experiment=(lenet("soap", "adam"),),
    ),
    "psgd-kron": Lesson(
        look="In its first epoch the mean training loss is the higher one, for the preconditioner moves in each of the "
        "first 500 steps; after that it is ahead per gradient. Turn x to seconds for the price.",
        experiment=(lenet("psgd-kron", "adam"),),
    ),
    "sophia-h": Lesson(
        look="Nine entries in ten of a step are cut to the clip here, so its line is like Lion's: the Hessian decides little.",
        experiment=(mlp("sophia-h", "lion"),),
    ),
    "adahessian": Lesson(
        look=f"{_COST}: a step costs four gradients, so Adam takes four steps for one.",
        experiment=(mlp("adahessian", "adam"),),
    ),
}
