"""Diagonal scaling: each weight has a rate of its own, from the gradients that it has seen."""

import math
from collections.abc import Mapping

from tui_optim.spec.calculator.expression import Expression, Symbol, constant, largest, magnitude, root, sign, smallest
from tui_optim.spec.calculator.recipe import (
    BETA1,
    BETA2,
    BETA3,
    DECAY,
    EPS,
    LR,
    MU,
    Recipe,
    State,
    add_l2,
    corrected,
)
from tui_optim.spec.calculator.worksheet import G, T, W, Worksheet

M, V = Symbol("m", "m"), Symbol("v", "v")
M_HAT, V_HAT = Symbol("m_hat", "m̂"), Symbol("v_hat", "v̂")
_V_MAX, _SUM, _U, _N = Symbol("v_max", "vₘₐₓ"), Symbol("G", "G"), Symbol("u", "u"), Symbol("n", "n")
_N_HAT, _G_MEAN, _B, _S = Symbol("n_hat", "n̂"), Symbol("g_mean", "ḡ"), Symbol("b", "b"), Symbol("s", "s")
_LAST, _DELTA = Symbol("g_last", "g₋"), Symbol("delta", "Δ")
_MU_T, _MU_NEXT, _MUS = Symbol("mu", "μₜ"), Symbol("mu_next", "μₜ₊₁"), Symbol("mu_product", "Π")
_RHO_MAX, _RHO_T, _R = Symbol("rho_max", "ρ∞"), Symbol("rho_t", "ρₜ"), Symbol("r", "r")
_LR_T, _LR_DECAY = Symbol("lr_t", "ηₜ"), Symbol("lr_decay", "κ")
_RHO, _ALPHA, _PSI = Symbol("rho", "ρ"), Symbol("alpha", "α"), Symbol("momentum_decay", "ψ")
_ETA_MINUS, _ETA_PLUS = Symbol("eta_minus", "η⁻"), Symbol("eta_plus", "η⁺")
_MIN, _MAX = Symbol("min_step", "Δₘᵢₙ"), Symbol("max_step", "Δₘₐₓ")

_MEAN = State(symbol=M, help="running mean of the gradient")
_SQUARE = State(symbol=V, help="running mean of the squared gradient", is_positive=True)
_LARGEST = State(symbol=_V_MAX, help="largest v so far", is_positive=True, needs="amsgrad")


FEW_STEPS = 1000
"""So many factors are multiplied one by one."""
NUM_TERMS = 60
"""Of a series whose terms halve: the rest is below rounding."""


def both_means(sheet: Worksheet) -> None:
    """m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²."""
    sheet.let(M, BETA1 * M + (1 - BETA1) * G)
    sheet.let(V, BETA2 * V + (1 - BETA2) * G**2)


def _adam_step(sheet: Worksheet) -> Expression:
    both_means(sheet)
    square = sheet.let(_V_MAX, largest(_V_MAX, V)) if sheet.is_on("amsgrad") else V
    m, v = corrected(sheet, M, BETA1, M_HAT), corrected(sheet, square, BETA2, V_HAT)
    return -(LR * m / (root(v) + EPS))


def _adam(sheet: Worksheet) -> None:
    add_l2(sheet)
    sheet.move(_adam_step(sheet))


def adamw_step(sheet: Worksheet) -> Expression:
    """The change of AdamW, whose weight decay stays outside of m and v."""
    step = _adam_step(sheet)
    return step - LR * DECAY * W if sheet.is_on(DECAY.name) else step


def _adamw(sheet: Worksheet) -> None:
    sheet.move(adamw_step(sheet))


def _adagrad(sheet: Worksheet) -> None:
    add_l2(sheet)
    rate = sheet.let(_LR_T, LR / (1 + (T - 1) * _LR_DECAY)) if sheet.is_on(_LR_DECAY.name) else LR
    sheet.let(_SUM, _SUM + G**2)
    sheet.move(-(rate * G / (root(_SUM) + EPS)))


