"""What to look at with each schedule and each averaging; formula and source are in `spec.schedules` and `spec.averaging`."""

from tui_optim.spec.explain.topic import Lesson
from tui_optim.spec.explain.trials import mlp

SCHEDULE_LESSONS: dict[str, Lesson] = {
    "constant": Lesson(
        what="The rate stays what it is. SGD then comes near a minimum and stays as far from it as its noise keeps it.",
        look="At the larger rate the training loss falls faster, and the validation loss jumps from epoch to epoch; the "
        "smaller one is slow and calmer.",
        experiment=(mlp("sgd", epochs=10, settings={"lr": 0.3}), mlp("sgd", epochs=10, settings={"lr": 0.03})),
    ),
    "step": Lesson(
        what="The rate is multiplied by γ every k epochs.",
        look="The training loss drops at every decay, after the third and the sixth epoch, for the noise goes down with the "
        "rate.",
        experiment=(mlp("sgd-step", "sgd", epochs=9, settings={"lr": 0.3}),),
    ),
    "exponential": Lesson(
        what="The rate falls by the same share in every epoch; after 1/λ epochs 37 % of it is left.",
        look="A large λ stops learning early, a small one leaves the noise: three decays of one rate.",
        experiment=tuple(
            mlp("sgd-exponential", epochs=10, settings={"schedule.rate": decay}) for decay in (0.05, 0.3, 1.5)
        ),
    ),
    "inverse-time": Lesson(
        what="The rate falls like 1/t: slowly enough to get anywhere, fast enough to settle, as convergence proofs ask for.",
        look="It is ahead at first, for its rate falls at once; the cosine ends lower.",
        experiment=(mlp("sgd-inverse-time", "sgd-cosine", epochs=10),),
    ),
    "polynomial": Lesson(
        what="The rate falls to f η₀ like (1 − s/T)^p: a straight line for p = 1.",
        look="A larger power cools earlier: it leads at first and is caught up by the straight line.",
        experiment=tuple(mlp("sgd-polynomial", epochs=10, settings={"schedule.power": power}) for power in (1, 4)),
    ),
    "cosine": Lesson(
        what="The rate stays near η₀ at first and lands smoothly on f η₀ at the end of the run.",
        look="The jumps of the validation loss die away as the rate falls, and it ends lower than at the constant rate, "
        "which goes on jumping.",
        experiment=(mlp("sgd-cosine", "sgd", epochs=10, settings={"lr": 0.2}),),
    ),
    "cosine-restarts": Lesson(
        what="A cosine after the other; each begins again at η₀ and may be longer than the one before.",
        look="At the restart after five epochs the loss jumps up, and then falls below where it was: the end of each cycle "
        "is a usable model.",
        experiment=(mlp("sgd-cosine-restarts", "sgd-cosine", epochs=10),),
    ),
    "one-cycle": Lesson(
        what="The rate rises to its peak and falls to almost nothing, both along a cosine.",
        look="At its peak the loss is as high as that of the constant rate; as the rate falls it drops, and is lowest at "
        "the very end.",
        experiment=(mlp("sgd-one-cycle", "sgd", epochs=5, settings={"lr": 0.43}),),
    ),
    "warmup-cooldown": Lesson(
        what="A rise, a plateau at η₀, and a fall to f η₀: the fall may begin whenever one decides to stop.",
        look="On the plateau the loss is that of a constant rate; with the cool-down it drops.",
        experiment=(mlp("sgd-warmup-cooldown", "sgd", epochs=10, settings={"lr": 0.2}),),
    ),
    "plateau": Lesson(
        what="The rate falls when the loss has not: after more than p epochs without progress it is multiplied by γ.",
        look="The validation loss goes up and down for six epochs, then drops as the rate is cut. When that happens is decided "
        "by the losses: no epoch is named in advance.",
        experiment=(mlp("sgd-plateau", epochs=20, settings={"lr": 0.2}),),
    ),
}

AVERAGING_LESSONS: dict[str, Lesson] = {
    "none": Lesson(
        what="The run is judged by its last weights.",
        look="The validation loss goes up and down from epoch to epoch with the noise of the last steps.",
        experiment=(mlp("sgd", epochs=8, settings={"lr": 0.2}),),
    ),
    "polyak": Lesson(
        what="The run is judged by the mean of the weights since the second half of the run; training goes on from the "
        "weights themselves.",
        look="From half of the run on the validation loss drops and is smooth; before it both lines are the same.",
        experiment=(
            mlp("sgd-polyak", epochs=8, settings={"lr": 0.2}),
            mlp("sgd", epochs=8, settings={"lr": 0.2}),
        ),
    ),
    "swa": Lesson(
        what="The run is judged by the mean of the weights at the ends of its last epochs.",
        look="From half of the run on the weights at the ends of epochs are averaged: the validation loss no longer jumps. "
        "The points are few in a short run, and the first ones count as much as the last.",
        experiment=(mlp("sgd-swa", epochs=8, settings={"lr": 0.2}), mlp("sgd", epochs=8, settings={"lr": 0.2})),
    ),
    "ema": Lesson(
        what="The run is judged by a running mean of the weights that reaches back about 1/(1 − β) steps.",
        look="The line is calm and low from the first epochs on, at a rate that is noisy without the average.",
        experiment=(mlp("sgd-ema", epochs=8, settings={"lr": 0.2}), mlp("sgd", epochs=8, settings={"lr": 0.2})),
    ),
}
