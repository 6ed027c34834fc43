"""Iterate averaging around any optimizer: the run is judged by θ̄ while the optimizer goes on from θ.

Shares of a run are counted in work done, not in steps, so that they mean the same for every method.
"""

from tui_optim.spec.errors import UsageError, unknown
from tui_optim.spec.hyperparameters import Hyperparameter, Value, check_all
from tui_optim.spec.rule import Rule


def _start(default: float) -> Hyperparameter:
    return Hyperparameter(
        name="start", default=default, help="share of the run after which the average begins", maximum=0.99
    )


AVERAGINGS: dict[str, Rule] = {
    averaging.id: averaging
    for averaging in (
        Rule(id="none", name="None", formula="θ̄ = θ", source="", parameters=()),
        Rule(
            id="polyak",
            name="Polyak–Ruppert",
            formula="θ̄ = mean of the iterates after a share s of the run",
            source=(
                "Polyak & Juditsky 1992; Bottou, Curtis & Nocedal 2018, arXiv 1606.04838, eq. 5.16; "
                "suffix: Rakhlin, Shamir & Sridharan 2012, arXiv 1109.5647"
            ),
            parameters=(_start(0.5),),
        ),
        Rule(
            id="swa",
            name="Stochastic weight averaging",
            formula="θ̄ = mean of θ at every c-th epoch's end\nafter a share s of the run",
            source="Izmailov, Podoprikhin, Garipov, Vetrov & Wilson 2018, arXiv 1803.05407",
            parameters=(
                _start(0.75),
                Hyperparameter(
                    name="every", kind="int", default=1, help="epochs c between samples", minimum=1, maximum=100_000
                ),
            ),
        ),
        Rule(
            id="ema",
            name="Exponential moving average",
            formula="θ̄ ← β(t) θ̄ + (1 − β(t)) θ  at every step t\nβ(t) = min(β, t/(9 + t))",
            source="Polyak & Juditsky 1992; warm-up of β: TensorFlow ExponentialMovingAverage (num_updates)",
            parameters=(
                Hyperparameter(
                    name="decay",
                    default=0.999,
                    help="decay β: the average reaches back about 1/(1 − β) steps",
                    maximum=0.999999,
                ),
            ),
        ),
    )
}


def check_averaging(values: dict[str, Value], *, where: str = "averaging.") -> dict[str, Value]:
    """Return a checked averaging table with its kind, completed by defaults; empty for 'none'. Raises UsageError."""
    kind = str(values.get("kind", "none"))
    if kind not in AVERAGINGS:
        problem = unknown("averaging", kind, AVERAGINGS)
        raise UsageError(f"{where}kind: {problem}")
    averaging = AVERAGINGS[kind]
    given = {name: value for name, value in values.items() if name != "kind"}
    if kind == "none" and given:
        with_it = [other.id for other in AVERAGINGS.values() if other.parameters]
        raise UsageError(f"{where}{next(iter(given))}: needs {where}kind = {', '.join(with_it)}")
    checked = check_all(given, averaging.parameters, where=where, kind=f"averaging {kind!r}")
    return {} if kind == "none" else {"kind": kind, **{p.name: p.default for p in averaging.parameters}, **checked}
