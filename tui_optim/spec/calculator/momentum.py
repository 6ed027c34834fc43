"""SGD, with and without momentum, and momentum as a running mean."""

from collections.abc import Mapping

from tui_optim.spec.calculator.expression import Expression, Symbol
from tui_optim.spec.calculator.recipe import LR, MU, Recipe, State, add_l2
from tui_optim.spec.calculator.worksheet import G, Worksheet

_V, _M = Symbol("v", "v"), Symbol("m", "m")
_DAMPENING = Symbol("dampening", "τ")
_BETA = Symbol("beta", "β")


def momentum_direction(sheet: Worksheet, added: Expression) -> Expression:
    """v ← μ v + what is added; the first step, which has no v yet, takes g. Without momentum the direction is g itself."""
    if not sheet.is_on(MU.name):
        return G
    return sheet.let(_V, MU * _V + added if sheet.has(_V) else G)


def _sgd(sheet: Worksheet) -> None:
    add_l2(sheet)
    direction = momentum_direction(sheet, (1 - _DAMPENING) * G if sheet.is_on(_DAMPENING.name) else G)
    sheet.move(-(LR * (G + MU * _V if sheet.is_on("nesterov") else direction)))


def _sgd_by_hand(sheet: Worksheet) -> None:
    sheet.move(-(LR * G))


def _no_velocity_yet(values: Mapping[str, float]) -> float | None:
    """Before the first step torch has no v: what comes first is not dampened."""
    return None if values["t"] == 1 and values["dampening"] else 0.0


def _momentum_ema(sheet: Worksheet) -> None:
    add_l2(sheet)
    sheet.let(_M, _BETA * _M + (1 - _BETA) * G)
    sheet.move(-(LR * _M))


MOMENTUM: dict[str, Recipe] = {
    "sgd": Recipe(
        states=(State(symbol=_V, help="velocity", needs="momentum", start=_no_velocity_yet),),
        step=_sgd,
        symbols=(_DAMPENING,),
    ),
    "sgd-by-hand": Recipe(states=(), step=_sgd_by_hand),
    "momentum-ema": Recipe(
        states=(State(symbol=_M, help="running mean of the gradient"),), step=_momentum_ema, symbols=(_BETA,)
    ),
}
