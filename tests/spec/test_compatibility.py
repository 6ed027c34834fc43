"""Ill-suited pairs are refused with their reason."""

from dataclasses import replace

import pytest

from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.optimizers import OPTIMIZERS
from tui_optim.spec.scenarios import SCENARIOS, Layer

LENET = SCENARIOS["lenet5-fashion"]
BATCHNORM = replace(LENET, layers=(*LENET.layers, Layer(name="norm", kind="BatchNorm1d", output="10", parameters=20)))
DROPOUT = replace(LENET, layers=(*LENET.layers, Layer(name="drop", kind="Dropout", output="10", parameters=0)))
SCALAR = replace(LENET, id="scalar", layers=(Layer(name="y", kind="number", output="1", parameters=1),))


@pytest.mark.parametrize(
    ("optimizer", "scenario", "part"),
    [
        ("muon", SCALAR, "weight matrices"),
        ("newton", LENET, "dense 44,426 × 44,426"),
        ("saga", BATCHNORM, "BatchNorm"),
        ("saga", DROPOUT, "drawn anew"),
        ("multibatch-lbfgs", DROPOUT, "before and after it has moved"),
        ("newton-cg", DROPOUT, "before and after it has moved"),
    ],
)
def test_an_ill_suited_pair_has_a_reason(optimizer: str, scenario: object, part: str) -> None:
    """Muon without matrices, Newton with 44,426 parameters, SAGA with BatchNorm; with dropout whatever compares two points."""
    assert part in (why_unsuited(scenario, OPTIMIZERS[optimizer]) or "")  # type: ignore[arg-type] # made by replace


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "muon", "svrg", "kfac", "lbfgs"])
def test_lenet_takes_most_methods(optimizer: str) -> None:
    """On the assignment's scenario nothing stands against these."""
    assert why_unsuited(LENET, OPTIMIZERS[optimizer]) is None
