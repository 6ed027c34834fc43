"""What to look at with presets that are more than their optimizer; all others have their optimizer's lesson.

A preset with a schedule or an averaging that is not listed here has the lesson of that rule.
"""

from tui_optim.spec.explain.topic import Lesson
from tui_optim.spec.explain.trials import lenet, mlp

PRESET_LESSONS: dict[str, Lesson] = {
    "batch-gd": Lesson(
        look="An epoch is one step with the exact gradient: after ten of them it is not where mini-batches are after one "
        "epoch. At this rate it goes up and down although nothing is random: the step is longer than 2/L there.",
        experiment=(mlp("batch-gd", "sgd", epochs=10),),
    ),
    "online-sgd": Lesson(
        look="After one epoch it is ahead of mini-batches per example; turn x to seconds, and it takes more than ten times "
        "as long, for nothing is done side by side.",
        experiment=(mlp("online-sgd", "sgd", epochs=1),),
    ),
    "sgd-baseline": Lesson(
        look="With lr 0.001 the loss hardly moves in three epochs; two hundred and twenty times the rate is still stable, "
        "and far ahead.",
        experiment=(lenet("sgd-baseline", "sgd"),),
    ),
    "heavy-ball": Lesson(
        look="With momentum 0.9 a tenth of the rate goes as far: in the training loss the heavy ball lies on SGD at ten "
        "times its rate, far below SGD at the same rate.",
        experiment=(
            mlp("heavy-ball", settings={"lr": 0.01}),
            mlp("sgd", settings={"lr": 0.1}),
            mlp("sgd", settings={"lr": 0.01}),
        ),
    ),
    "nesterov": Lesson(
        look="At a rate that is too large for the heavy ball the look ahead damps the overshoot: its training loss is far "
        "lower.",
        experiment=(mlp("nesterov", "heavy-ball", settings={"lr": 0.093}),),
    ),
    "nesterov-cosine": Lesson(
        look="At the high rate the validation loss is higher at first than with a constant, lower one; from the third epoch "
        "on, as the rate falls, it is below it.",
        experiment=(lenet("nesterov-cosine", "nesterov", epochs=6),),
    ),
    "amsgrad": Lesson(
        look="The largest v so far counts: after a burst of large gradients the steps stay short. Without one it is as "
        "Adam.",
        experiment=(mlp("amsgrad", "adam"),),
    ),
    "muon-cosine": Lesson(
        look="At four times the rate it is ahead from the first epoch on, and the decay lets it settle.",
        experiment=(lenet("muon-cosine", "muon"),),
    ),
    "kfac-cosine": Lesson(
        look="Five times the rate of plain K-FAC: it is higher at first, and its training loss drops below in the last "
        "epoch.",
        experiment=(lenet("kfac-cosine", "kfac"),),
    ),
    "soap-cosine": Lesson(
        look="Twenty times the rate of plain SOAP: after one and two epochs its validation loss is the higher one, and the "
        "last epoch brings it down to SOAP's.",
        experiment=(lenet("soap-cosine", "soap"),),
    ),
    "alpha-svrg": Lesson(
        look="The correction fades as it goes stale, that of SVRG stays at full strength: after six epochs α-SVRG has by far "
        "the lower training loss.",
        experiment=(lenet("alpha-svrg", "svrg", epochs=6),),
    ),
    "nesterov-ema": Lesson(
        look="The line of the average is calm from the first epochs on, while the weights behind it go on with a constant "
        "rate.",
        experiment=(mlp("nesterov-ema", "nesterov", epochs=6),),
    ),
}
