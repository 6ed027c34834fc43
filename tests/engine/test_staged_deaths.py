"""Ten staged deaths: the verdict names the cause of each, and what it suggests lives; what is not decided is not claimed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engine.runs_for_tests import make_run, train_here
from tests.factories import make_series
from tests.own_scenarios import SINE, own_run, write_scenario
from tui_optim.report.death import verdict_of_death
from tui_optim.report.finding import Finding, Verdict
from tui_optim.report.standstill import verdict_of_end
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.events import CommandSeen, Examined
from tui_optim.spec.evidence import Evidence
from tui_optim.spec.presets import check_schedule
from tui_optim.spec.remedies import Remedy, changed_run
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import find_scenario

PLAIN = SINE.replace("Tanh", "ReLU").replace(", tanh", ", ReLU")
"""A net without anything that holds its activations."""
LOSS = "return (outputs - targets).square().mean()"
RETURN = "return x[:256]"
LARGE_INPUTS = PLAIN.replace(RETURN, f"x = 100 * x\n    {RETURN}")
LATE_ROW = PLAIN.replace(RETURN, f"x[200] = 1e6\n    {RETURN}")
"""It kills two steps after its batch."""
BAD_ROW = PLAIN.replace(RETURN, f"x[200] = 1e12\n    {RETURN}")
LOG_OF_ZERO = SINE.replace(LOSS, "return (targets.square() * -(outputs + 0.5).relu().log() + outputs.square()).mean()")
ROOT_OF_ZERO = SINE.replace(LOSS, "return (outputs.square() + (0 * outputs).square().sqrt()).mean()")
BLIND_INPUT = (
    SINE.replace("Linear(1, 16)", "Linear(2, 16)")
    .replace("parameters=32, weights=16", "parameters=48, weights=32")
    .replace(RETURN, f"x = torch.cat([x, 0 * x], 1)\n    {RETURN}")
)
"""Half of its first weights never have a gradient."""
FICKLE = SINE.replace(
    "return nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))",
    """
    class Fickle(nn.Module):
        def __init__(self):
            super().__init__()
            self.net, self.calls = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1)), 0

        def forward(self, x):
            self.calls += self.training
            return self.net(x) * (1.0 if self.calls < 20 else float("nan"))

    return Fickle()""",
)
PENALISED = (
    SINE.replace("epochs=3,", 'epochs=3,\n    penalised_layers=("0",),').replace('"fc1"', '"0"').replace('"fc2"', '"2"')
)
STRONG = {"kind": "l2", "strength": 100.0, "l1_ratio": 0.5}


@dataclass(frozen=True, kw_only=True)
class Death:
    """A run that is going to die, and of what."""

    what: str
    finding: Finding
    scenario: str
    settings: dict[str, Any]
    epochs: int = 3
    update: dict[str, Any] | None = None
    """Of the run's specification."""
    is_mended: bool = True
    """Whether settings can mend it."""


DEATHS = (
    Death(what="rate too large", finding="rate", scenario=SINE, settings={"lr": 5.0}),
    Death(what="plain net at rate 0.5", finding="rate", scenario=PLAIN, settings={"lr": 0.5}),
    Death(what="log of zero", finding="loss", scenario=LOG_OF_ZERO, settings={"lr": 0.01}, is_mended=False),
    Death(
        what="exploding penalty",
        finding="penalty",
        scenario=PENALISED,
        settings={"lr": 0.05},
        update={"penalty": STRONG},
        epochs=4,
    ),
    Death(what="bad data row", finding="row", scenario=BAD_ROW, settings={"lr": 0.05}, is_mended=False),
    Death(
        what="momentum",
        finding="momentum",
        scenario=PLAIN,
        settings={"lr": 0.05, "momentum": 0.999999},
        epochs=8,
    ),
    Death(what="weight decay", finding="weight-decay", scenario=SINE, settings={"lr": 0.25, "weight_decay": 10.0}),
    Death(what="inputs not normalised", finding="inputs", scenario=LARGE_INPUTS, settings={"lr": 0.05}),
    Death(
        what="epsilon of 0", finding="eps", scenario=BLIND_INPUT, settings={"optimizer": "adam", "lr": 0.01, "eps": 0.0}
    ),
    Death(
        what="no memory of squares",
        finding="averages",
        scenario=PLAIN,
        settings={"optimizer": "adam", "lr": 0.01, "beta1": 0.99, "beta2": 0.0},
    ),
)


