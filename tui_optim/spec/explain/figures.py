"""The figures that runs report and the splits that they are taken on."""

from tui_optim.spec.explain.topic import Arm, Topic
from tui_optim.spec.explain.trials import lenet, mlp, points

_OVERFITTING = (mlp("adam", epochs=20, settings={"lr": 0.001}),)
_TWO_METHODS = (lenet("adam", "sgd"),)
_PENALISED = tuple(
    Arm(
        scenario="lenet5-fashion-fc",
        presets=("sgd",),
        settings={"penalty.kind": "l1", "penalty.strength": strength},
        epochs=4,
        holdout=True,
    )
    for strength in (1e-5, 1e-4)
)

METRICS: tuple[Topic, ...] = (
    Topic(
        id="train_loss",
        kind="metric",
        title="Training loss",
        what="Mean loss per example on the training set, without any penalty. During an epoch it is the running mean over "
        "the mini-batches, taken before each step; in the final row the whole training set is evaluated once with the last "
        "weights.",
        formula="F(θ) = (1/n) Σᵢ ℓ(f(xᵢ; θ), yᵢ),   ℓ cross-entropy: −log p(yᵢ)",
        look="It falls as long as the method learns anything. While it falls and the validation loss rises, the model "
        "learns its training examples by heart.",
        experiment=_OVERFITTING,
        see=("val_loss", "overfitting", "train"),
        aliases=("loss",),
    ),
    Topic(
        id="train_accuracy",
        kind="metric",
        title="Training accuracy",
        what="Share of training examples whose highest score is that of the right class; a running mean over the epoch, "
        "like the training loss.",
        formula="(1/n) Σᵢ 1[argmaxₖ f(xᵢ; θ)ₖ = yᵢ]",
        look="A running mean lags behind: the weights at the end of an epoch are better than its mean says, so early in "
        "training the validation accuracy can lie above it.",
        experiment=_OVERFITTING,
        see=("train_loss", "val_accuracy"),
        aliases=("accuracy",),
    ),
    Topic(
        id="val_loss",
        kind="metric",
        title="Validation loss",
        what="Mean loss per example on data that no gradient has seen, at the end of each epoch. Rates, epochs and methods "
        "are chosen by it.",
        formula="F_V(θ) = (1/|V|) Σ_{i∈V} ℓ(f(xᵢ; θ), yᵢ),   V the validation set",
        look="Its minimum is where to stop. The gap to the training loss is what the model has learned by heart.",
        experiment=_OVERFITTING,
        see=("val", "grid search", "overfitting"),
    ),
    Topic(
        id="val_accuracy",
        kind="metric",
        title="Validation accuracy",
        what="Share of validation examples that are classified correctly, at the end of each epoch.",
        formula="(1/|V|) Σ_{i∈V} 1[argmaxₖ f(xᵢ; θ)ₖ = yᵢ]",
        look="Its best epoch and that of the validation loss need not be the same: a model can be right more often and "
        "surer of its mistakes.",
        experiment=_OVERFITTING,
        see=("val", "val_loss"),
    ),
    Topic(
        id="test_loss",
        kind="metric",
        title="Test loss",
        what="Mean loss per example on the test set. It is reported, and nothing is chosen by it; with --holdout it is "
        "never computed.",
        formula="(1/|T|) Σ_{i∈T} ℓ(f(xᵢ; θ), yᵢ),   T the test set",
        look="Report it at the last epoch, or at the epoch of the lowest validation loss. The best test epoch is in no "
        "table here.",
        experiment=(Arm(scenario="mlp-fashion", presets=("adam",), epochs=10),),
        see=("test", "held-out"),
    ),
    Topic(
        id="test_accuracy",
        kind="metric",
        title="Test accuracy",
        what="Share of test examples that are classified correctly. On 10,000 images the standard error of 90 % is 0.30 "
        "points.",
        formula="standard error = √(p (1 − p) / n)",
        look="Differences below half a point between two single runs say nothing: take several seeds and compare (key c).",
        experiment=(Arm(scenario="mlp-fashion", presets=("adam", "sgd"), epochs=5, seeds=(1, 2, 3, 4, 5)),),
        see=("test", "seed", "band"),
    ),
    Topic(
        id="handout_loss",
        kind="metric",
        title="Handout loss",
        what="The assignment's own test loss: it sums the batch means over the test batches of 64 and divides by the "
        "number of examples instead of batches, so it is about 64 times too small. It is shown beside the true mean, for "
        "comparison with the handout.",
        formula="(1/10,000) Σ_B ℓ̄_B",
        look="Ten epochs of the baseline end at 0.01723; the true mean is then about 1.1.",
        experiment=(Arm(scenario="lenet5-fashion", presets=("sgd-baseline",)),),
        see=("test_loss", "lenet5-fashion"),
    ),
    Topic(
        id="gap",
        kind="metric",
        title="Gap",
        what="F(θ) − F*, the distance to the known minimum, on the problems of one or two parameters. It is measured after "
        "every step, off the clock.",
        formula="F(θ) − F* = ½ (θ − θ*)ᵀ H (θ − θ*)   on a quadratic",
        look="On a logarithmic axis (key y) a method that converges linearly ends on a straight line, whose slope is its "
        "rate: at 0.9 both directions shrink fast, at 0.1 the flat one is left. With noise (scalar-mean) it becomes level.",
        experiment=(
            points("quadratic-f1", "batch-gd", epochs=60, settings={"lr": 0.9}),
            points("quadratic-f1", "batch-gd", epochs=60, settings={"lr": 0.1}),
        ),
        see=("curvature", "quadratic-f1", "scalar-mean"),
        aliases=("suboptimality",),
    ),
    Topic(
        id="penalty",
        kind="metric",
        title="Penalty",
        what="What the scenario's penalty adds to the objective at the present weights. It is a column of its own: losses "
        "are shown without it.",
        formula="λ Σ_W [ρ ‖W‖₁ + (1 − ρ)/2 ‖W‖²];   with weight decay: λ/2 ‖θ‖²",
        look="At the weak λ it grows with the weights; at ten times λ it shrinks them, and the column falls from epoch to "
        "epoch.",
        experiment=_PENALISED,
        see=("sparsity", "regularisation", "lenet5-fashion-fc"),
    ),
    Topic(
        id="sparsity",
        kind="metric",
        title="Sparsity",
        what="Share of the penalised weights whose magnitude is below 0.001.",
        formula="#{w : |w| < 0.001} / #{w}",
        look="An L1 penalty raises it from epoch to epoch; ten times the strength, many more small weights.",
        experiment=_PENALISED,
        see=("penalty", "lenet5-fashion-fc"),
    ),
    Topic(
        id="lr",
        kind="metric",
        title="Learning rate",
        what="Length of a step along its direction: the factor η in θ ← θ − η d. The schedule sets it before every step; "
        "the chart of a preset's details shows it over the run.",
        formula="stable on a quadratic while η < 2/L,   L the largest eigenvalue of the Hessian",
        look="Too small is slow, too large is noisy, far too large learns nothing or diverges. Between them a factor of "
        "two hardly matters: 0.1 and 0.2 have the same training loss.",
        experiment=tuple(mlp("sgd", settings={"lr": rate}) for rate in (0.01, 0.1, 0.2, 1.0)),
        see=("cosine", "divergence", "curvature"),
        aliases=("learning rate", "rate", "step size", "eta"),
    ),
    Topic(
        id="grad_norm",
        kind="metric",
        title="Gradient norm",
        what="Length of the last gradient of a bin of steps, over all parameters and before any weight decay that the "
        "optimizer adds itself. The gradient of all examples is 0 at a minimum; that of a mini-batch is not, for each batch "
        "pulls its own way.",
        formula="‖g‖₂ = √(Σⱼ gⱼ²)",
        look="On a logarithmic axis (key y) it falls on a straight line at rate 0.9, to 4e-6. At 0.1 it falls fast until the "
        "flat direction alone is left, then slowly: 0.06 at the end.",
        experiment=(
            points("quadratic-f1", "batch-gd", epochs=60, settings={"lr": 0.9}),
            points("quadratic-f1", "batch-gd", epochs=60, settings={"lr": 0.1}),
        ),
        see=("gradient-noise", "gap", "curvature"),
        aliases=("gradient norm", "norm of the gradient"),
    ),
    Topic(
        id="throughput",
        kind="metric",
        title="Throughput",
        what="Examples per second of training time: gradient evaluations since the last report ÷ seconds in steps. "
        "Evaluation is off the clock; a run in a stack has its share of the stack's seconds.",
        formula="Δ gradient evaluations / Δ seconds",
        look="Batches of 256 take many times as many examples a second as batches of 16: a step has a fixed price, which its "
        "examples share. That is not progress by itself: turn x to seconds and look at the loss.",
        experiment=tuple(mlp("sgd", epochs=2, settings={"batch_size": size}) for size in (16, 256)),
        see=("train_time_s", "batch", "cost"),
        aliases=("examples per second", "examples/s", "speed"),
    ),
    Topic(
        id="effective_epochs",
        kind="metric",
        title="Effective epochs (cost)",
        what="Work done so far in units of the training set: gradient evaluations ÷ number of training examples n. One "
        "forward and backward pass of an example counts 1, a forward pass alone ⅓, a product with the Gauss–Newton matrix "
        "2, with the Hessian 3.",
        formula="gradient evaluations / n",
        look="Turn x to gradient evaluations: whoever leads there leads at equal cost, whatever a step is called.",
        experiment=(mlp("sgd", "svrg", "newton-cg", epochs=4),),
        see=("epoch", "cost", "target"),
        aliases=("gradient evaluations", "grad evals", "gradient-evaluations"),
    ),
    Topic(
        id="train_time_s",
        kind="metric",
        title="Training time",
        what="Seconds spent in training steps. Evaluation is off the clock, and an accelerator is waited for before it is "
        "read.",
        look="Turn x to seconds: a method that is ahead per gradient can be behind per second. Compare on one machine, "
        "with as many runs at a time.",
        experiment=_TWO_METHODS,
        see=("elapsed_s", "cost"),
        aliases=("seconds", "time"),
    ),
    Topic(
        id="elapsed_s",
        kind="metric",
        title="Elapsed time",
        what="Wall-clock seconds of a run so far, evaluation included, pauses not.",
        look="The difference to the training time is what evaluating costs.",
        experiment=_TWO_METHODS,
        see=("train_time_s",),
    ),
    Topic(
        id="peak_memory_mib",
        kind="metric",
        title="Peak memory",
        what="On a GPU the largest memory allocated so far; else the largest resident size of the worker, its libraries "
        "and the data included.",
        look="What a method stores (in units of d, the number of parameters) is little beside the data in small models.",
        experiment=_TWO_METHODS,
        see=("cost",),
        aliases=("memory",),
    ),
)

