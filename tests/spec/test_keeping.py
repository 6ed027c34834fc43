"""When a run may end by itself, and what it keeps: checked in one place, repeated by its command."""

import shlex

import pytest

from tests.factories import make_spec
from tests.sweep_factories import make_plan, make_sweep_spec
from tui_optim.spec.errors import UsageError
from tui_optim.spec.executors import LOCAL
from tui_optim.spec.keeping import Keeping, check_keeping, early_reason, is_early
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import find_scenario
from tui_optim.spec.stacking import stack_key
from tui_optim.spec.sweeps.plan import Point


@pytest.mark.parametrize(
    ("keeping", "scenario", "holdout", "words"),
    [
        (Keeping(patience=3), "lenet5-fashion", False, "lenet5-fashion has none of its own: add --holdout"),
        (Keeping(patience=3), "scalar-mean", False, "a function to minimise: leave it out"),
        (Keeping(patience=0), "circles", True, r"--patience 0: expected a whole number of epochs in \[1, 100000\]"),
        (Keeping(every=0), "circles", False, "--keep-every 0: expected a whole number"),
        (Keeping(patience=3, min_delta=-0.1), "circles", True, "--min-delta -0.1: expected a number of at least 0"),
        (Keeping(patience=3, min_delta=float("nan")), "circles", True, "--min-delta nan: expected"),
        (Keeping(min_delta=0.1), "circles", True, "--min-delta 0.1 is for a run that ends early: say --patience N too"),
    ],
)
def test_what_a_run_cannot_keep_to_is_refused(keeping: Keeping, scenario: str, holdout: bool, words: str) -> None:
    """The sentence says what to do; test data never ends a run."""
    with pytest.raises(UsageError, match=words):
        check_keeping(keeping, find_scenario(scenario), holdout=holdout)


def test_validation_data_of_the_scenarios_own_will_do() -> None:
    """Nothing needs to be held out where the scenario does it."""
    keeping = Keeping(patience=3)
    assert check_keeping(keeping, find_scenario("mlp-fashion"), holdout=False) == keeping


def test_the_command_repeats_it_and_the_file_knows_it() -> None:
    """Also where a file of an earlier version says nothing of it."""
    keeping = Keeping(patience=3, min_delta=0.001, every=5)
    spec = make_spec("mlp-fashion").model_copy(update={"keeping": keeping})
    assert "--patience 3 --min-delta 0.001 --keep-every 5" in spec.command
    assert RunSpec.model_validate_json(spec.model_dump_json()) == spec
    earlier = make_spec().model_dump(mode="json", exclude={"keeping"})
    assert RunSpec.model_validate(earlier).keeping == Keeping()
    assert "--patience" not in make_spec().command


def test_such_a_run_trains_alone() -> None:
    """In a stack all members have as many epochs."""
    spec = make_spec("circles", holdout=True)
    assert stack_key(spec, LOCAL) is not None
    for keeping in (Keeping(patience=3), Keeping(every=2)):
        assert stack_key(spec.model_copy(update={"keeping": keeping}), LOCAL) is None


def test_the_trials_of_a_sweep_end_early_and_the_winners_do_not() -> None:
    """The winners train on everything: there is no validation data to look at."""
    sweep = make_sweep_spec(make_plan(patience=2, min_delta=0.01, final={"seeds": (101,)}))
    point = Point(scenario=sweep.plan.scenarios[0], preset=sweep.plan.presets[0])
    assert sweep.trial_run(point, 7).keeping == Keeping(patience=2, min_delta=0.01)
    assert sweep.final_run(point, 101).keeping == Keeping()
    assert {"--patience", "--min-delta"} < set(shlex.split(sweep.command))


def test_the_reason_says_what_was_waited_for() -> None:
    """The loss, its epoch, and for how long it was not bettered."""
    usual = early_reason(Keeping(patience=3), loss=0.41234, epoch=7, waited=3)
    assert usual == "stopped early: val_loss 0.4123 at epoch 7 was not bettered for 3 epochs"
    assert early_reason(Keeping(patience=1, min_delta=0.01), loss=0.5, epoch=7, waited=1) == (
        "stopped early: val_loss 0.5 at epoch 7 was not bettered by more than 0.01 for 1 epoch"
    )
    assert "no finite number for 2 epochs" in early_reason(Keeping(patience=2), loss=float("inf"), epoch=0, waited=2)
    assert is_early(usual)
    assert not is_early("")