def died(run: RunSpec) -> tuple[Verdict, Evidence | None]:
    """What is said of a run that dies here, and the evidence."""
    ended, heard = train_here(run)
    assert ended.state == "diverged"
    found = [event.evidence for event in heard.events if isinstance(event, Examined)]
    if found:
        assert found[0].step == int(ended.reason.split()[-2]), "the copy dies at the very step"
    return verdict_of_death(run, make_series(heard.events)), found[0] if found else None


@pytest.mark.parametrize("death", DEATHS, ids=[death.what for death in DEATHS])
def test_the_cause_is_named_and_the_suggested_run_lives(death: Death, tmp_path: Path) -> None:
    """Eight of ten have a suggestion, which trains to its end without getting worse; two are said to be beyond settings."""
    path = write_scenario(tmp_path, death.scenario)
    run = own_run(path, epochs=death.epochs, **death.settings).model_copy(update=death.update or {})
    verdict, evidence = died(run)
    assert verdict.finding == death.finding, verdict
    assert evidence is not None
    assert Evidence.from_json(json.loads(json.dumps(evidence.to_log()))) == evidence
    assert bool(verdict.changes) == verdict.was_tried == death.is_mended, verdict
    if death.is_mended:
        ended, heard = train_here(changed_run(run, verdict.changes))
        assert ended.state == "finished"
        end = verdict_of_end(run, heard.epochs)
        assert end is None or end.finding not in ("worse", "stalled"), end


def test_eight_of_ten_are_mended() -> None:
    """The table is what was promised."""
    assert len(DEATHS) == 10
    assert sum(death.is_mended for death in DEATHS) >= 8


def test_evidence_says_where_it_began(tmp_path: Path) -> None:
    """The bad row is named with its layer; the user's loss with its file; a gradient without a bad loss with its layer."""
    verdict, evidence = died(own_run(write_scenario(tmp_path, BAD_ROW), lr=0.05))
    assert "row 200 (from 0)" in verdict.sentence
    assert evidence is not None
    assert (evidence.place, evidence.layer) == ("layer", "2")
    path = write_scenario(tmp_path, LOG_OF_ZERO.replace('"sine"', '"log"'), name="log.py")
    verdict, _ = died(own_run(path, lr=0.01))
    assert "in log.py" in verdict.sentence
    path = write_scenario(tmp_path, ROOT_OF_ZERO.replace('"sine"', '"root"'), name="root.py")
    verdict, evidence = died(own_run(path, lr=0.01))
    assert verdict.finding == "gradient"
    assert evidence is not None
    assert (evidence.place, evidence.layer) == ("gradient", "2")
    assert not verdict.changes


def test_what_no_change_mends_is_not_known(tmp_path: Path) -> None:
    """A model that fails by itself after a while fails at every rate: nothing is claimed, and nothing suggested."""
    verdict, evidence = died(own_run(write_scenario(tmp_path, FICKLE), lr=0.05))
    assert evidence is not None
    assert [trial.has_lived for trial in evidence.trials] == [False] * 4
    assert verdict.finding == "unknown"
    assert "not known" in verdict.sentence
    assert not verdict.changes


def test_a_rate_may_be_too_large_for_the_first_steps_alone(tmp_path: Path) -> None:
    """It lives after a warm-up, which is suggested in place of a smaller rate."""
    run = own_run(write_scenario(tmp_path, PLAIN), lr=0.25, epochs=8)
    verdict, _ = died(run)
    assert verdict.finding == "start"
    again = changed_run(run, verdict.changes)
    assert (again.schedule, again.hyperparameters["lr"]) == ("warmup-cooldown", 0.25)
    assert "--set schedule.kind=warmup-cooldown" in again.command
    ended, heard = train_here(again)
    assert ended.state == "finished"
    assert heard.progress[-1].loss < 0.5


def test_of_a_rate_that_rises_the_one_that_killed_is_named(tmp_path: Path) -> None:
    """It died on the way up: a rate is suggested that never comes so far, tried past its largest; with it the run learns."""
    run = own_run(write_scenario(tmp_path, PLAIN), lr=50.0, epochs=8)
    kind, parameters = check_schedule({"kind": "cosine", "warmup": 0.5})
    run = run.model_copy(update={"schedule": kind, "schedule_parameters": parameters})
    verdict, evidence = died(run)
    assert evidence is not None
    assert evidence.last_lr is not None
    assert evidence.last_lr == pytest.approx(50.0 * evidence.rate_share)
    assert f"at {evidence.last_lr:.3g}, on its way up to 50, the loss grew" in verdict.sentence
    assert float(verdict.changes["lr"]) < evidence.last_lr < 50.0
    trial = evidence.living
    assert trial is not None
    assert (trial.rate_share, trial.steps > run.length(256).num_steps / 2) == (1.0, True)
    ended, heard = train_here(changed_run(run, verdict.changes))
    assert ended.state == "finished"
    assert heard.progress[-1].loss < evidence.first_loss


