"""What is tried of a run that died: rates below the one that killed, and nothing that rests on a single example."""

from dataclasses import replace

from tests.factories import EXPLODED, make_preset, make_spec
from tui_optim.spec.evidence import Evidence
from tui_optim.spec.remedies import Remedy, remedies

SPEC = make_spec("mlp-fashion", make_preset(hyperparameters={"lr": 5.0}))


def tried(found: Evidence) -> list[Remedy]:
    """All that would be tried."""
    return list(remedies(SPEC, found, bad_step=17, num_steps=10_000))


def test_rates_are_below_the_one_that_a_rising_rate_had_come_to() -> None:
    """A tenth of 2 % of 5, not of 5: the whole rise of the suggested run stays below what killed."""
    rates = [one.changes["lr"] for one in tried(replace(EXPLODED, rate_share=0.02)) if one.cause == "rate"]
    assert rates == [0.01, 0.001, 0.0001]
    assert [one.changes["lr"] for one in tried(EXPLODED)] == [0.5, 0.05, 0.005]


def test_one_large_number_does_not_make_inputs_large() -> None:
    """A mean square of 10²⁰ in which a typical row has 1.6 is a row's; where typical rows are large they are not normalised."""
    outlier = replace(EXPLODED, input_rms=1.2e19, largest_input=4.2e20, typical_input=1.6)
    assert {one.cause for one in tried(outlier)} == {"rate"}
    large = replace(EXPLODED, input_rms=100.0, largest_input=400.0, typical_input=200.0)
    assert tried(large)[0] == Remedy(cause="inputs", changes={"lr": 0.0005})
