"""Words of the experiments and of what is told from them: seeds and their spread, cost, choosing, comparing."""

from tui_optim.spec.explain.topic import Arm, Topic
from tui_optim.spec.explain.trials import lenet, mlp, points

EXPERIMENTING: tuple[Topic, ...] = (
    Topic(
        id="seed",
        kind="word",
        title="Seed",
        what="The number that all chance of a run comes from: initial weights, order of the examples, a method's own "
        "draws. Equal seeds start from the same weights and see the same batches, whatever the optimizer, so differences "
        "are taken seed by seed. Three seeds are a smoke test, five a screening, ten a report. The seed that a rate was "
        "tuned with is not reported.",
        look="Runs that differ in the seed alone are one line with a band; b shows them one by one.",
        experiment=(mlp("sgd", epochs=5, seeds=(1, 2, 3, 4, 5)),),
        see=("band", "significance", "test_accuracy"),
        aliases=("seeds", "random seed"),
    ),
    Topic(
        id="band",
        kind="word",
        title="Band",
        what="The spread of the seeds around their mean: ± one standard deviation, smallest to largest, or the 95 % "
        "confidence interval of the mean; key b turns through them and the single runs. The deviation tells what one more "
        "run would do, the interval how well the mean is known: it shrinks with more seeds.",
        formula="CI = x̄ ± t₀.₉₇₅(n − 1) · s/√n",
        look="A mark on the x axis shows from where on two bands no longer overlap.",
        experiment=(mlp("sgd", "adam", epochs=5, seeds=(1, 2, 3, 4, 5)),),
        see=("seed", "confidence interval"),
        aliases=("bands", "spread"),
    ),
    Topic(
        id="confidence-interval",
        kind="word",
        title="Confidence interval",
        what="A range that covers the true mean over all seeds in 95 of 100 repetitions, by Student's t with n − 1 degrees "
        "of freedom. With fewer than five seeds none is shown.",
        formula="x̄ ± t₀.₉₇₅(n − 1) · s/√n",
        look="Two intervals may overlap and the paired difference still be clear: compare (key c) takes differences seed "
        "by seed.",
        experiment=(mlp("sgd", "heavy-ball", epochs=3, seeds=(1, 2, 3, 4, 5)),),
        see=("band", "significance"),
        aliases=("ci", "interval"),
    ),
    Topic(
        id="significance",
        kind="word",
        title="Significance (p)",
        what="How often differences at least as large would come out if the signs of the paired differences were chance: "
        "the exact sign-flip test, over all 2ⁿ patterns of signs, adjusted after Holm where several settings are compared. "
        "With five seeds the smallest two-sided p is 0.0625, with six 0.031, with ten 0.002: fewer seeds cannot show more.",
        look="In the comparison (key c): the difference with its interval, and p beside it.",
        experiment=(mlp("sgd", "adam", epochs=3, seeds=(1, 2, 3, 4, 5, 6)),),
        see=("seed", "reference"),
        aliases=("p", "p-value", "sign-flip"),
    ),
    Topic(
        id="reference",
        kind="word",
        title="Reference",
        what="The setting that the others are compared with: tuned sgd unless another is named (key r in the comparison). "
        "A gain over an untuned baseline is no gain over the method.",
        look="The same runs against the untuned baseline and against tuned SGD: the gain over the second is what counts.",
        experiment=(lenet("adam", "sgd", "sgd-baseline"),),
        see=("significance", "equal tuning"),
    ),
    Topic(
        id="target",
        kind="word",
        title="Target",
        what="A level whose cost is asked for, such as val_accuracy>=0.88: how many gradient evaluations, seconds or steps "
        "a setting needed to reach it for the first time. Over seeds it is the median; a run that missed it counts as ∞.",
        look="In the race (key r, then t): Adam is the first to reach 0.87, and SGD with a cosine ends best.",
        experiment=(mlp("sgd", "adam", "sgd-cosine", epochs=8),),
        see=("cost", "race"),
        aliases=("targets", "time to target"),
    ),
    Topic(
        id="cost",
        kind="word",
        title="Cost",
        what="Steps, epochs, gradient evaluations, seconds, memory: five axes, and methods change places between them. Raw "
        "counts of passes and products are kept with every run, so that anyone can weight them anew.",
        look="Turn x (key x) and see who leads on each axis.",
        experiment=(mlp("sgd", "adam", "newton-cg", epochs=4),),
        see=("effective_epochs", "train_time_s", "target"),
        aliases=("costs", "price"),
    ),
    Topic(
        id="early-stop",
        kind="word",
        title="Early stop",
        what="A run with a patience of N ends once its lowest validation loss has not been bettered for N epochs: what it would "
        "learn from there on is the training data by heart. Test data decides nothing. Its best epoch, not its last, is what it "
        "was stopped for. In the details: patience; on the command line: --patience N.",
        look="Where the validation line is lowest: a patience of 3 would end each run three epochs after that.",
        experiment=(mlp("sgd", "adam", epochs=8),),
        was_seen=False,
        source="Goodfellow, Bengio & Courville 2016, Deep Learning, Algorithm 7.1",
        see=("held-out", "val_loss"),
        aliases=("patience", "early stopping", "min_delta"),
    ),
    Topic(
        id="bare-loop",
        kind="word",
        title="Bare loop",
        what="Forward, backward and a step of SGD over one batch that is ready, and nothing else: how many examples per second "
        "the machine can do at most. A run's own speed beside it says what drawing batches, the method's own work and looking at "
        "losses cost.",
        look="The system screen while they train: examples per second of each, and what share of the bare loop that is.",
        experiment=(mlp("sgd", "adam", epochs=4),),
        was_seen=False,
        see=("optimizer-step", "train_time_s"),
        aliases=("bare loop limit",),
    ),
    Topic(
        id="held-out",
        kind="word",
        title="Held-out data",
        what="A part of the training set that no gradient sees, kept for choosing: --holdout (or holdout in the editor) "
        "takes a sixth of it and does not evaluate the test set at all. Choose there; then train the winner on the full "
        "set, with fresh seeds, and look at the test set once.",
        look="A run with holdout has a dashed validation line and no dotted one.",
        experiment=(lenet("sgd"),),
        see=("val", "test", "grid search"),
        aliases=("holdout", "hold-out", "held out"),
    ),
    Topic(
        id="grid-search",
        kind="word",
        title="Grid search",
        what="All combinations of some values are trained and judged on validation data; the best one is taken. Every "
        "method gets as many trials; --search rate goes on while the best value lies on the border. The more is tried, the "
        "more the best one owes to luck on the validation set: its final figure comes from the test set, once.",
        look="The validation loss over the rate is a valley: too small is slow, too large is unstable. `tui-optim sweep` "
        "and key g do the whole grid.",
        experiment=tuple(mlp("heavy-ball", settings={"lr": rate}) for rate in (0.002, 0.01, 0.05, 0.2)),
        see=("val", "sweep", "equal tuning"),
        aliases=("grid", "tuning", "hyper-parameter search"),
    ),
    Topic(
        id="sweep",
        kind="word",
        title="Sweep",
        what="A search over hyper-parameters on held-out data: a grid, random points, a list of rates that is extended at "
        "its border, or TPE. It may give bad trials up early. Its winners can train on the full data with fresh seeds.",
        look="The heat map of rate and optimizer fills as trials end; diverged cells are results.",
        experiment=tuple(mlp("adam", settings={"lr": rate}) for rate in (0.0001, 0.001, 0.01)),
        see=("grid search", "held-out"),
        aliases=("sweeps", "trial", "trials"),
    ),
    Topic(
        id="equal-tuning",
        kind="word",
        title="Equal tuning",
        what="A comparison of methods is fair when each had the same budget of trials, on the same held-out data. The "
        "details of a preset tell which rates were tried and what each gave; Explain says which were not tuned.",
        look="At Adam's rate SGD has hardly begun, at SGD's rate Adam learns next to nothing: whoever's rate is shared wins.",
        experiment=(mlp("adam", "sgd", settings={"lr": 0.001}), mlp("adam", "sgd", settings={"lr": 0.1})),
        see=("grid search", "reference"),
        aliases=("budget", "fair comparison"),
    ),
    Topic(
        id="verdict",
        kind="word",
        title="Verdict",
        what="Why a run diverged, got worse, stood still or overfits, with the figures that say so, and the run to try. At a "
        "death the last steps are taken again to see where the first number that is not finite stood; then the beginning "
        "of the run, each time with one thing changed: the first change with which it lives names the cause. Where no "
        "figure decides, the cause is not known. A healthy run has no verdict.",
        look="Key W on the run in the table, or `tui-optim show`: batch 1 at rate 5 is lost by the sixth step, and a tenth of "
        "the rate lives.",
        experiment=(points("circles", "sgd-by-hand", settings={"batch_size": 1, "lr": 5}),),
        see=("divergence", "overfitting", "lr"),
        aliases=("why", "autopsy", "cause of death", "stalled"),
    ),
    Topic(
        id="race",
        kind="word",
        title="Race",
        what="All settings on one chart at equal cost, with their ranks at a cursor: how each stood when it had spent as "
        "much (key r; `tui-optim compare --axis … --at …`). A finished run keeps its last value.",
        look="Move the cursor: Adam leads after one epoch, and SGD with a cosine has the lowest validation loss at the end.",
        experiment=(mlp("sgd", "adam", "sgd-cosine", epochs=6),),
        see=("cost", "target"),
    ),
    Topic(
        id="sample",
        kind="word",
        title="Sample",
        what="The first 6,000 training and 1,000 test images, packed with the program, for machines without the data. "
        "Results on it are marked everywhere: they are not those of the full set. `tui-optim data fetch` gets the rest.",
        look="The same command with --sample ends with a wider gap between training and validation loss: fewer examples "
        "are learned by heart sooner.",
        experiment=(mlp("adam", epochs=10),),
        see=("overfitting",),
        aliases=("sample data",),
    ),
    Topic(
        id="preset",
        kind="word",
        title="Preset",
        what="An optimizer with its numbers, ready to be run: hyper-parameters, batch size, schedule, averaging, and how "
        "they were found. Everything can be changed before the start; your own are files (`tui-optim preset new`).",
        look="The same optimizer in two presets: untuned and tuned.",
        experiment=(lenet("sgd-baseline", "sgd"),),
        see=("scenario", "grid search"),
    ),
    Topic(
        id="scenario",
        kind="word",
        title="Scenario",
        what="What is trained: data, model, loss, splits and the usual length of a run. The optimizer is chosen beside it.",
        look="One preset on two scenarios: their losses cannot be compared, their shapes can.",
        experiment=(
            Arm(scenario="mlp-fashion", presets=("adam",), epochs=3, holdout=True),
            Arm(scenario="lenet5-fashion", presets=("adam",), epochs=3, holdout=True),
        ),
        see=("preset",),
    ),
    Topic(
        id="bit-for-bit",
        kind="word",
        title="Bit for bit",
        what="With one seed, one machine and one number of threads a run repeats to the last bit, a pause or a crash in "
        "between included; the assignment's baseline gives the very figures of the script that it replaces.",
        look="After two epochs of the baseline with seed 42, 33.46 % of the test images are classified correctly, as by "
        "the assignment's own script.",
        experiment=(Arm(scenario="lenet5-fashion", presets=("sgd-baseline",), epochs=2),),
        see=("seed", "sgd-baseline"),
        aliases=("reproducibility", "determinism"),
    ),
    Topic(
        id="memory-format",
        kind="word",
        title="Memory format",
        what="How the pixels of images lie in memory while convolutions work on them: contiguous, one channel after the "
        "other, or channels last, the channels of a pixel side by side. The kernels of a CPU are faster with the second "
        "where a network has many channels; they add the same numbers in another order, so that the last bits differ, and "
        "after some epochs the curves.",
        look="The losses of the first steps agree to six digits, then they part. LeNet-5, with 6 and 16 channels, takes as long "
        "either way; a network of your own with convolutions of 3 × 3 and more channels can be half as fast again.",
        experiment=tuple(
            Arm(scenario="lenet5-fashion", presets=("sgd",), settings={"memory_format": laid}, epochs=2)
            for laid in ("contiguous", "channels-last")
        ),
        see=("bit-for-bit", "batch"),
        aliases=("memory_format", "channels-last", "channels last"),
    ),
)