def test_a_run_that_dies_of_a_command_lives_without_it(tmp_path: Path) -> None:
    """The steps since the checkpoint are taken again with the command, which kills, and without it; its rate was well chosen."""
    run = own_run(write_scenario(tmp_path, PLAIN), lr=0.02, epochs=4)
    told = CommandSeen(command="rate", step=60, value=1000.0)
    ended, heard = train_here(run, commands=[told])
    assert ended.state == "diverged"
    (evidence,) = [event.evidence for event in heard.events if isinstance(event, Examined)]
    assert [(trial.cause, trial.has_lived) for trial in evidence.trials] == [("command", True)]
    assert Evidence.from_json(json.loads(json.dumps(evidence.to_log()))) == evidence
    verdict = verdict_of_death(run, make_series([told, *heard.events]))
    assert (verdict.finding, verdict.changes, verdict.has_suggestion) == ("command", {}, True)
    assert "multiplied by 1,000 at step 60: at 20 the loss came to" in verdict.sentence


def test_a_bad_row_may_kill_some_steps_after_its_batch(tmp_path: Path) -> None:
    """Since its batch the loss was lost: neither inputs nor rate are blamed."""
    verdict, evidence = died(own_run(write_scenario(tmp_path, LATE_ROW), lr=0.02))
    assert evidence is not None
    assert (verdict.finding, verdict.has_suggestion, evidence.trials) == ("row", False, ())


def test_a_rate_at_which_nothing_is_learnt_is_no_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its loss stays finite, and where it was: it has not lived."""
    still = Remedy(cause="rate", changes={"lr": 1e-39})
    monkeypatch.setattr("tui_optim.engine.trials.remedies", lambda *_, **__: iter([still]))
    verdict, evidence = died(own_run(write_scenario(tmp_path, SINE), lr=5.0))
    assert evidence is not None
    assert [(trial.has_lived, trial.last_loss < 10) for trial in evidence.trials] == [(False, True)]
    assert (verdict.finding, verdict.has_suggestion) == ("unknown", False)
    assert "learnt nothing" in verdict.sentence


def test_theory_decides_on_a_quadratic() -> None:
    """Gradient descent on f₁, λ = 2: above 2/λ = 1 it runs away; 1/λ is suggested."""
    source = generated_source(find_scenario("quadratic-f1").dataset)
    verdict, _ = died(make_run(source, scenario="quadratic-f1", batch_size="full", lr=50.0, epochs=400))
    assert verdict.finding == "rate"
    assert verdict.changes == {"lr": 0.5}
    assert ("largest stable rate", "1") in verdict.figures


@pytest.fixture
def healthy(tmp_path: Path) -> RunSpec:
    """A run that learns."""
    return own_run(write_scenario(tmp_path, SINE), lr=0.1, epochs=4)


def test_a_healthy_run_has_no_verdict(healthy: RunSpec) -> None:
    """It is not examined, and nothing is said of it."""
    ended, heard = train_here(healthy)
    assert ended.state == "finished"
    assert not any(isinstance(event, Examined) for event in heard.events)
    assert verdict_of_end(healthy, heard.epochs) is None


def test_a_copy_that_fails_costs_the_run_nothing(healthy: RunSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong with other values is said; the run has diverged as it would have, with what was found before."""

    def fail(*_: object) -> None:
        raise RuntimeError("linalg.solve: the matrix is singular")

    monkeypatch.setattr("tui_optim.engine.autopsy.tried", fail)
    verdict, evidence = died(changed_run(healthy, {"lr": 5.0}))
    assert evidence is not None
    assert evidence.place == "loss"
    assert "the same run failed with other values" in verdict.sentence
    assert not verdict.was_tried


def test_nothing_is_claimed_where_a_copy_does_not_die(healthy: RunSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the steps cannot be taken again the cause is not known; a smaller rate is suggested, and said to be untried."""
    absent: Callable[..., None] = lambda *_, **__: None  # noqa: E731
    monkeypatch.setattr("tui_optim.engine.loop.autopsy", absent)
    verdict, evidence = died(changed_run(healthy, {"lr": 5.0}))
    assert evidence is None
    assert (verdict.finding, verdict.changes, verdict.was_tried) == ("unknown", {"lr": 0.5}, False)
