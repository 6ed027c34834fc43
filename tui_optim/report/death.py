"""Why a run diverged, from the evidence that was found at its death.

A cause is named where the figures decide it, most often because the same run lived with one thing changed; else the sentence
says that it is not known.
"""

from pathlib import PurePath

from tui_optim.report.cells import short_value
from tui_optim.report.finding import Figures, Verdict, changes_text, growth_text, smaller_rate
from tui_optim.report.series import RunSeries
from tui_optim.report.told import verdict_of_command, without_commands
from tui_optim.spec.evidence import Evidence, Trial
from tui_optim.spec.remedies import rounded
from tui_optim.spec.run import RunSpec

RISEN = 0.99
"""A rate that has come to this share of what its schedule leads to has risen."""


def verdict_of_death(spec: RunSpec, series: RunSeries) -> Verdict:
    """The cause, or that it is not known."""
    found = series.evidence
    lr = float(spec.hyperparameters.get("lr", 0.0))
    if found is None:
        return verdict_of_command(spec, series) or without_commands(_without_evidence(series, lr), series)
    figures = _figures(spec, found)
    if too_large := _beyond_theory(spec, figures, lr):
        return too_large
    by_command = verdict_of_command(spec, series, figures=figures)
    if by_command and by_command.was_tried:
        return by_command
    if at_once := _of_one_place(spec, found, figures):
        return at_once
    if by_command:
        return by_command
    return _of_living(spec, found, figures) or without_commands(_unknown(found, figures, lr), series)


def _without_evidence(series: RunSeries, lr: float) -> Verdict:
    """Where the steps before were not taken again."""
    why = series.ended.reason if series.ended else ""
    sentence = f"The cause is not known: {why or 'the loss is not finite'}, and the steps before were not taken again."
    return Verdict(finding="unknown", sentence=sentence, changes=smaller_rate(lr))


def _beyond_theory(spec: RunSpec, figures: Figures, lr: float) -> Verdict | None:
    """A rate from where on the method runs away on this function, whatever the steps show."""
    limit, quadratic = _largest_stable_rate(spec), spec.scenario_info.quadratic
    if not limit or not lr > limit:
        return None
    curvature = max(quadratic.eigenvalues) if quadratic else 0.0
    return Verdict(
        finding="rate",
        sentence=f"The learning rate is too large: {lr:g} is above {limit:g}, from where on this method runs away on "
        f"this function, whose largest curvature is {curvature:g}.",
        figures=(*figures, ("largest curvature λ", f"{curvature:g}"), ("largest stable rate", f"{limit:g}")),
        changes={"lr": rounded(1 / curvature)},
    )


def _of_one_place(spec: RunSpec, found: Evidence, figures: Figures) -> Verdict | None:
    """What one row of the data, the loss itself or its gradient did, whatever the steps before."""
    if found.is_of_row:
        sentence = (
            f"One training example is out of all proportion: row {found.largest_row} (from 0) has a number of magnitude "
            f"{found.largest_input:.3g}, a typical row has {found.typical_input:.3g} at most, and it was in the batch when "
            "the loss was lost. No setting mends that: look at the data."
        )
        return Verdict(finding="row", sentence=sentence, figures=figures)
    if found.is_of_loss:
        return Verdict(finding="loss", sentence=_of_loss(spec, found), figures=figures)
    if found.is_of_gradient:
        sentence = (
            f"The loss was an ordinary number ({found.last_loss:.3g}), its gradient was not, first in layer "
            f"{found.layer}: a root of 0 or a division by 0 in the model or the loss has no gradient there."
        )
        return Verdict(finding="gradient", sentence=sentence, figures=figures)
    return None


def _of_living(spec: RunSpec, found: Evidence, figures: Figures) -> Verdict | None:
    """What one change of the same run mended."""
    trial = found.living
    if trial is None or not trial.changes:
        return None
    proof = (
        f" With {changes_text(spec, trial.changes)} the same run, begun again, was at a loss of {trial.last_loss:.3g} "
        f"after {trial.steps:,} steps{_rate_then(spec, found, trial)}."
    )
    return Verdict(
        finding=trial.cause,
        sentence=_of_trial(spec, found, trial) + proof,
        figures=figures,
        changes=trial.changes,
        was_tried=True,
        how_far=_how_far(spec, found, trial),
    )


def _unknown(found: Evidence, figures: Figures, lr: float) -> Verdict:
    if found.step == 1:
        where = f" in layer {found.layer}" if found.layer else ""
        why = f"the untrained model gives a number that is not finite{where} already, so look at model, loss and data"
        return Verdict(finding="unknown", sentence=f"The cause is not known: {why}.", figures=figures)
    if found.trials:
        why = "it died, its loss grew, or it learnt nothing, with each of what was tried too"
        return Verdict(finding="unknown", sentence=f"The cause is not known: {why}.", figures=figures)
    why = f"nothing was tried, for {found.untried}" if found.untried else "there is no setting to try"
    return Verdict(
        finding="unknown", sentence=f"The cause is not known: {why}.", figures=figures, changes=smaller_rate(lr)
    )