def _adadelta(sheet: Worksheet) -> None:
    add_l2(sheet)
    sheet.let(V, _RHO * V + (1 - _RHO) * G**2)
    sheet.let(_DELTA, root(_U + EPS) / root(V + EPS) * G)
    sheet.let(_U, _RHO * _U + (1 - _RHO) * _DELTA**2)
    sheet.move(-(LR * _DELTA))


def _rmsprop(sheet: Worksheet) -> None:
    add_l2(sheet)
    square = sheet.let(V, _ALPHA * V + (1 - _ALPHA) * G**2)
    if sheet.is_on("centered"):
        sheet.let(_G_MEAN, _ALPHA * _G_MEAN + (1 - _ALPHA) * G)
        square = sheet.let(_S, V - _G_MEAN**2)
    if sheet.is_on(MU.name):
        sheet.let(_B, MU * _B + G / (root(square) + EPS))
        sheet.move(-(LR * _B))
    else:
        sheet.move(-(LR * G / (root(square) + EPS)))


def _adamax(sheet: Worksheet) -> None:
    add_l2(sheet)
    sheet.let(M, BETA1 * M + (1 - BETA1) * G)
    sheet.let(_U, largest(BETA2 * _U, magnitude(G) + EPS))
    sheet.move(-(LR * corrected(sheet, M, BETA1, M_HAT) / _U))


def _nadam(sheet: Worksheet) -> None:
    add_l2(sheet)
    both_means(sheet)
    sheet.let(_MU_T, BETA1 * (1 - 0.96 ** (T * _PSI) / 2))
    sheet.let(_MU_NEXT, BETA1 * (1 - 0.96 ** ((T + 1) * _PSI) / 2))
    sheet.let(_MUS, _MUS * _MU_T)
    if sheet.corrects_bias:
        sheet.let(M_HAT, _MU_NEXT * M / (1 - _MUS * _MU_NEXT) + (1 - _MU_T) * G / (1 - _MUS))
    else:
        sheet.let(M_HAT, _MU_NEXT * M + (1 - _MU_T) * G)
    sheet.move(-(LR * M_HAT / (root(corrected(sheet, V, BETA2, V_HAT)) + EPS)))


def _product_of_mus(values: Mapping[str, float]) -> float:
    """μ₁⋯μₜ₋₁; of many steps by log(1 − x) = −Σₖ xᵏ/k, for which Σₜ 0.96^(ψ t k) is a geometric series."""
    beta1, psi, count = values["beta1"], values["momentum_decay"], int(values["t"]) - 1
    if count <= FEW_STEPS:
        return math.prod(beta1 * (1 - math.pow(0.96, step * psi) / 2) for step in range(1, count + 1))
    if not psi:
        return math.pow(beta1 / 2, count)
    rate = psi * math.log(0.96)
    powers = range(1, NUM_TERMS + 1)
    logs = sum(math.exp(k * rate) * math.expm1(k * count * rate) / math.expm1(k * rate) / (k * 2**k) for k in powers)
    return math.pow(beta1, count) * math.exp(-logs)


def _radam(sheet: Worksheet) -> None:
    add_l2(sheet)
    both_means(sheet)
    mean = corrected(sheet, M, BETA1, M_HAT)
    sheet.let(_RHO_MAX, 2 / (1 - BETA2) - 1)
    sheet.let(_RHO_T, _RHO_MAX - 2 * T * BETA2**T / (1 - BETA2**T))
    if not sheet.values[_RHO_T.name] > 5:
        sheet.move(-(LR * mean))
        sheet.remark("ρₜ ≤ 5: v has seen too few gradients to scale by it.")
        return
    sheet.let(_R, root((_RHO_T - 4) * (_RHO_T - 2) * _RHO_MAX / ((_RHO_MAX - 4) * (_RHO_MAX - 2) * _RHO_T)))
    scale = root(1 - BETA2**T) * mean if sheet.corrects_bias else mean
    sheet.move(-(LR * _R * scale / (root(V) + EPS)))


def _rprop(sheet: Worksheet) -> None:
    add_l2(sheet)
    agreement = sheet.let(_S, G * _LAST)
    value = sheet.values[agreement.name]
    step = _ETA_PLUS * _DELTA if value > 0 else _ETA_MINUS * _DELTA if value < 0 else _DELTA
    sheet.let(_DELTA, smallest(largest(step, _MIN), _MAX))
    if value < 0:
        sheet.let(G, constant(0))
        sheet.remark("The sign has changed: the minimum lies between; the step is left out once.")
    sheet.let(_LAST, G)
    sheet.move(-(_DELTA * sign(G)))