SPLITS: tuple[Topic, ...] = (
    Topic(
        id="train",
        kind="split",
        title="Training set",
        what="The examples whose gradients move the weights, and nothing else. Its loss says whether a method optimises, "
        "not whether the model is any good on new data.",
        look="A full line in the charts. The loss has a point for every few steps and is noisy; the accuracy is the running "
        "mean of each epoch.",
        experiment=_OVERFITTING,
        see=("val", "test", "train_loss"),
        aliases=("training set", "training"),
    ),
    Topic(
        id="val",
        kind="split",
        title="Validation set",
        what="Examples held out from training for everything that is chosen: the rate, the number of epochs, the method. "
        "Choosing by it wears it out: the winner of many trials looks better on it than it is, so the final figure has to "
        "come from data that took no part.",
        look="A dashed line. Where it turns upwards while the training loss falls, stop.",
        experiment=(mlp("sgd", "adam", epochs=15, settings={"lr": 0.01}),),
        see=("held-out", "grid search", "test", "val_loss"),
        aliases=("validation", "validation set"),
    ),
    Topic(
        id="test",
        kind="split",
        title="Test set",
        what="Examples that are used once, at the end, to say how good the chosen model is. Whoever looks at it and then "
        "changes something has chosen by it: the figure is no longer that of unseen data, and too good. So here searches "
        "hold training data out and never evaluate the test set; only their winners do, once, with fresh seeds.",
        look="A dotted line; with --holdout there is none. Tables report the last epoch or the validation-best one, never "
        "the best test epoch.",
        experiment=(
            Arm(scenario="mlp-fashion", presets=("adam",), epochs=8, holdout=True),
            Arm(scenario="mlp-fashion", presets=("adam",), epochs=8, seeds=(101, 102, 103)),
        ),
        see=("val", "held-out", "test_accuracy"),
        aliases=("test set", "testing"),
    ),
)
