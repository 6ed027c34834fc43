"""Words of what happens while a model learns: steps, their noise, curvature, and what goes wrong."""

from tui_optim.spec.explain.scenarios import SCENARIO_LESSONS
from tui_optim.spec.explain.topic import Topic
from tui_optim.spec.explain.trials import mlp, points

LEARNING: tuple[Topic, ...] = (
    Topic(
        id="epoch",
        kind="word",
        title="Epoch",
        what="n gradient evaluations, n the size of the training set: for plain mini-batch methods one pass over the data, "
        "for others what costs as much. Ten epochs cost the same whatever the method. Epoch 0 is the untrained model.",
        look="A method whose step costs more takes fewer steps in an epoch: turn x from epochs to steps.",
        experiment=(mlp("sgd", "svrg", epochs=4),),
        see=("effective_epochs", "optimizer step", "cost"),
        aliases=("epochs",),
    ),
    Topic(
        id="optimizer-step",
        kind="word",
        title="Optimizer step",
        what="One change of the weights. What it costs differs: one gradient of a batch for SGD, several for others.",
        look="Turn x to steps: a large batch takes few of them.",
        experiment=tuple(mlp("sgd", settings={"batch_size": size}) for size in (16, 256)),
        see=("batch", "epoch"),
        aliases=("steps", "iteration", "update"),
    ),
    Topic(
        id="batch",
        kind="word",
        title="Batch",
        what="The examples whose mean gradient makes a step. The mean over b examples has a variance b times smaller than "
        "one example's, at b times the cost; 'full' takes all, and its gradient is exact.",
        formula="Var[g_S] ≈ σ² / b,   |S| = b",
        look="At one rate batches of 8 are too noisy and batches of 512 take too few steps: in the training loss 64 is "
        "lowest. Larger batches want larger rates.",
        experiment=tuple(mlp("sgd", settings={"batch_size": size}) for size in (8, 64, 512)),
        see=("batch-gd", "online-sgd", "gradient noise"),
        aliases=("batch_size", "batch size", "mini-batch", "minibatch"),
    ),
    Topic(
        id="gradient-noise",
        kind="word",
        title="Gradient noise",
        what="The difference between the gradient of a batch and that of all examples. At a constant rate it keeps SGD at "
        "a distance from the minimum that grows with the rate; a falling rate, a growing batch, averages and gradient "
        "aggregation are the ways out.",
        formula="lim sup E F(θₜ) − F* ≤ η L σ² / (2 c b)    F strongly convex: L, c largest and smallest curvature",
        look="Without an average the validation loss goes up and down; the average of the same weights is smooth and lower.",
        experiment=(mlp("sgd", "sgd-ema", epochs=8, settings={"lr": 0.2}),),
        source="Bottou, Curtis & Nocedal 2018, arXiv 1606.04838, Theorem 4.6",
        see=("batch", "ema", "cosine", "svrg"),
        aliases=("noise",),
    ),
    Topic(
        id="batchnorm",
        kind="word",
        title="Batch normalisation",
        what="A layer that gives each feature mean 0 and variance 1 over the mini-batch, then scales and shifts it by learnt "
        "γ and β; outside of training, running means of both take the batch's place. It is in the scenario "
        "mlp-mnist-batchnorm, before each ReLU.",
        formula="x̂ = (x − μ_B) / √(σ_B² + ε)\ny = γ x̂ + β",
        look="With BatchNorm the network is ahead after the first epoch, and it bears the rate 0.5, at which the plain one "
        "does not learn. `tui-optim sweep batchnorm-mnist` runs the four in full.",
        experiment=SCENARIO_LESSONS["mlp-mnist-batchnorm"].experiment,
        source="Ioffe & Szegedy 2015, arXiv 1502.03167",
        see=("mlp-mnist-batchnorm", "mlp-mnist"),
        aliases=("batch norm", "batch normalisation", "batch normalization", "bn"),
    ),
    Topic(
        id="overfitting",
        kind="word",
        title="Overfitting",
        what="The model learns what is peculiar to its training examples: the training loss goes on falling, the "
        "validation loss rises. Stopping early, weight decay and a smaller model are the usual remedies.",
        look="Adam's validation loss has its minimum within the first ten epochs, then it rises; slow SGD does not get "
        "that far.",
        experiment=(mlp("adam", epochs=30, settings={"lr": 0.001}), mlp("sgd-baseline", epochs=30)),
        see=("val_loss", "regularisation"),
        aliases=("over-fitting", "generalisation"),
    ),
    Topic(
        id="regularisation",
        kind="word",
        title="Regularisation",
        what="A term that pulls weights to 0: L2 shrinks all of them, L1 makes many of them vanish, the elastic net mixes "
        "the two. With Adam, weight decay in the gradient is divided by √v̂; AdamW decays outside of it.",
        formula="F(θ) + λ/2 ‖θ‖²      or   F(θ) + λ ‖θ‖₁",
        look="The training loss ends higher, the gap to the validation loss is smaller.",
        experiment=tuple(
            mlp("heavy-ball", epochs=12, settings={"weight_decay": decay}) for decay in (0.0, 0.001, 0.01)
        ),
        see=("weight_decay", "penalty", "sparsity"),
        aliases=("regularization", "l1", "l2", "elastic-net"),
    ),
    Topic(
        id="weight-decay",
        kind="word",
        title="Weight decay",
        what="λ: every step also shrinks the weights. For SGD it is L2 regularisation; for Adam the two differ, and AdamW "
        "is the one that shrinks all weights alike.",
        formula="θ ← θ − η (g + λ θ)       decoupled:  θ ← θ − η λ θ − η d",
        look="The same λ, inside the gradient (Adam) and outside (AdamW): only inside is it divided by √v̂.",
        experiment=(mlp("adam", "adamw", settings={"weight_decay": 0.01}),),
        see=("regularisation", "adamw"),
        aliases=("decay", "lambda"),
    ),
    Topic(
        id="momentum",
        kind="word",
        title="Momentum",
        what="A step goes along a running sum (heavy ball) or mean (EMA) of the gradients: what they agree on adds up, "
        "what alternates cancels. With weight μ on the past it reaches back about 1/(1 − μ) steps, and acts like a rate of "
        "η/(1 − μ).",
        formula="v ← μ v + g;  θ ← θ − η v       EMA:  m ← β m + (1 − β) g;  θ ← θ − η m",
        look="At one rate, momentum 0.9 gets much further than none; 0.99 is too much: it overshoots.",
        experiment=tuple(mlp("heavy-ball", settings={"lr": 0.01, "momentum": mu}) for mu in (0.0, 0.9, 0.99)),
        see=("heavy-ball", "nesterov", "momentum-ema"),
        aliases=("beta", "beta1", "mu"),
    ),
    Topic(
        id="bias-correction",
        kind="word",
        title="Bias correction",
        what="A running mean that begins at 0 is too small at first by the factor 1 − βᵗ; Adam divides by it. Without it, "
        "the first steps are wrong by the ratio of both corrections, (1 − β₁) / √(1 − β₂) at the very first.",
        formula="m̂ = m / (1 − β₁ᵗ),   v̂ = v / (1 − β₂ᵗ)",
        look="RMSProp has no correction: with α = 0.9999 its first steps are 100 times too long, and the training loss "
        "leaps before it falls. Key s and `tui-optim step adam` show one step with and without.",
        experiment=(mlp("rmsprop", settings={"lr": 0.001, "alpha": 0.9999}), mlp("adam", settings={"lr": 0.001})),
        see=("adam", "rmsprop"),
    ),
    Topic(
        id="divergence",
        kind="word",
        title="Divergence",
        what="The loss is not finite any more. That is a result: the run's state is diverged, with the step; it stays in "
        "every table with chance accuracy and infinite cost. A loss that is large but finite counts as what it is.",
        look="Gradient descent on a quadratic whose largest curvature is 2, so that the limit is 2/L = 1: at rate 0.99 it "
        "converges, at 1.01 the loss grows and is still a number after 2,000 steps, at 1.5 it is none any more: ↯ in the "
        "list of runs, and key y for all three lines.",
        experiment=tuple(points("quadratic-f1", "batch-gd", settings={"lr": rate}) for rate in (0.99, 1.01, 1.5)),
        see=("lr", "curvature"),
        aliases=("diverged", "nan", "diverge"),
    ),
    Topic(
        id="curvature",
        kind="word",
        title="Curvature",
        what="How fast the gradient changes: the Hessian's eigenvalues. Gradient descent is stable while η is below 2 "
        "divided by the largest; how long it takes is decided by the condition number, largest over smallest.",
        formula="κ = L/c;   best rate of gradient descent (κ − 1)/(κ + 1) per step, of heavy ball (√κ − 1)/(√κ + 1)",
        look="Curvatures 2 and 0.2: gradient descent at its best rate 2/2.2 shrinks the distance by 9/11 in every step, "
        "heavy ball, after a worse start, by more, and Newton is there in one step. Key y for a logarithmic axis.",
        experiment=(
            points("quadratic-f1", "batch-gd", epochs=100, settings={"lr": 0.909}),
            points("quadratic-f1", "heavy-ball", epochs=100, settings={"lr": 1.15, "momentum": 0.27}),
            points("quadratic-f1", "newton", epochs=100),
        ),
        see=("newton-cg", "lr"),
        aliases=("hessian", "condition number", "eigenvalues"),
    ),
    Topic(
        id="gauss-newton",
        kind="word",
        title="Gauss–Newton matrix",
        what="The Hessian without the part that can make it negative: JᵀHJ, J the Jacobian of the outputs, H the Hessian "
        "of the loss in them. A product with it costs about two gradients, one with the Hessian three.",
        formula="G = Jᵀ H_ℓ J",
        look="With the Hessian each product costs more, so fewer steps are taken for the same work: it is behind at first.",
        experiment=(
            mlp("newton-cg", epochs=3),
            mlp("newton-cg", epochs=3, settings={"curvature": "hessian"}),
        ),
        see=("newton-cg", "kfac", "curvature"),
        aliases=("ggn", "generalised gauss-newton"),
    ),
)