def _lion(sheet: Worksheet) -> None:
    sheet.let(_U, sign(BETA1 * M + (1 - BETA1) * G))
    sheet.let(M, BETA2 * M + (1 - BETA2) * G)
    sheet.move(-(LR * (_U + DECAY * W if sheet.is_on(DECAY.name) else _U)))


def _adan(sheet: Worksheet) -> None:
    sheet.let(_DELTA, G - _LAST)
    sheet.let(M, BETA1 * M + (1 - BETA1) * G)
    sheet.let(V, BETA2 * V + (1 - BETA2) * _DELTA)
    sheet.let(_N, BETA3 * _N + (1 - BETA3) * (G + BETA2 * _DELTA) ** 2)
    sheet.let(_LAST, G)
    m, v = corrected(sheet, M, BETA1, M_HAT), corrected(sheet, V, BETA2, V_HAT)
    n = corrected(sheet, _N, BETA3, _N_HAT)
    step = LR * (m + BETA2 * v) / (root(n) + EPS)
    sheet.move((W - step) / (1 + LR * DECAY) - W if sheet.is_on(DECAY.name) else -step)


def _first_gradient(values: Mapping[str, float]) -> float:
    """Before the first step the package takes the gradient itself for the one before: their difference is 0."""
    return values["g"] if values["t"] == 1 else 0.0


ADAPTIVE: dict[str, Recipe] = {
    "adagrad": Recipe(
        states=(
            State(
                symbol=_SUM,
                help="sum of the squared gradients",
                is_positive=True,
                start=lambda values: values["initial_accumulator_value"],
            ),
        ),
        step=_adagrad,
        symbols=(_LR_DECAY, Symbol("initial_accumulator_value", "G₀")),
    ),
    "adadelta": Recipe(
        states=(_SQUARE, State(symbol=_U, help="running mean of the squared steps", is_positive=True)),
        step=_adadelta,
        symbols=(_RHO,),
    ),
    "rmsprop": Recipe(
        states=(
            _SQUARE,
            State(symbol=_G_MEAN, help="running mean of the gradient", needs="centered"),
            State(symbol=_B, help="momentum of the scaled gradient", needs="momentum"),
        ),
        step=_rmsprop,
        symbols=(_ALPHA,),
    ),
    "adam": Recipe(states=(_MEAN, _SQUARE, _LARGEST), step=_adam, corrects_bias=True),
    "adamw": Recipe(states=(_MEAN, _SQUARE, _LARGEST), step=_adamw, corrects_bias=True),
    "adamax": Recipe(
        states=(_MEAN, State(symbol=_U, help="running maximum of |g|", is_positive=True)),
        step=_adamax,
        corrects_bias=True,
    ),
    "nadam": Recipe(
        states=(
            _MEAN,
            _SQUARE,
            State(symbol=_MUS, help="product of the μ so far", is_positive=True, start=_product_of_mus),
        ),
        step=_nadam,
        symbols=(_PSI,),
        corrects_bias=True,
    ),
    "radam": Recipe(states=(_MEAN, _SQUARE), step=_radam, corrects_bias=True),
    "rprop": Recipe(
        states=(
            State(symbol=_LAST, help="gradient of the step before"),
            State(symbol=_DELTA, help="length of the step", is_positive=True, start=lambda values: values["lr"]),
        ),
        step=_rprop,
        symbols=(_ETA_MINUS, _ETA_PLUS, _MIN, _MAX),
    ),
    "lion": Recipe(states=(_MEAN,), step=_lion),
    "adan": Recipe(
        states=(
            State(symbol=_LAST, help="gradient of the step before", start=_first_gradient),
            _MEAN,
            State(symbol=V, help="running mean of the gradients' differences"),
            State(symbol=_N, help="running mean of squares", is_positive=True),
        ),
        step=_adan,
        corrects_bias=True,
    ),
}