def _of_trial(spec: RunSpec, found: Evidence, trial: Trial) -> str:
    """What was wrong, where a run with this change lives."""
    values, (name, *_) = spec.hyperparameters, trial.changes
    planned = float(values.get("lr", 0.0))
    lr = (
        planned if found.last_lr is None else found.last_lr
    )  # with which it died: a rising one had not come to its largest
    match trial.cause:
        case "eps":
            return f"The step divides by zero: eps={short_value(values['eps'])} leaves 0 where a gradient has always been 0."
        case "averages":
            return (
                f"The mean of the squared gradients is too short: {name}={short_value(values[name])} divides a step by hardly "
                "more than the latest gradient, and a small one makes it as long as it likes."
            )
        case "weight-decay":
            return f"The weight decay is too strong for the rate: {_decay(lr, float(values['weight_decay']))}."
        case "penalty":
            return f"The penalty is too strong for the rate: {_decay(lr, float(spec.penalty['strength']))}."
        case "momentum":
            momentum = float(values["momentum"])
            return (
                f"The momentum is too heavy: with {momentum:g} a gradient pushes for about {1 / (1 - momentum):,.0f} steps, as "
                f"if the rate were {lr / (1 - momentum):,.3g} in the end."
            )
        case "inputs":
            return (
                f"The inputs are not normalised: their root mean square is {found.input_rms:.3g}, and a rate of {lr:.3g} is one "
                "for about 1. Dividing them is better than the smaller rate."
            )
        case _:
            first = " for the first steps" if trial.cause == "start" else ""
            rising = f", on its way up to {planned:.3g}," if found.rate_share < RISEN else ""
            return f"The learning rate is too large{first}: at {lr:.3g}{rising} {growth_text(found)}."


def _decay(lr: float, strength: float) -> str:
    share = lr * strength
    what = "from 2 on a step makes weights larger, not smaller" if share >= 2 else "a large share of every weight"
    return f"each step takes {share:.3g} times the weights away, {what}"


def _of_loss(spec: RunSpec, found: Evidence) -> str:
    origin = spec.scenario_info.origin
    where = f" in {PurePath(origin).name}" if origin else ""
    rows = f", on {found.bad_rows} of {found.batch_size} examples" if found.bad_rows else ""
    return (
        f"The loss itself{where} is not finite where the model's outputs are ordinary numbers, of magnitude "
        f"{found.largest_output:.3g} at most{rows}: a logarithm of 0 or a division by 0. No setting mends that."
    )


def _largest_rate(spec: RunSpec, trial: Trial) -> float:
    return float(trial.changes.get("lr", spec.hyperparameters.get("lr", 0.0)))


def _rate_then(spec: RunSpec, found: Evidence, trial: Trial) -> str:
    """Where a trial's rate had come to, if it rises."""
    largest = _largest_rate(spec, trial)
    if trial.rate_share < RISEN:
        return f", its rate then at {largest * trial.rate_share:.2g} of {largest:g}; what comes after was not tried"
    return f", beyond its largest rate of {largest:g}" if found.rate_share < RISEN else ""


def _how_far(spec: RunSpec, found: Evidence, trial: Trial) -> str:
    if trial.rate_share < RISEN:
        return f"its beginning, up to a rate of {_largest_rate(spec, trial) * trial.rate_share:.2g},"
    return "its beginning, up to beyond its largest rate," if found.rate_share < RISEN else "its beginning"


def _figures(spec: RunSpec, found: Evidence) -> Figures:
    places = {
        "weights": "in the weights, after the step before",
        "gradient": "in the gradient of the step before",
        "layer": "in what a layer gives",
        "loss": "in the loss, of finite outputs",
    }
    rows = [("first bad step", f"{found.step:,}"), ("first bad number", places[found.place])]
    rows += [("first bad layer", found.layer)] if found.layer else []
    for what, value in (
        ("loss at the branch" if spec.parent else "loss of the untrained model", found.first_loss),
        ("last finite loss", found.last_loss),
        ("last finite rate", found.last_lr),
        ("gradient norm then", found.last_grad_norm),
        ("norm of the weights then", found.last_weight_norm),
        ("of the weights at the branch" if spec.parent else "of the untrained weights", found.first_weight_norm),
        ("largest output", found.largest_output),
        ("root mean square of the inputs", found.input_rms),
    ):
        rows += [(what, f"{value:.4g}")] if value is not None else []
    for trial in found.trials:
        end = f"loss {trial.last_loss:.3g} after {trial.steps:,} steps"
        what = f"with {changes_text(spec, trial.changes)}" if trial.changes else "without the command"
        rows.append((what, end if trial.has_lived else f"no: {end}"))
    return tuple(rows)


def _largest_stable_rate(spec: RunSpec) -> float | None:
    """2 (1 + μ)/λ of gradient descent and heavy ball on a quadratic (Polyak 1964); None where theory does not say."""
    values, quadratic = spec.hyperparameters, spec.scenario_info.quadratic
    is_plain = not values.get("nesterov") and not values.get("dampening") and not values.get("weight_decay")
    if quadratic is None or spec.optimizer not in ("sgd", "sgd-by-hand") or spec.schedule != "constant" or not is_plain:
        return None
    return 2 * (1 + float(values.get("momentum", 0.0))) / max(quadratic.eigenvalues)
