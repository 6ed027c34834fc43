"""Methods that are judged by an average: Schedule-Free, and Lookahead's slow weights."""

from collections.abc import Mapping

from tui_optim.spec.calculator.adaptive import V_HAT, V
from tui_optim.spec.calculator.expression import Symbol, constant, root
from tui_optim.spec.calculator.momentum import momentum_direction
from tui_optim.spec.calculator.recipe import BETA1, BETA2, DECAY, EPS, LR, Recipe, State, add_l2, corrected
from tui_optim.spec.calculator.worksheet import G, T, W, Worksheet
from tui_optim.spec.errors import UsageError

_X, _Z, _SUM, _C = Symbol("x", "x"), Symbol("z", "z"), Symbol("S", "S"), Symbol("c", "c")
_D, _LR_T = Symbol("d", "d"), Symbol("lr_t", "ηₜ")
_WARMUP = Symbol("warmup_steps", "T")
_SHARE = Symbol("momentum", "β")
_PHI, _FAST = Symbol("phi", "φ"), Symbol("fast", "θ")
_K, _ALPHA = Symbol("k", "k"), Symbol("alpha", "α")
_VELOCITY = Symbol("v", "v")


def _schedule_free_sgd(sheet: Worksheet) -> None:
    add_l2(sheet)
    _average(sheet, G, share=_SHARE)


def _schedule_free_adamw(sheet: Worksheet) -> None:
    sheet.let(V, BETA2 * V + (1 - BETA2) * G**2)
    sheet.let(_D, G / (root(corrected(sheet, V, BETA2, V_HAT)) + EPS))
    if sheet.is_on(DECAY.name):
        sheet.let(_D, _D + DECAY * W)
    _average(sheet, _D, share=BETA1)


def _average(sheet: Worksheet, direction: Symbol, *, share: Symbol) -> None:
    """z takes the step, x is the weighted mean of all z, and the weight w (y in the paper) lies between the two."""
    rate = LR
    if sheet.values["t"] < sheet.values[_WARMUP.name]:
        rate = sheet.let(_LR_T, LR * T / _WARMUP)
    sheet.let(_SUM, _SUM + rate**2)
    sheet.let(_C, rate**2 / _SUM if sheet.values[_SUM.name] else constant(0))
    sheet.let(_X, (W - (1 - share) * _Z) / share)
    sheet.let(_Z, _Z - rate * direction)
    sheet.let(_X, (1 - _C) * _X + _C * _Z)
    sheet.move((1 - share) * _Z + share * _X - W)
    sheet.remark("w is y, where gradients are taken; the run is judged by x.")


def _weights_so_far(values: Mapping[str, float]) -> float:
    """Σ ηᵢ² over the steps before this one."""
    lr, warmup, steps = values["lr"], int(values["warmup_steps"]), int(values["t"]) - 1
    rising = min(steps, max(0, warmup - 1))
    squares = rising * (rising + 1) * (2 * rising + 1) / 6  # Σ i²
    return lr**2 * ((squares / warmup**2 if rising else 0.0) + (steps - rising))


def _lookahead(sheet: Worksheet) -> None:
    if sheet.choice("base") != "sgd":
        raise UsageError("base = adamw: here Lookahead's fast weights take steps of SGD; see AdamW's own: step adamw")
    add_l2(sheet)
    change = -(LR * momentum_direction(sheet, G))
    if sheet.values["t"] % sheet.values[_K.name]:
        sheet.move(change)
        sheet.remark("A step of the fast weights; the slow ones follow after every k-th.")
        return
    sheet.let(_FAST, W + change)
    sheet.let(_PHI, _PHI + _ALPHA * (_FAST - _PHI))
    sheet.move(_PHI - W)
    sheet.remark("The k-th step: the slow weights follow, and the fast ones start again from there.")


_AVERAGE_STATES = (
    State(symbol=_Z, help="where the steps lead", start=lambda values: values["w"]),
    State(symbol=_SUM, help="Σ ηᵢ²", is_positive=True, start=_weights_so_far),
)

AVERAGING: dict[str, Recipe] = {
    "schedule-free-sgd": Recipe(states=_AVERAGE_STATES, step=_schedule_free_sgd, symbols=(_SHARE, _WARMUP)),
    "schedule-free-adamw": Recipe(
        states=(State(symbol=V, help="running mean of the squared gradient", is_positive=True), *_AVERAGE_STATES),
        step=_schedule_free_adamw,
        symbols=(_WARMUP,),
        corrects_bias=True,
    ),
    "lookahead": Recipe(
        states=(
            State(symbol=_PHI, help="slow weight", start=lambda values: values["w"]),
            State(symbol=_VELOCITY, help="velocity of the fast weight", needs="momentum"),
        ),
        step=_lookahead,
        symbols=(_K, _ALPHA),
    ),
}
